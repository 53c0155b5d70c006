// cf.cwt: CBOR Web Tokens (RFC 8392) as COSE_Mac0 (RFC 9052) with HMAC-SHA256. In JavaScript, so that it is metered and
// sealed like everything else that a function does with what a viewer sent.
function makeCwt(createHmac, encode, decode, Buffer) {
  const TOKEN_MAX_BYTES = 1024;
  const NESTED_MAX = 16;
  const CWT = 61, MAC0 = 17;
  const ALGORITHM = '1', HS256 = 5;
  const WHOLE = /^(?:0|-?[1-9][0-9]{0,15})$/;

  function invalid(why) {
    return new Error('invalid CWT: ' + why);
  }

  // ---- CBOR (RFC 8949), as much of it as tokens hold. ----

  function head(out, kind, value) {
    const first = kind << 5;
    if (value < 24) out.push(first | value);
    else if (value < 256) out.push(first | 24, value);
    else if (value < 65536) out.push(first | 25, value >> 8, value & 255);
    else {
      const wide = value > 4294967295;
      out.push(first | (wide ? 27 : 26));
      for (let shift = wide ? 7 : 3; shift >= 0; shift--) out.push(Math.floor(value / Math.pow(256, shift)) % 256);
    }
  }

  function append(out, bytes) {
    for (let i = 0; i < bytes.length; i++) out.push(bytes[i]);
  }

  function writeBytes(out, kind, bytes) {
    head(out, kind, bytes.length);
    append(out, bytes);
  }

  function writeNumber(out, value) {
    if (Number.isSafeInteger(value)) {
      head(out, value < 0 ? 1 : 0, value < 0 ? -1 - value : value);
      return;
    }
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value);
    out.push(0xfb);
    append(out, bytes);
  }

  // Names that are whole numbers become numbers: labels of claims and headers are.
  function writeMap(out, object) {
    const names = Object.keys(object).filter((name) => object[name] !== undefined);
    head(out, 5, names.length);
    for (const name of names) {
      write(out, WHOLE.test(name) ? Number(name) : name);
      write(out, object[name]);
    }
  }

  function write(out, value) {
    if (typeof value === 'number') writeNumber(out, value);
    else if (typeof value === 'string') writeBytes(out, 3, encode(value, 'utf8'));
    else if (typeof value === 'boolean') out.push(value ? 0xf5 : 0xf4);
    else if (value === null) out.push(0xf6);
    else if (value instanceof Uint8Array) writeBytes(out, 2, value);
    else if (Array.isArray(value)) {
      head(out, 4, value.length);
      for (let i = 0; i < value.length; i++) write(out, value[i]);
    } else if (typeof value === 'object') writeMap(out, value);
    else throw new TypeError('a CWT cannot hold a value of type ' + typeof value);
  }

  function encoded(value) {
    const out = [];
    write(out, value);
    return new Uint8Array(out);
  }

  function half(bits) {
    const exponent = (bits >> 10) & 31, fraction = bits & 1023;
    const size = exponent === 0 ? fraction * Math.pow(2, -24)
      : exponent === 31 ? (fraction ? NaN : Infinity) : (1 + fraction / 1024) * Math.pow(2, exponent - 15);
    return bits & 0x8000 ? -size : size;
  }

  class Reader {
    constructor(bytes) {
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      this.at = 0;
      this.depth = 0;
    }
    take(size) {
      if (size > this.bytes.length - this.at) throw invalid('it ends too early');
      this.at += size;
      return this.bytes.subarray(this.at - size, this.at);
    }
    whole(size) {
      let value = 0;
      for (const byte of this.take(size)) value = value * 256 + byte;
      return value;
    }
    // Kind and argument of the next item; the argument is -1 for a length that is told by an end mark.
    head() {
      const first = this.whole(1), low = first & 31;
      const size = low < 24 ? low : low < 28 ? this.whole(1 << (low - 24)) : -1;
      if (low > 27 && low < 31) throw invalid('it is not CBOR');
      return { kind: first >> 5, low, size };
    }
    ended(size, done) {
      if (size >= 0) return done === size;
      if (this.bytes[this.at] !== 0xff) return false;
      this.at++;
      return true;
    }
    pieces(kind, size) {
      if (size >= 0) return this.take(size);
      const all = [];
      while (!this.ended(-1)) {
        const part = this.head();
        if (part.kind !== kind || part.size < 0) throw invalid('it is not CBOR');
        append(all, this.take(part.size));
      }
      return new Uint8Array(all);
    }
    simple(low, size) {
      if (low === 25) return half(size);
      if (low === 26) return this.view.getFloat32(this.at - 4);
      if (low === 27) return this.view.getFloat64(this.at - 8);
      const known = { 20: false, 21: true, 22: null, 23: undefined };
      if (!(size in known)) throw invalid('it is not CBOR');
      return known[size];
    }
    map(size) {
      const object = {};
      for (let done = 0; !this.ended(size, done); done++) {
        const name = this.read();
        if (typeof name !== 'number' && typeof name !== 'string') throw invalid('a label is neither a number nor text');
        Object.defineProperty(object, String(name), { value: this.read(), writable: true, configurable: true, enumerable: true });
      }
      return object;
    }
    read() {
      if (++this.depth > NESTED_MAX) throw invalid('it is nested too deep');
      const value = this.item();
      this.depth--;
      return value;
    }
    item() {
      const { kind, low, size } = this.head();
      if (kind === 0 && size >= 0) return size;
      if (kind === 1 && size >= 0) return -1 - size;
      if (kind === 2) return Buffer.from(this.pieces(2, size));
      if (kind === 3) return decode(this.pieces(3, size), 'utf8');
      if (kind === 4) {
        const items = [];
        while (!this.ended(size, items.length)) items.push(this.read());
        return items;
      }
      if (kind === 5) return this.map(size);
      if (kind === 6 && size >= 0) return this.read(); // what a tag adds is not shown
      if (kind === 7) return this.simple(low, size);
      throw invalid('it is not CBOR');
    }
    end() {
      if (this.at !== this.bytes.length) throw invalid('there is something behind it');
    }
  }

  function read(bytes) {
    const reader = new Reader(bytes);
    const value = reader.read();
    reader.end();
    return value;
  }

  // ---- Tokens. ----

  function tag(key, headers, payload) {
    if (typeof key !== 'string' && !(key instanceof Uint8Array)) throw new TypeError('key must be a string or a Buffer');
    const message = encoded(['MAC0', headers, new Uint8Array(0), payload]);
    return createHmac('sha256', key).update(message).digest();
  }

  function same(one, other) {
    let difference = one.length ^ other.length;
    for (let i = 0; i < one.length; i++) difference |= one[i] ^ other[i];
    return difference === 0;
  }

  function isObject(value) {
    return typeof value === 'object' && value !== null;
  }

  function parts(token) {
    const reader = new Reader(token);
    let mark = reader.head();
    if (mark.kind === 6 && mark.size === CWT) mark = reader.head();
    if (mark.kind !== 6 || mark.size !== MAC0) throw invalid('it is no COSE_Mac0');
    const all = reader.read();
    reader.end();
    const shaped = Array.isArray(all) && all.length === 4 && all[0] instanceof Uint8Array && isObject(all[1])
      && all[2] instanceof Uint8Array && all[3] instanceof Uint8Array;
    if (!shaped) throw invalid('it is no COSE_Mac0');
    return all;
  }

  function validateToken(token, context) {
    if (!(token instanceof Uint8Array)) throw new TypeError('token must be a Buffer');
    if (!isObject(context)) throw new TypeError('context must be an object with a key');
    if (token.length > TOKEN_MAX_BYTES) throw invalid('it has more than ' + TOKEN_MAX_BYTES + ' bytes');
    const [headers, unprotectedHeaders, payload, found] = parts(token);
    const protectedHeaders = headers.length === 0 ? {} : read(headers);
    if (!isObject(protectedHeaders) || protectedHeaders[ALGORITHM] !== HS256) throw invalid('its algorithm is not HS256');
    if (!same(tag(context.key, headers, payload), found)) throw invalid('its tag does not match');
    const claims = read(payload);
    if (!isObject(claims) || Array.isArray(claims)) throw invalid('its payload is no map');
    return { protectedHeaders, unprotectedHeaders, payload: claims };
  }

  // AWS's prose has the context first, its examples the token; either is taken.
  function generateToken(one, other) {
    const [token, context] = isObject(one) && one.coseTag !== undefined ? [other, one] : [one, other];
    if (!isObject(context)) throw new TypeError('context must be an object with coseTag and key');
    if (context.coseTag !== 'MAC0') throw new TypeError('coseTag must be "MAC0"');
    if (!isObject(token) || !isObject(token.payload)) throw new TypeError('the token must be an object with a payload');
    const given = token.protected || token.protectedHeaders || {};
    if (given[ALGORITHM] !== undefined && Number(given[ALGORITHM]) !== HS256) throw new TypeError('the algorithm must be 5, HS256');
    const headers = encoded(Object.assign({}, given, { [ALGORITHM]: HS256 }));
    const payload = encoded(token.payload);
    const out = [];
    if (context.cwtTag === true) head(out, 6, CWT);
    head(out, 6, MAC0);
    write(out, [headers, token.unprotected || token.unprotectedHeaders || {}, payload, tag(context.key, headers, payload)]);
    if (out.length > TOKEN_MAX_BYTES) throw new RangeError('the token has more than ' + TOKEN_MAX_BYTES + ' bytes');
    return Buffer.from(out);
  }

  return { validateToken, generateToken };
}
