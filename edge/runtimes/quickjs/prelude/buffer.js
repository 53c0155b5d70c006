// Bytes: the encodings of both runtimes, `Buffer` of 2.0, and the byte strings of 1.0.
function makeBytes() {
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

  function encode(text, encoding) {
    switch (encoding === undefined ? 'utf8' : String(encoding).toLowerCase()) {
      case 'utf8':
      case 'utf-8':
        return utf8Encode(text);
      case 'hex':
        return fromHex(text);
      case 'base64':
      case 'base64url':
        return fromBase64(text);
      default:
        throw new TypeError('"' + encoding + '" encoding is not supported');
    }
  }

  function decode(bytes, encoding) {
    switch (encoding === undefined ? 'utf8' : String(encoding).toLowerCase()) {
      case 'utf8':
      case 'utf-8':
        return utf8Decode(bytes, false);
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

  class Buffer extends Uint8Array {
    static from(source, encoding, length) {
      if (typeof source === 'string') return Buffer.of(...encode(source, encoding));
      if (source instanceof ArrayBuffer) return new Buffer(source, encoding, length);
      if (source !== null && typeof source === 'object') {
        const bytes = source.type === 'Buffer' && Array.isArray(source.data) ? source.data : source;
        const copy = new Buffer(bytes.length || 0);
        copy.set(bytes.length ? bytes : []);
        return copy;
      }
      throw new TypeError('first argument is not a string or Buffer-like object');
    }
    static alloc(size, fill, encoding) {
      const made = new Buffer(size);
      return fill === undefined ? made : made.fill(fill, encoding);
    }
    static allocUnsafe(size) {
      return new Buffer(size);
    }
    static byteLength(value, encoding) {
      return typeof value === 'string' ? encode(value, encoding).length : value.byteLength;
    }
    static compare(a, b) {
      for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i] < b[i] ? -1 : 1;
      return a.length === b.length ? 0 : a.length < b.length ? -1 : 1;
    }
    static concat(list, total) {
      const size = total === undefined ? list.reduce((sum, one) => sum + one.length, 0) : total;
      const made = new Buffer(size);
      let at = 0;
      for (const one of list) {
        made.set(one.length > size - at ? one.subarray(0, size - at) : one, at);
        at = Math.min(size, at + one.length);
      }
      return made;
    }
    static isBuffer(value) {
      return value instanceof Buffer;
    }
    static isEncoding(name) {
      return ['utf8', 'utf-8', 'hex', 'base64', 'base64url'].includes(String(name).toLowerCase());
    }
    compare(other) {
      return Buffer.compare(this, other);
    }
    copy(target, targetStart = 0, start = 0, end = this.length) {
      const part = this.subarray(start, Math.min(end, start + target.length - targetStart));
      target.set(part, targetStart);
      return part.length;
    }
    equals(other) {
      return Buffer.compare(this, other) === 0;
    }
    fill(value, start, end, encoding) {
      if (typeof value !== 'string') return super.fill(value, start, end);
      if (typeof start === 'string') {
        encoding = start;
        start = undefined;
      }
      const bytes = encode(value, encoding);
      const last = end === undefined ? this.length : end;
      for (let i = start || 0, j = 0; i < last && bytes.length; i++, j++) this[i] = bytes[j % bytes.length];
      return this;
    }
    toJSON() {
      return { type: 'Buffer', data: Array.from(this) };
    }
    toString(encoding, start, end) {
      return decode(this.subarray(start || 0, end === undefined ? this.length : end), encoding);
    }
    write(text, offset, length, encoding) {
      const bytes = encode(text, typeof offset === 'string' ? offset : encoding);
      const at = typeof offset === 'number' ? offset : 0;
      const count = Math.min(bytes.length, this.length - at, typeof length === 'number' ? length : Infinity);
      for (let i = 0; i < count; i++) this[at + i] = bytes[i];
      return count;
    }
  }

  // read/write of numbers: {U}Int8, {U}Int16/32 and Float/Double in both byte orders.
  const numbers = [['Int8', 'Int8'], ['UInt8', 'Uint8']];
  for (const [name, kind] of [['Int16', 'Int16'], ['UInt16', 'Uint16'], ['Int32', 'Int32'], ['UInt32', 'Uint32'],
                              ['Float', 'Float32'], ['Double', 'Float64']]) {
    numbers.push([name + 'BE', kind, false], [name + 'LE', kind, true]);
  }
  for (const [name, kind, little] of numbers) {
    const define = (key, value) => Object.defineProperty(Buffer.prototype, key, { value, writable: true, configurable: true });
    define('read' + name, function (at = 0) {
      return new DataView(this.buffer, this.byteOffset, this.byteLength)['get' + kind](at, little);
    });
    define('write' + name, function (value, at = 0) {
      new DataView(this.buffer, this.byteOffset, this.byteLength)['set' + kind](at, value, little);
      return at + (kind.endsWith('8') ? 1 : kind.endsWith('16') ? 2 : kind.endsWith('64') ? 8 : 4);
    });
  }

  return { Buffer, encode, decode, utf8Encode, utf8Decode, toHex };
}
