function handler(event) { var o = {}; for (var i = 0; i < 9; i++) o = { a: o, b: o, c: o, d: o, e: o, f: o, g: o }; console.log(o); }
