function handler(event) { var f = function () {}; for (;;) f = f.bind(null, f); }
