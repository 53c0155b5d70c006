// Text and bytes in JavaScript, for the native engine; the sealed engine has them in guest/codecs.c.
function makeCodecs() {
  const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

  function utf8Encode(text) {
    const bytes = [];
    for (const character of String(text)) {
      let code = character.codePointAt(0);
      if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;
      if (code < 0x80) bytes.push(code);
      else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
      else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
      else {
        bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
      }
    }
    return bytes;
  }

  // Invalid sequences become U+FFFD; with `strict` the answer is null.
  function utf8Decode(bytes, strict) {
    let text = '';
    for (let i = 0; i < bytes.length; ) {
      const lead = bytes[i++];
      if (lead < 0x80) {
        text += String.fromCharCode(lead);
        continue;
      }
      const more = lead >= 0xf0 && lead < 0xf5 ? 3 : lead >= 0xe0 && lead < 0xf0 ? 2 : lead >= 0xc2 && lead < 0xe0 ? 1 : 0;
      let code = lead & (0x3f >> more);
      let taken = 0;
      while (taken < more && i < bytes.length && (bytes[i] & 0xc0) === 0x80) {
        code = (code << 6) | (bytes[i++] & 63);
        taken++;
      }
      const least = [0, 0x80, 0x800, 0x10000][more];
      if (more === 0 || taken < more || code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
        if (strict) return null;
        text += '\ufffd';
      } else {
        text += String.fromCodePoint(code);
      }
    }
    return text;
  }

  function toBase64(bytes, url) {
    let text = '';
    for (let i = 0; i < bytes.length; i += 3) {
      const left = bytes.length - i;
      const group = (bytes[i] << 16) | ((left > 1 ? bytes[i + 1] : 0) << 8) | (left > 2 ? bytes[i + 2] : 0);
      text += BASE64[group >> 18] + BASE64[(group >> 12) & 63];
      text += left > 1 ? BASE64[(group >> 6) & 63] : url ? '' : '=';
      text += left > 2 ? BASE64[group & 63] : url ? '' : '=';
    }
    return url ? text.replace(/\+/g, '-').replace(/\//g, '_') : text;
  }

  function fromBase64(text) {
    const bytes = [];
    let group = 0;
    let bits = 0;
    for (const character of text) {
      const value = BASE64.indexOf(character === '-' ? '+' : character === '_' ? '/' : character);
      if (value < 0) {
        if (character === '=') break;
        continue;
      }
      group = ((group << 6) | value) & 0xffffff;
      bits += 6;
      if (bits >= 8) {
        bits -= 8;
        bytes.push((group >> bits) & 255);
      }
    }
    return bytes;
  }

  function toHex(bytes) {
    let text = '';
    for (const byte of bytes) text += (byte < 16 ? '0' : '') + byte.toString(16);
    return text;
  }

  function fromHex(text) {
    const bytes = [];
    for (let i = 0; i + 1 < text.length; i += 2) {
      const byte = parseInt(text.slice(i, i + 2), 16);
      if (byte !== byte) break;
      bytes.push(byte);
    }
    return bytes;
  }

  function named(encoding) {
    if (encoding === undefined) return 'utf8';
    if (typeof encoding !== 'string') throw new TypeError('encoding must be a string');
    return encoding;
  }

  function encode(text, encoding) {
    switch (named(encoding)) {
      case 'utf8':
      case 'utf-8':
        return new Uint8Array(utf8Encode(text));
      case 'hex':
        return new Uint8Array(fromHex(text));
      case 'base64':
      case 'base64url':
        return new Uint8Array(fromBase64(text));
      default:
        throw new TypeError('"' + encoding + '" encoding is not supported');
    }
  }

  function decode(bytes, encoding, strict) {
    switch (named(encoding)) {
      case 'utf8':
      case 'utf-8':
        return utf8Decode(bytes, strict);
      case 'hex':
        return toHex(bytes);
      case 'base64':
        return toBase64(bytes, false);
      case 'base64url':
        return toBase64(bytes, true);
      default:
        throw new TypeError('"' + encoding + '" encoding is not supported');
    }
  }

  function byteString(bytes) {
    let text = '';
    for (let i = 0; i < bytes.length; i++) text += String.fromCharCode(bytes[i] & 255);
    return text;
  }

  function byteValues(text) {
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 255) return null;
      bytes[i] = code;
    }
    return bytes;
  }

  return { encode, decode, byteString, byteValues };
}
