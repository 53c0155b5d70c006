// The crypto module: hashes and HMACs, with njs's error texts. `hash(name, bytes)` is undefined for an unknown name.
function makeCrypto(hash, encode, decode, digestWithoutEncoding) {
  const NOTHING = new Uint8Array(0);

  function checked(name) {
    if (typeof name !== 'string') throw new TypeError('algorithm must be a string');
    if (hash(name, NOTHING) === undefined) throw new TypeError('not supported algorithm: "' + name + '"');
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

  function digester(kind, finish) {
    const parts = [];
    let done = false;
    function open() {
      if (done) throw new Error('Digest already called');
    }
    class Digester {
      update(data, encoding) {
        open();
        parts.push(typeof data === 'string' ? encode(data, encoding) : toBytes(data, 'data').slice());
        return this;
      }
      digest(encoding) {
        open();
        const shown = withEncoding(encoding);
        done = true;
        return shown(finish(joined(parts)));
      }
    }
    Object.defineProperty(Digester.prototype, Symbol.toStringTag, { value: kind });
    return new Digester();
  }

  const module = {
    createHash(name) {
      checked(name);
      return digester('Hash', (bytes) => hash(name, bytes));
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
      return digester('Hmac', (bytes) => hash(name, joined([outer, hash(name, joined([inner, bytes]))])));
    },
  };
  Object.defineProperty(module, Symbol.toStringTag, { value: 'crypto' });
  return module;
}
