// The querystring module.
function makeQuerystring(encode, decode) {
  // Invalid UTF-8 becomes U+FFFD, and what is no escape stays.
  function unescape(text) {
    const plain = String(text).replace(/\+/g, ' ');
    return plain.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => decode(encode(run.replace(/%/g, ''), 'hex'), 'utf8'));
  }

  function escape(text) {
    return encodeURIComponent(text);
  }

  function parse(text, separator, equals, options) {
    const found = {};
    if (typeof text !== 'string') return found;
    const sep = separator || '&';
    const eq = equals || '=';
    const decoded = (options && options.decodeURIComponent) || unescape;
    if (typeof decoded !== 'function') throw new TypeError('option decodeURIComponent is not a function');
    const max = options && typeof options.maxKeys === 'number' ? options.maxKeys : 1000;
    const pieces = text.split(sep).filter((piece) => piece !== '');
    for (const piece of max > 0 ? pieces.slice(0, max) : pieces) {
      const at = piece.indexOf(eq);
      const name = decoded(at < 0 ? piece : piece.slice(0, at));
      const value = at < 0 ? '' : decoded(piece.slice(at + eq.length));
      if (!Object.prototype.hasOwnProperty.call(found, name)) {
        Object.defineProperty(found, name, { value, writable: true, configurable: true, enumerable: true });
      } else if (Array.isArray(found[name])) found[name].push(value);
      else found[name] = [found[name], value];
    }
    return found;
  }

  function stringify(object, separator, equals, options) {
    const sep = separator || '&';
    const eq = equals || '=';
    const encoded = (options && options.encodeURIComponent) || escape;
    const text = (value) =>
      typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value) ? encoded(String(value)) : '';
    if (object === null || typeof object !== 'object') return '';
    return Object.keys(object)
      .map((name) => {
        const value = object[name];
        return (Array.isArray(value) ? value : [value]).map((one) => encoded(name) + eq + text(one)).join(sep);
      })
      .filter((piece) => piece !== '')
      .join(sep);
  }

  const module = { parse, decode: parse, stringify, encode: stringify, escape, unescape };
  for (const name of Object.keys(module)) Object.defineProperty(module, name, { enumerable: false });
  Object.defineProperty(module, Symbol.toStringTag, { value: 'querystring' });
  return module;
}
