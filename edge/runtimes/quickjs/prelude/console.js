// console.log as njs prints: a string bare, everything else in its short form, arguments joined by a space.
// `log` keeps at most `limit` bytes of one run; what is over is cut off.
function makeConsole(limit) {
  let lines = [];
  let left = limit;

  function show(value, top, depth) {
    if (typeof value === 'string') return top ? value : "'" + value + "'";
    if (typeof value === 'function') return '[Function]';
    if (typeof value === 'symbol') return value.toString();
    if (value === null || typeof value !== 'object') return String(value);
    if (value instanceof Error) return String(value);
    if (depth > 8) return Array.isArray(value) ? '[Array]' : '[Object]';
    if (Array.isArray(value)) return '[' + value.map((one) => show(one, false, depth + 1)).join(',') + ']';
    if (typeof value.then === 'function') return 'Promise {}';
    return '{' + Object.keys(value).map((key) => key + ':' + show(value[key], false, depth + 1)).join(',') + '}';
  }

  return {
    console: {
      log: function log(...values) {
        let text = values.map((value) => show(value, true, 0)).join(' ');
        if (left <= 0) return undefined;
        if (text.length > left) text = text.slice(0, left);
        left -= text.length;
        lines.push(text);
        return undefined;
      },
    },
    begin() {
      lines = [];
      left = limit;
    },
    lines() {
      return lines;
    },
  };
}
