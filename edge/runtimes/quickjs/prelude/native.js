// The native engine's half of a run: what the sealed engine has in guest.c, in JavaScript.
// `makeModules(host)` is the prelude; the answer is the set of functions that native.py calls.
function makeNative(makeModules, logLimit) {
  const { parse, stringify } = JSON;
  const define = (target, name, value) =>
    Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });
  const codecs = makeCodecs();
  const { encode, decode } = codecs;

  let call; // of begin()
  let logs, logged, origin, data, waiting, settled, inHandler;

  // Dates stand still during a run; chance is reseeded for each.
  function freezeTime() {
    const construct = Reflect.construct;
    const Real = Date;
    function Frozen(...parts) {
      if (!new.target) return new Real(call.now).toString();
      return construct(Real, parts.length ? parts : [call.now], new.target);
    }
    Frozen.prototype = Real.prototype;
    define(Frozen, 'name', 'Date');
    define(Frozen, 'now', () => call.now);
    define(Frozen, 'parse', Real.parse);
    define(Frozen, 'UTC', Real.UTC);
    define(Real.prototype, 'constructor', Frozen);
    define(globalThis, 'Date', Frozen);
  }

  function random() {
    // mulberry32
    call.seed = (call.seed + 0x6d2b79f5) | 0;
    let t = Math.imul(call.seed ^ (call.seed >>> 15), 1 | call.seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  // Four kinds of function, four constructors that turn text into code.
  function closeCompilers() {
    const { InternalError } = globalThis;
    const closed = function () {
      throw new InternalError('Not implemented');
    };
    closed.prototype = Function.prototype;
    for (const kind of [function () {}, async function () {}, function* () {}, async function* () {}]) {
      define(Object.getPrototypeOf(kind), 'constructor', closed);
    }
    define(closed, 'name', 'Function');
    define(globalThis, 'Function', closed);
    define(globalThis, 'eval', () => closed());
  }

  const host = {
    ...codecs,
    hash: makeHash(),
    log(line) {
      const bytes = encode(line, 'utf8');
      if (logged < logLimit) logs.push(bytes.length <= logLimit - logged ? line : decode(bytes.subarray(0, logLimit - logged), 'utf8'));
      logged += bytes.length;
    },
    readStore(kind, key) {
      return new Promise((resolve) => waiting.push({ kind: kind[0], key, resolve }));
    },
    store: () => call.store,
    isViewerRequest: () => call.viewerRequest,
    inHandler: () => inHandler,
    recordOrigin(change) {
      origin = change;
    },
    recordData(text) {
      data = text;
    },
  };

  const freezeAll = makeFreezer();
  freezeTime();
  define(Math, 'random', random);
  closeCompilers();
  const modules = makeModules(host);
  const hasRawQuery = modules.cloudfront !== undefined;

  // `import x from 'y'` arrives as a call of this: it finds `cloudfront`, which require does not.
  function importDefault(name) {
    if (!Object.prototype.hasOwnProperty.call(modules, name)) throw new Error('Cannot find module "' + name + '"');
    return modules[name];
  }
  freezeAll([globalThis, modules]);

  function failure(error) {
    const stack = error instanceof Error ? String(error.stack) : '';
    return { error: String(error), stack };
  }

  function settle(value) {
    settled = { value: value === undefined ? null : value };
  }

  return {
    begin(makeHandler, text) {
      call = parse(text);
      [logs, logged, origin, data, waiting, settled, inHandler] = [[], 0, null, '', [], null, false];
      try {
        const event = call.event;
        if (hasRawQuery && event.request) {
          define(event.request, 'rawQueryString', () => (call.rawQuery === null ? undefined : call.rawQuery));
        }
        const handler = makeHandler(importDefault);
        inHandler = true;
        const result = handler(event);
        if (!(result instanceof Promise)) settle(result);
        else result.then(settle, (error) => { settled = failure(error); });
      } catch (error) {
        settled = failure(error);
      }
    },
    reads() {
      return stringify(waiting.map((one) => [one.kind, one.key]));
    },
    answer(text) {
      const asked = waiting;
      waiting = [];
      parse(text).forEach((value, i) => asked[i].resolve(value));
    },
    end() {
      try {
        return stringify({ result: settled, logs, origin, data });
      } catch (error) {
        return stringify({ result: failure(error), logs, origin: null, data: '' });
      }
    },
  };
}

// Everything reachable becomes read-only, so that no run can leave anything for the next in it. What objects often
// override (`error.name = ...`) becomes an accessor, because assignment cannot shadow a read-only property.
function makeFreezer() {
  const OVERRIDDEN = ['constructor', 'toString', 'valueOf', 'toJSON', 'name', 'message'];
  const hidden = [async function () {}, function* () {}, async function* () {}, [][Symbol.iterator](), 'a'.matchAll(/a/g)];
  const { ownKeys } = Reflect;
  const seen = new Set();

  function shadowable(object, key, value) {
    Object.defineProperty(object, key, {
      get: () => value,
      set(own) {
        if (this === object) throw new TypeError('Cannot assign to read-only property "' + key + '" of object');
        Object.defineProperty(this, key, { value: own, writable: true, configurable: true, enumerable: true });
      },
    });
  }

  function visit(object) {
    if ((typeof object !== 'object' && typeof object !== 'function') || object === null || seen.has(object)) return;
    seen.add(object);
    visit(Object.getPrototypeOf(object));
    const isPrototype = Object.prototype.hasOwnProperty.call(object, 'constructor');
    for (const key of ownKeys(object)) {
      const own = Object.getOwnPropertyDescriptor(object, key);
      for (const part of [own.value, own.get, own.set]) visit(part);
      if (isPrototype && own.configurable && 'value' in own && OVERRIDDEN.includes(key)) shadowable(object, key, own.value);
    }
    Object.freeze(object);
  }

  return (roots) => roots.concat(hidden.map(Object.getPrototypeOf)).forEach(visit);
}
