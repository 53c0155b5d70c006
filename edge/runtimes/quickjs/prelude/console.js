// console.log as njs prints: a string bare, everything else in its short form, arguments joined by a space.
function makeConsole(write) {
  const TypedArray = Object.getPrototypeOf(Uint8Array);
  const isArray = Array.isArray;
  const describe = Object.getOwnPropertyDescriptor;

  function quoted(text) {
    return "'" + JSON.stringify(text).slice(1, -1).replace(/\\"/g, '"') + "'";
  }

  function members(value, above) {
    return Object.keys(value).map((key) => {
      const descriptor = describe(value, key);
      return key + ':' + ('value' in descriptor ? show(descriptor.value, above) : descriptor.get ? "'[Getter]'" : "'[Setter]'");
    });
  }

  function items(value, above) {
    const shown = [];
    for (let i = 0; i < value.length; i++) shown.push(i in value ? show(value[i], above) : '<empty>');
    return '[' + shown.join(',') + ']';
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
    return (typeof tag === 'string' ? tag + ' ' : '') + '{' + members(value, above).join(',') + '}';
  }

  function show(value, above) {
    if (typeof value === 'string') return quoted(value);
    if (typeof value === 'function') return value.name ? '[Function: ' + value.name + ']' : '[Function]';
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
