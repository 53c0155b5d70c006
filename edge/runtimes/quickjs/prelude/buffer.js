// `Buffer`, `TextEncoder`, `TextDecoder`, `atob` and `btoa` of runtime 2.0. Of the codecs, `encode(text, encoding)` gives
// a Uint8Array, `decode(bytes, encoding, strict)` text, or null when strict and invalid. Byte strings hold one byte in each
// character: `byteString(bytes)`, and `byteValues(text)`, null when a character is no byte.
function makeBuffer(codecs) {
  const { encode, decode } = codecs;
  const ENCODINGS = ['utf8', 'utf-8', 'hex', 'base64', 'base64url'];

  function outside(index) {
    return new RangeError('index ' + index + ' is outside the bound of the buffer');
  }

  function isBytes(value, argument) {
    if (!(value instanceof Uint8Array)) {
      throw new TypeError('"' + argument + '" argument must be an instance of Buffer or Uint8Array');
    }
  }

  function notBufferLike(argument, value) {
    const shown = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
    return new TypeError(argument + ' argument ' + shown + ' is not a string or Buffer-like object');
  }

  // What indexOf and its kin look for, as bytes.
  function sought(value, encoding) {
    if (typeof value === 'number') return [value & 255];
    if (typeof value === 'string') return encode(value, encoding);
    if (value instanceof Uint8Array) return value;
    throw notBufferLike('"value"', value);
  }

  function checkSize(at, size, length) {
    if (typeof size !== 'number') throw new TypeError('"byteLength" is not a number');
    if (size > 6) throw new TypeError('"byteLength" must be <= 6');
    if (!(at >= 0 && size >= 1 && at + size <= length)) throw outside(at);
  }

  class Buffer extends Uint8Array {
    static from(source, encoding, length) {
      if (typeof source === 'string') return new Buffer(encode(source, encoding).buffer);
      if (source instanceof ArrayBuffer) return new Buffer(source, encoding, length);
      if (source !== null && typeof source === 'object') {
        const plain = typeof source.valueOf === 'function' ? source.valueOf() : source;
        if (plain !== source) return Buffer.from(plain, encoding, length);
        const bytes = source.type === 'Buffer' && Array.isArray(source.data) ? source.data : source;
        if (typeof bytes.length === 'number') return new Buffer(Array.prototype.slice.call(bytes));
      }
      throw notBufferLike('first', source);
    }
    static alloc(size, fill, encoding) {
      if (typeof size !== 'number') throw new TypeError('"size" argument must be of type number');
      if (!(size >= 0)) throw new RangeError('invalid size');
      const made = new Buffer(size);
      return fill === undefined ? made : made.fill(fill, encoding);
    }
    static allocUnsafe(size) {
      return Buffer.alloc(size);
    }
    static byteLength(value, encoding) {
      if (typeof value === 'string') return encode(value, encoding).length;
      if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return value.byteLength;
      throw notBufferLike('first', value);
    }
    static compare(a, b) {
      isBytes(a, 'source');
      isBytes(b, 'target');
      for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i] < b[i] ? -1 : 1;
      return a.length === b.length ? 0 : a.length < b.length ? -1 : 1;
    }
    static concat(list, total) {
      if (!Array.isArray(list)) throw new TypeError('"list" argument must be an instance of Array');
      list.forEach((one, i) => isBytes(one, 'list[' + i + ']'));
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
      return ENCODINGS.includes(name);
    }
    compare(other, otherStart, otherEnd, start, end) {
      isBytes(other, 'target');
      return Buffer.compare(this.subarray(start || 0, end), other.subarray(otherStart || 0, otherEnd));
    }
    copy(target, targetStart = 0, start = 0, end = this.length) {
      isBytes(target, 'target');
      const part = this.subarray(start, Math.min(end, start + target.length - targetStart));
      target.set(part, targetStart);
      return part.length;
    }
    equals(other) {
      return Buffer.compare(this, other) === 0;
    }
    fill(value, start, end, encoding) {
      if (typeof value === 'number') return super.fill(value, start, end);
      let bytes = value;
      if (typeof value === 'string') bytes = encode(value, typeof start === 'string' ? start : encoding);
      if (!(bytes instanceof Uint8Array) || bytes.length === 0) bytes = [0];
      const first = typeof start === 'number' ? start : 0;
      const last = end === undefined ? this.length : end;
      if (!(first >= 0)) throw new RangeError('invalid index');
      if (last > this.length) throw new RangeError('"end" is out of range');
      for (let i = first, j = 0; i < last; i++, j++) this[i] = bytes[j % bytes.length];
      return this;
    }
    toJSON() {
      return { type: 'Buffer', data: Array.prototype.slice.call(this) };
    }
    toString(encoding, start, end) {
      return decode(start === undefined && end === undefined ? this : this.subarray(start || 0, end), encoding);
    }
    write(text, offset, length, encoding) {
      if (typeof text !== 'string') throw new TypeError('first argument must be a string');
      const bytes = encode(text, typeof length === 'string' ? length : encoding);
      const at = typeof offset === 'number' ? offset : 0;
      if (at > this.length) throw new RangeError('"offset" is out of range');
      const count = Math.min(bytes.length, this.length - at, typeof length === 'number' ? length : Infinity);
      this.set(bytes.subarray(0, count), at);
      return count;
    }
    includes(value, from, encoding) {
      return this.indexOf(value, from, encoding) >= 0;
    }
    indexOf(value, from, encoding) {
      const bytes = sought(value, typeof from === 'string' ? from : encoding);
      const start = typeof from === 'number' ? from : 0;
      for (let i = start < 0 ? Math.max(0, this.length + start) : start; i + bytes.length <= this.length; i++) if (this.holds(bytes, i)) return i;
      return -1;
    }
    lastIndexOf(value, from, encoding) {
      const bytes = sought(value, typeof from === 'string' ? from : encoding);
      const last = this.length - bytes.length;
      const start = typeof from === 'number' ? from : last;
      for (let i = Math.min(start < 0 ? this.length + start : start, last); i >= 0; i--) if (this.holds(bytes, i)) return i;
      return -1;
    }
  }

  const define = (target, name, value) =>
    Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });

  Object.defineProperty(Buffer.prototype, Symbol.toStringTag, { value: 'Buffer', configurable: true });
  define(Buffer.prototype, 'holds', function (bytes, at) {
    for (let i = 0; i < bytes.length; i++) if (this[at + i] !== bytes[i]) return false;
    return true;
  });

  // read/write of numbers with a fixed size.
  const KINDS = { Int8: 1, UInt8: 1, Int16: 2, UInt16: 2, Int32: 4, UInt32: 4, Float: 4, Double: 8 };
  const VIEWS = { UInt8: 'Uint8', UInt16: 'Uint16', UInt32: 'Uint32', Float: 'Float32', Double: 'Float64' };
  for (const kind of Object.keys(KINDS)) {
    const size = KINDS[kind];
    const view = VIEWS[kind] || kind;
    for (const order of size === 1 ? [''] : ['BE', 'LE']) {
      define(Buffer.prototype, 'read' + kind + order, function (at = 0) {
        if (!(at >= 0 && at + size <= this.length)) throw outside(at);
        return new DataView(this.buffer, this.byteOffset, this.byteLength)['get' + view](at, order === 'LE');
      });
      define(Buffer.prototype, 'write' + kind + order, function (value, at = 0) {
        if (!(at >= 0 && at + size <= this.length)) throw outside(at);
        new DataView(this.buffer, this.byteOffset, this.byteLength)['set' + view](at, value, order === 'LE');
        return kind === 'Float' || kind === 'Double' ? undefined : at + size;
      });
    }
  }

  // read/write of integers of one to six bytes.
  for (const order of ['BE', 'LE']) {
    const place = (at, i, size) => (order === 'LE' ? at + size - 1 - i : at + i);
    const readUInt = function (at, size) {
      checkSize(at, size, this.length);
      let value = 0;
      for (let i = 0; i < size; i++) value = value * 256 + this[place(at, i, size)];
      return value;
    };
    const write = function (value, at, size) {
      checkSize(at, size, this.length);
      let rest = value < 0 ? value + Math.pow(256, size) : value;
      for (let i = size - 1; i >= 0; i--, rest = Math.floor(rest / 256)) this[place(at, i, size)] = rest % 256;
      return at + size;
    };
    define(Buffer.prototype, 'readUInt' + order, readUInt);
    define(Buffer.prototype, 'readInt' + order, function (at, size) {
      const value = readUInt.call(this, at, size);
      return value >= Math.pow(256, size) / 2 ? value - Math.pow(256, size) : value;
    });
    define(Buffer.prototype, 'writeUInt' + order, write);
    define(Buffer.prototype, 'writeInt' + order, write);
  }

  for (const size of [2, 4, 8]) {
    define(Buffer.prototype, 'swap' + size * 8, function () {
      if (this.length % size) throw new RangeError('Buffer size must be a multiple of ' + size * 8 + '-bits');
      for (let i = 0; i < this.length; i += size) this.subarray(i, i + size).reverse();
      return this;
    });
  }

  class TextEncoder {
    get encoding() {
      return 'utf-8';
    }
    encode(text) {
      return text === undefined ? new Uint8Array(0) : encode(String(text), 'utf8');
    }
    encodeInto(text, target) {
      let read = 0;
      let written = 0;
      for (const character of String(text)) {
        const bytes = encode(character, 'utf8');
        if (written + bytes.length > target.length) break;
        target.set(bytes, written);
        written += bytes.length;
        read += 1;
      }
      return { read, written };
    }
  }

  class TextDecoder {
    constructor(label, options) {
      if (label !== undefined && !['utf-8', 'utf8'].includes(String(label).toLowerCase())) {
        throw new RangeError('The "' + label + '" encoding is not supported');
      }
      define(this, 'settings', { fatal: !!(options && options.fatal), ignoreBOM: !!(options && options.ignoreBOM) });
    }
    get encoding() {
      return 'utf-8';
    }
    get fatal() {
      return this.settings.fatal;
    }
    get ignoreBOM() {
      return this.settings.ignoreBOM;
    }
    decode(data) {
      if (data === undefined) return '';
      if (!(data instanceof ArrayBuffer) && !ArrayBuffer.isView(data)) {
        throw new TypeError('The "input" argument must be an instance of TypedArray');
      }
      const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      const text = decode(bytes, 'utf8', this.fatal);
      if (text === null) throw new TypeError('The encoded data was not valid');
      return !this.ignoreBOM && text[0] === '\ufeff' ? text.slice(1) : text;
    }
  }

  function atob(value) {
    const text = String(value);
    const plain = /[\t\n\f\r ]/.test(text) ? text.replace(/[\t\n\f\r ]/g, '') : text;
    const padding = plain.indexOf('=');
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(plain) || (padding < 0 ? plain.length : padding) % 4 === 1) {
      throw new TypeError('the string to be decoded is not correctly encoded');
    }
    return codecs.byteString(encode(plain, 'base64'));
  }

  function btoa(text) {
    const bytes = codecs.byteValues(String(text));
    if (bytes === null) throw new TypeError('invalid character (>= U+00FF)');
    return decode(bytes, 'base64');
  }

  return { Buffer, TextEncoder, TextDecoder, atob, btoa };
}
