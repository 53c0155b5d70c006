function handler(event) { var it = {}; it[Symbol.iterator] = function () { return { next: function () { return { value: 1, done: false }; } }; }; return Uint8Array.from(it); }
