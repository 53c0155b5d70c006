// Puts a runtime together: takes away what it lacks, adds what it has besides, and answers its modules by name.
// `allowed` lists what may stay: {globals: "a b", members: {Object: {static: "a b", prototype: "a b"}}}.
function makeRuntime(host, modern, allowed, edgeLocation, tenant) {
  const { encode, decode, byteString, byteValues } = host;
  const bytes = makeBuffer(host);
  const console = makeConsole(host.log);
  const define = (target, name, value) =>
    Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });

  const modules = {
    crypto: makeCrypto(host.hash, encode, decode, modern ? (data) => bytes.Buffer.from(data.buffer) : byteString),
    querystring: makeQuerystring(encode, decode),
  };
  if (modern) {
    modules.buffer = { Buffer: bytes.Buffer };
    const cwt = makeCwt(modules.crypto.createHmac, encode, decode, bytes.Buffer);
    modules.cloudfront = makeCloudfront(host, bytes.Buffer, cwt, edgeLocation, tenant);
  }

  function require(name) {
    if (name === undefined) throw new TypeError('missing path');
    if (!Object.prototype.hasOwnProperty.call(modules, name) || name === 'cloudfront') {
      throw new Error('Cannot find module "' + name + '"');
    }
    return modules[name];
  }

  function addByteStrings() {
    define(String, 'bytesFrom', (source, encoding) =>
      byteString(Array.isArray(source) ? new Uint8Array(source) : encode(String(source), encoding)));
    define(String.prototype, 'fromBytes', function (start, end) {
      return this.slice(start || 0, end);
    });
    define(String.prototype, 'fromUTF8', function (start, end) {
      const values = byteValues(this.slice(start || 0, end));
      return values === null ? null : decode(values, 'utf8', true);
    });
    define(String.prototype, 'toBytes', function (start, end) {
      const text = this.slice(start || 0, end);
      return byteValues(text) === null ? null : text;
    });
    define(String.prototype, 'toUTF8', function (start, end) {
      return byteString(encode(this.slice(start || 0, end), 'utf8'));
    });
    class MemoryError extends Error {}
    define(MemoryError.prototype, 'name', 'MemoryError');
    define(globalThis, 'MemoryError', MemoryError);
  }

  function keepOnly(object, names) {
    const kept = ('constructor length name prototype ' + names).split(' ');
    for (const name of Object.getOwnPropertyNames(object)) {
      const fixed = !Object.getOwnPropertyDescriptor(object, name).configurable; // Symbol.dispose and its kin
      if (!fixed && !kept.includes(name)) delete object[name];
    }
  }

  function takeAway() {
    const others = {
      TypedArray: Object.getPrototypeOf(Uint8Array),
      IteratorPrototype: Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())),
    };
    for (const name of Object.keys(allowed.members)) {
      const object = others[name] || globalThis[name];
      if (allowed.members[name].static !== undefined) keepOnly(object, allowed.members[name].static);
      if (allowed.members[name].prototype !== undefined) keepOnly(object.prototype, allowed.members[name].prototype);
    }
    const globals = allowed.globals.split(' ');
    for (const name of Object.getOwnPropertyNames(globalThis)) if (!globals.includes(name)) delete globalThis[name];
  }

  // Dates in the words of njs, which knows no other locale.
  const DATE_WORDS = { toLocaleString: 'toString', toLocaleDateString: 'toDateString', toLocaleTimeString: 'toTimeString' };
  for (const name of Object.keys(DATE_WORDS)) define(Date.prototype, name, Date.prototype[DATE_WORDS[name]]);
  takeAway();
  define(globalThis, 'console', console);
  define(globalThis, 'require', require);
  if (modern) for (const name of ['Buffer', 'TextEncoder', 'TextDecoder', 'atob', 'btoa']) define(globalThis, name, bytes[name]);
  else addByteStrings();
  return modules;
}
