function handler(event) { var a = new Float64Array(200000); for (;;) a.sort(function (x, y) { return Math.random() - 0.5; }); }
