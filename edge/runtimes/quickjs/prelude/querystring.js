// The querystring module.
function makeQuerystring(encode, decode) {
  const hasOwn = Object.prototype.hasOwnProperty;

  // Invalid UTF-8 becomes U+FFFD, and what is no escape stays.
  function unescape(value) {
    const text = String(value);
    const plain = text.indexOf('+') < 0 ? text : text.replace(/\+/g, ' ');
    if (plain.indexOf('%') < 0) return plain;
    return plain.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => decode(encode(run.replace(/%/g, ''), 'hex'), 'utf8'));
  }

  function escape(text) {
    return encodeURIComponent(text);
  }

  function add(found, name, value) {
    if (name === '__proto__') {
      Object.defineProperty(found, name, { value, writable: true, configurable: true, enumerable: true });
    } else if (!hasOwn.call(found, name)) found[name] = value;
    else if (Array.isArray(found[name])) found[name].push(value);
    else found[name] = [found[name], value];
  }

  function parse(text, separator, equals, options) {
    const found = {};
    if (typeof text !== 'string') return found;
    const sep = separator || '&';
    const eq = equals || '=';
    const decoded = (options && options.decodeURIComponent) || unescape;
    if (typeof decoded !== 'function') throw new TypeError('option decodeURIComponent is not a function');
    let left = options && typeof options.maxKeys === 'number' ? options.maxKeys : 1000;
    if (left <= 0) left = Infinity;
    for (let start = 0; start <= text.length && left > 0; ) {
      let end = text.indexOf(sep, start);
      if (end < 0) end = text.length;
      if (end > start) {
        left--;
        let at = text.indexOf(eq, start);
        if (at < 0 || at > end) at = end;
        add(found, decoded(text.slice(start, at)), at === end ? '' : decoded(text.slice(at + eq.length, end)));
      }
      start = end + sep.length;
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
    let all = '';
    for (const name of Object.keys(object)) {
      const values = Array.isArray(object[name]) ? object[name] : [object[name]];
      for (let i = 0; i < values.length; i++) all += (all === '' ? '' : sep) + encoded(name) + eq + text(values[i]);
    }
    return all;
  }

  const module = { parse, decode: parse, stringify, encode: stringify, escape, unescape };
  for (const name of Object.keys(module)) Object.defineProperty(module, name, { enumerable: false });
  Object.defineProperty(module, Symbol.toStringTag, { value: 'querystring' });
  return module;
}
