function handler(event) { return JSON.stringify({ a: 1 }, function (k, v) { return { a: 1, b: 2 }; }); }
