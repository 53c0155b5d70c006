function handler(event) { var o = {}; for (var i = 0; ; i++) Object.defineProperty(o, 'k' + i, { value: i }); }
