function handler(event) { var a = []; for (var i = 0; i < 3000; i++) a.push(i); a.sort(function (x, y) { a.push(1); return y - x; }); for (;;) a.sort(function () { a.length = 0; return 1; }); }
