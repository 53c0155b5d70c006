// Puts the pieces together: the globals of one runtime, the modules, and the way in and out of a run.
// `host.version` is "1.0" or "2.0"; what the engine offers and njs does not is taken away.
function makeRuntime(host) {
  const bytes = makeBytes();
  const modern = host.version === '2.0';
  const byteString = (data) => String.fromCharCode(...data);
  const logger = makeConsole(host.logLimit);

  let stores = null;
  let waiting = [];
  let origin = null;

  function storeHandle(id) {
    if (!stores || (id !== undefined && id !== stores.name)) throw new Error('KVSNamespaceNotFound');
    const ask = (kind, key) => new Promise((resolve, reject) => {
      waiting.push({ kind, key: key === undefined ? '' : String(key), resolve, reject });
    });
    return {
      get(key, options) {
        const format = (options && options.format) || 'string';
        return ask('get', key).then((value) => {
          if (format === 'json') return JSON.parse(value);
          return format === 'bytes' ? bytes.Buffer.from(value) : value;
        });
      },
      exists(key) {
        return ask('exists', key);
      },
      meta() {
        return ask('meta');
      },
    };
  }

  const changesOrigin = (call) => (...values) => {
    origin = { call, arguments: values };
  };
  const modules = {
    crypto: makeCrypto(bytes, modern ? (data) => bytes.Buffer.from(data) : byteString),
    querystring: makeQuerystring(),
  };
  if (modern) {
    modules.buffer = { Buffer: bytes.Buffer };
    modules.cloudfront = {
      kvs: storeHandle,
      updateRequestOrigin: changesOrigin('updateRequestOrigin'),
      selectRequestOriginById: changesOrigin('selectRequestOriginById'),
      createRequestOriginGroup: changesOrigin('createRequestOriginGroup'),
      edgeLocation: {},
    };
  }
  for (const name of Object.keys(modules)) Object.freeze(modules[name]);

  function require(name) {
    if (!Object.prototype.hasOwnProperty.call(modules, name)) throw new Error('Cannot find module "' + name + '"');
    return modules[name];
  }

  const define = (target, name, value) =>
    Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });
  define(globalThis, 'console', logger.console);
  define(globalThis, 'require', require);
  if (modern) {
    define(globalThis, 'Buffer', bytes.Buffer);
    define(globalThis, 'atob', (text) => byteString(bytes.encode(text, 'base64')));
    define(globalThis, 'btoa', (text) => bytes.decode(Uint8Array.from(text, (c) => c.charCodeAt(0)), 'base64'));
  } else {
    define(String, 'bytesFrom', (source, encoding) =>
      byteString(Array.isArray(source) ? source : bytes.encode(source, encoding)));
    define(String.prototype, 'fromBytes', function () { return String(this); });
    define(String.prototype, 'fromUTF8', function () {
      return bytes.utf8Decode(Array.from(this, (c) => c.charCodeAt(0)), true);
    });
    define(String.prototype, 'toUTF8', function () { return byteString(bytes.utf8Encode(this)); });
    define(String.prototype, 'toBytes', function () {
      return Array.from(this).every((c) => c.codePointAt(0) < 256) ? String(this) : null;
    });
    for (const name of ['replaceAll']) delete String.prototype[name];
  }

  // Dates stand still during a run; chance is reseeded for each.
  let now = 0;
  let random = 0;
  const RealDate = Date;
  const construct = Reflect.construct;
  function FrozenDate(...parts) {
    if (!new.target) return new RealDate(now).toString();
    return construct(RealDate, parts.length ? parts : [now], new.target);
  }
  FrozenDate.prototype = RealDate.prototype;
  define(FrozenDate, 'now', () => now);
  define(FrozenDate, 'parse', RealDate.parse);
  define(FrozenDate, 'UTC', RealDate.UTC);
  define(RealDate.prototype, 'constructor', FrozenDate);
  Object.defineProperty(FrozenDate, 'name', { value: 'Date' });
  define(globalThis, 'Date', FrozenDate);
  define(Math, 'random', () => {
    // mulberry32
    random = (random + 0x6d2b79f5) | 0;
    let t = Math.imul(random ^ (random >>> 15), 1 | random);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  });

  // No way back to compiling code: four kinds of function, four constructors.
  const noCode = function () { throw new Error('Not implemented'); };
  const kinds = [function () {}, async function () {}, function* () {}, async function* () {}];
  for (const kind of kinds) define(Object.getPrototypeOf(kind), 'constructor', noCode);
  define(globalThis, 'eval', noCode);
  define(globalThis, 'Function', noCode);
  for (const name of host.absent) delete globalThis[name];

  // A run: begin(...) starts it, the host works off jobs and store reads, end() says what came of it.
  let settled = null;

  function failure(error) {
    const isError = error instanceof Error;
    return { error: isError ? String(error) : 'Error: ' + String(error), stack: isError ? String(error.stack || '') : '' };
  }

  return {
    begin(makeHandler, eventText, atMs, seed, rawQuery, store) {
      now = atMs;
      random = seed | 0;
      stores = store === null ? null : { name: store };
      waiting = [];
      origin = null;
      settled = null;
      logger.begin();
      try {
        const event = JSON.parse(eventText);
        if (modern) {
          define(event.request, 'rawQueryString', () => (rawQuery === null ? undefined : rawQuery));
        }
        const result = makeHandler(require)(event);
        if (result instanceof Promise) {
          result.then(
            (value) => { settled = { value: value === undefined ? null : value }; },
            (error) => { settled = failure(error); },
          );
        } else {
          settled = { value: result === undefined ? null : result };
        }
      } catch (error) {
        settled = failure(error);
      }
    },
    reads() {
      return JSON.stringify(waiting.map((one) => [one.kind, one.key]));
    },
    answer(text) {
      const answers = JSON.parse(text);
      const asked = waiting;
      waiting = [];
      asked.forEach((one, i) => {
        if (answers[i].missing) one.reject(new Error('KeyNotFound'));
        else one.resolve(answers[i].value);
      });
    },
    end() {
      const result = settled || { error: 'Error: the handler returned a promise that never settles', stack: '' };
      let text;
      try {
        text = JSON.stringify({ result, logs: logger.lines(), origin });
      } catch (error) {
        text = JSON.stringify({ result: failure(error), logs: logger.lines(), origin: null });
      }
      return text;
    },
  };
}
