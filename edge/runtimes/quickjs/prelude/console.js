// console.log as njs prints: a string bare, everything else in its short form, arguments joined by a space.
function makeConsole(write) {
  const TypedArray = Object.getPrototypeOf(Uint8Array);
  const { isArray } = Array;
  const { getOwnPropertyDescriptor, getOwnPropertySymbols, getPrototypeOf, keys, is } = Object;

  function quoted(text) {
    return /["\\\x00-\x1f]/.test(text) ? "'" + JSON.stringify(text).slice(1, -1).replace(/\\"/g, '"') + "'" : "'" + text + "'";
  }

  // A function in a property shows by the name of the property.
  function member(object, key, above) {
    const own = getOwnPropertyDescriptor(object, key);
    if ('value' in own) return show(own.value, above, typeof key === 'symbol' ? '' : key);
    if (!own.get) return "'[Setter]'";
    return own.set ? "'[Getter/Setter]'" : "'[Getter]'";
  }

  function members(object, above, first) {
    let shown = first;
    for (const key of keys(object)) {
      if (isArray(object) && Number(key) < object.length) continue;
      shown += (shown === '' ? '' : ',') + key + ':' + member(object, key, above);
    }
    for (const key of getOwnPropertySymbols(object)) {
      if (!getOwnPropertyDescriptor(object, key).enumerable) continue;
      shown += (shown === '' ? '' : ',') + String(key) + ':' + member(object, key, above);
    }
    return shown;
  }

  function items(array, above) {
    let shown = '';
    for (let i = 0; i < array.length; i++) shown += (i === 0 ? '' : ',') + (i in array ? member(array, i, above) : '<empty>');
    return '[' + members(array, above, shown) + ']';
  }

  // The kinds of objects that have a form of their own; undefined for others.
  function special(value) {
    if (value instanceof Error || value instanceof RegExp) return String(value);
    if (value instanceof Date) return isNaN(value) ? 'Invalid Date' : value.toISOString();
    if (value instanceof String) return '[String: ' + quoted(String(value)) + ']';
    if (value instanceof Number || value instanceof Boolean) return '[' + value.constructor.name + ': ' + value + ']';
    if (value instanceof TypedArray) return value.constructor.name + ' [' + value.join() + ']';
    if (value instanceof Promise || value instanceof ArrayBuffer) return value.constructor.name + ' {}';
    return undefined;
  }

  function showObject(value, above) {
    if (isArray(value)) return items(value, above);
    const own = getPrototypeOf(value) === Object.prototype ? undefined : special(value);
    if (own !== undefined) return own;
    const tag = value[Symbol.toStringTag];
    return (typeof tag === 'string' ? tag + ' ' : '') + '{' + members(value, above, '') + '}';
  }

  function show(value, above, name) {
    if (typeof value === 'string') return quoted(value);
    if (typeof value === 'function') {
      const called = name === undefined ? value.name : name;
      return called === '' ? '[Function]' : '[Function: ' + called + ']';
    }
    if (value === null || typeof value !== 'object') return is(value, -0) ? '-0' : String(value);
    if (above.includes(value)) return '[Circular]';
    above.push(value);
    const shown = showObject(value, above);
    above.pop();
    return shown;
  }

  return {
    log(...values) {
      let line = '';
      for (let i = 0; i < values.length; i++) {
        line += (i === 0 ? '' : ' ') + (typeof values[i] === 'string' ? values[i] : show(values[i], []));
      }
      write(line);
    },
  };
}
