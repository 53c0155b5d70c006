// MD5, SHA-1 and SHA-256 in JavaScript, for the native engine; the sealed engine has them in guest/hashes.c.
function makeHash() {
  const { DataView } = globalThis; // which runtime 1.0 takes away
  const rotl = (x, n) => (x << n) | (x >>> (32 - n));
  const rotr = (x, n) => (x >>> n) | (x << (32 - n));

  function padded(data, bigEndian) {
    const length = data.length;
    const size = ((length + 8) >> 6 << 6) + 64;
    const out = new Uint8Array(size);
    out.set(data);
    out[length] = 0x80;
    const view = new DataView(out.buffer);
    const high = Math.floor(length / 0x20000000);
    view.setUint32(size - (bigEndian ? 4 : 8), (length << 3) >>> 0, !bigEndian);
    view.setUint32(size - (bigEndian ? 8 : 4), high, !bigEndian);
    return view;
  }

  function words(state, little) {
    const out = new Uint8Array(state.length * 4);
    const view = new DataView(out.buffer);
    for (let i = 0; i < state.length; i++) view.setUint32(i * 4, state[i] >>> 0, little);
    return out;
  }

  const MD5_SHIFTS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
  const MD5_CONSTANTS = [];
  for (let i = 0; i < 64; i++) MD5_CONSTANTS.push(Math.floor(Math.abs(Math.sin(i + 1)) * 4294967296) | 0);

  function md5(data) {
    const view = padded(data, false);
    let [a0, b0, c0, d0] = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476];
    for (let at = 0; at < view.byteLength; at += 64) {
      let [a, b, c, d] = [a0, b0, c0, d0];
      for (let i = 0; i < 64; i++) {
        const round = i >> 4;
        const mix = round === 0 ? (b & c) | (~b & d) : round === 1 ? (d & b) | (~d & c) : round === 2 ? b ^ c ^ d : c ^ (b | ~d);
        const index = round === 0 ? i : round === 1 ? (5 * i + 1) & 15 : round === 2 ? (3 * i + 5) & 15 : (7 * i) & 15;
        const sum = (a + mix + MD5_CONSTANTS[i] + view.getInt32(at + index * 4, true)) | 0;
        [a, d, c, b] = [d, c, b, (b + rotl(sum, MD5_SHIFTS[(round << 2) | (i & 3)])) | 0];
      }
      [a0, b0, c0, d0] = [(a0 + a) | 0, (b0 + b) | 0, (c0 + c) | 0, (d0 + d) | 0];
    }
    return words([a0, b0, c0, d0], true);
  }

  function sha1(data) {
    const view = padded(data, true);
    const h = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476, 0xc3d2e1f0 | 0];
    const w = new Int32Array(80);
    for (let at = 0; at < view.byteLength; at += 64) {
      for (let i = 0; i < 80; i++) w[i] = i < 16 ? view.getInt32(at + i * 4) : rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
      let [a, b, c, d, e] = h;
      for (let i = 0; i < 80; i++) {
        const f = i < 20 ? (b & c) | (~b & d) : i < 40 ? b ^ c ^ d : i < 60 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
        const k = i < 20 ? 0x5a827999 : i < 40 ? 0x6ed9eba1 : i < 60 ? 0x8f1bbcdc : 0xca62c1d6;
        const next = (rotl(a, 5) + f + e + k + w[i]) | 0;
        e = d;
        d = c;
        c = rotl(b, 30);
        b = a;
        a = next;
      }
      h[0] = (h[0] + a) | 0;
      h[1] = (h[1] + b) | 0;
      h[2] = (h[2] + c) | 0;
      h[3] = (h[3] + d) | 0;
      h[4] = (h[4] + e) | 0;
    }
    return words(h, false);
  }

  // The constants of SHA-256: fractional parts of the square and cube roots of the first primes.
  const primes = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p)) primes.push(n);
  const fraction = (x) => ((x - Math.floor(x)) * 4294967296) | 0;
  const SHA256_START = primes.slice(0, 8).map((p) => fraction(Math.sqrt(p)));
  const SHA256_K = Int32Array.from(primes.map((p) => fraction(Math.cbrt(p))));

  function sha256(data) {
    const view = padded(data, true);
    const h = SHA256_START.slice();
    const w = new Int32Array(64);
    for (let at = 0; at < view.byteLength; at += 64) {
      for (let i = 0; i < 16; i++) w[i] = view.getInt32(at + i * 4);
      for (let i = 16; i < 64; i++) {
        const s0 = rotr(w[i - 15], 7) ^ rotr(w[i - 15], 18) ^ (w[i - 15] >>> 3);
        const s1 = rotr(w[i - 2], 17) ^ rotr(w[i - 2], 19) ^ (w[i - 2] >>> 10);
        w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
      }
      let a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], f = h[5], g = h[6], k = h[7];
      for (let i = 0; i < 64; i++) {
        const t1 = (k + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + ((e & f) ^ (~e & g)) + SHA256_K[i] + w[i]) | 0;
        const t2 = ((rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        k = g;
        g = f;
        f = e;
        e = (d + t1) | 0;
        d = c;
        c = b;
        b = a;
        a = (t1 + t2) | 0;
      }
      const next = [a, b, c, d, e, f, g, k];
      for (let i = 0; i < 8; i++) h[i] = (h[i] + next[i]) | 0;
    }
    return words(h, false);
  }

  const ALGORITHMS = { md5, sha1, sha256 };
  return (name, data) => (Object.prototype.hasOwnProperty.call(ALGORITHMS, name) ? ALGORITHMS[name](data) : undefined);
}
