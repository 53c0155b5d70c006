// The querystring module.
function makeQuerystring() {
  function unescape(text) {
    const plain = String(text).replace(/\+/g, ' ');
    try {
      return decodeURIComponent(plain);
    } catch (error) {
      // Invalid UTF-8 becomes U+FFFD, piece by piece.
      return plain.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => {
        try {
          return decodeURIComponent(run);
        } catch (invalid) {
          return '\ufffd';
        }
      });
    }
  }

  function escape(text) {
    return encodeURIComponent(text);
  }

  function parse(text, separator, equals, options) {
    const sep = separator || '&';
    const eq = equals || '=';
    const decode = (options && options.decodeURIComponent) || unescape;
    const max = options && typeof options.maxKeys === 'number' ? options.maxKeys : 1000;
    const found = {};
    const pieces = String(text).split(sep).filter((piece) => piece !== '');
    for (const piece of max > 0 ? pieces.slice(0, max) : pieces) {
      const at = piece.indexOf(eq);
      const name = decode(at < 0 ? piece : piece.slice(0, at));
      const value = at < 0 ? '' : decode(piece.slice(at + eq.length));
      if (!Object.prototype.hasOwnProperty.call(found, name)) found[name] = value;
      else if (Array.isArray(found[name])) found[name].push(value);
      else found[name] = [found[name], value];
    }
    return found;
  }

  function stringify(object, separator, equals, options) {
    const sep = separator || '&';
    const eq = equals || '=';
    const encode = (options && options.encodeURIComponent) || escape;
    const text = (value) => (['string', 'number', 'boolean'].includes(typeof value) ? encode(String(value)) : '');
    return Object.keys(object || {})
      .map((name) => {
        const value = object[name];
        return (Array.isArray(value) ? value : [value]).map((one) => encode(name) + eq + text(one)).join(sep);
      })
      .filter((piece) => piece !== '')
      .join(sep);
  }

  return { parse, decode: parse, stringify, encode: stringify, escape, unescape };
}
