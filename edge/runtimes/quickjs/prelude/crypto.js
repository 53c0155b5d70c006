// The crypto module: hashes and HMACs, with njs's error texts.
function makeCrypto(hash, encode, decode, digestWithoutEncoding) {
  const ALGORITHMS = ['md5', 'sha1', 'sha256'];

  const define = (target, name, value) => Object.defineProperty(target, name, { value, writable: true });

  function checked(name) {
    if (typeof name !== 'string') throw new TypeError('algorithm must be a string');
    if (!ALGORITHMS.includes(name)) throw new TypeError('not supported algorithm: "' + name + '"');
  }

  function toBytes(data, argument) {
    if (typeof data === 'string') return encode(data, 'utf8');
    if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    let shown = data === null ? 'null' : Array.isArray(data) ? 'array' : typeof data;
    if (data instanceof ArrayBuffer) shown = 'array buffer';
    throw new TypeError(argument + ' argument "' + shown + '" is not a string or Buffer-like object');
  }

  function joined(parts) {
    let size = 0;
    for (let i = 0; i < parts.length; i++) size += parts[i].length;
    const all = new Uint8Array(size);
    for (let i = 0, at = 0; i < parts.length; at += parts[i].length, i++) all.set(parts[i], at);
    return all;
  }

  function withEncoding(encoding) {
    if (encoding === undefined) return digestWithoutEncoding;
    if (typeof encoding !== 'string') throw new TypeError('encoding must be a string');
    if (['hex', 'base64', 'base64url'].indexOf(encoding) < 0) throw new TypeError('Unknown digest encoding: "' + encoding + '"');
    return (bytes) => decode(bytes, encoding);
  }

  // `parts` collects the data until `finish(bytes)` makes the digest of it.
  class Digester {
    constructor(finish) {
      define(this, 'parts', []);
      define(this, 'finish', finish);
    }
    update(data, encoding) {
      if (this.parts === null) throw new Error('Digest already called');
      this.parts.push(typeof data === 'string' ? encode(data, encoding) : toBytes(data, 'data').slice());
      return this;
    }
    digest(encoding) {
      if (this.parts === null) throw new Error('Digest already called');
      const shown = withEncoding(encoding);
      const all = this.parts.length === 1 ? this.parts[0] : joined(this.parts);
      this.parts = null;
      return shown(this.finish(all));
    }
  }
  class Hash extends Digester {}
  class Hmac extends Digester {}
  for (const kind of [Hash, Hmac]) Object.defineProperty(kind.prototype, Symbol.toStringTag, { value: kind.name });

  const module = {
    createHash(name) {
      checked(name);
      return new Hash((bytes) => hash(name, bytes));
    },
    createHmac(name, key) {
      checked(name);
      let secret = toBytes(key, 'key');
      if (secret.length > 64) secret = hash(name, secret);
      const inner = new Uint8Array(64).fill(0x36);
      const outer = new Uint8Array(64).fill(0x5c);
      for (let i = 0; i < secret.length; i++) {
        inner[i] ^= secret[i];
        outer[i] ^= secret[i];
      }
      return new Hmac((bytes) => hash(name, joined([outer, hash(name, joined([inner, bytes]))])));
    },
  };
  Object.defineProperty(module, Symbol.toStringTag, { value: 'crypto' });
  return module;
}
