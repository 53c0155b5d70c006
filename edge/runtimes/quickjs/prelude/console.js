// console.log as njs prints: a string bare, everything else in its short form, arguments joined by a space.
function makeConsole(write) {
  const TypedArray = Object.getPrototypeOf(Uint8Array);
  const isArray = Array.isArray;
  const describe = Object.getOwnPropertyDescriptor;
  const getSymbols = Object.getOwnPropertySymbols;

  function quoted(text) {
    return "'" + JSON.stringify(text).slice(1, -1).replace(/\\"/g, '"') + "'";
  }

  function accessor(descriptor) {
    if (!descriptor.get) return "'[Setter]'";
    return descriptor.set ? "'[Getter/Setter]'" : "'[Getter]'";
  }

  // A function in a property shows by the name of the property.
  function member(value, key, above) {
    const descriptor = describe(value, key);
    return 'value' in descriptor ? show(descriptor.value, above, typeof key === 'symbol' ? '' : key) : accessor(descriptor);
  }

  function members(value, above, keys) {
    const symbols = getSymbols(value).filter((key) => describe(value, key).enumerable);
    return keys.concat(symbols).map((key) => String(key) + ':' + member(value, key, above));
  }

  function items(value, above) {
    const shown = [];
    for (let i = 0; i < value.length; i++) shown.push(i in value ? member(value, String(i), above) : '<empty>');
    const others = Object.keys(value).filter((key) => !(Number(key) < value.length));
    return '[' + shown.concat(members(value, above, others)).join(',') + ']';
  }

  function showObject(value, above) {
    if (value instanceof Error || value instanceof RegExp) return String(value);
    if (value instanceof Date) return isNaN(value) ? 'Invalid Date' : value.toISOString();
    if (value instanceof String) return '[String: ' + quoted(String(value)) + ']';
    if (value instanceof Number || value instanceof Boolean) return '[' + value.constructor.name + ': ' + value + ']';
    if (value instanceof TypedArray) return value.constructor.name + ' [' + value.join() + ']';
    if (value instanceof Promise || value instanceof ArrayBuffer) return value.constructor.name + ' {}';
    if (isArray(value)) return items(value, above);
    const tag = value[Symbol.toStringTag];
    return (typeof tag === 'string' ? tag + ' ' : '') + '{' + members(value, above, Object.keys(value)).join(',') + '}';
  }

  function show(value, above, name) {
    if (typeof value === 'string') return quoted(value);
    if (typeof value === 'function') {
      const called = name === undefined ? value.name : name;
      return called ? '[Function: ' + called + ']' : '[Function]';
    }
    if (Object.is(value, -0)) return '-0';
    if (value === null || typeof value !== 'object') return String(value);
    return above.includes(value) ? '[Circular]' : showObject(value, above.concat([value]));
  }

  return {
    log(...values) {
      write(values.map((value) => (typeof value === 'string' ? value : show(value, []))).join(' '));
    },
  };
}
