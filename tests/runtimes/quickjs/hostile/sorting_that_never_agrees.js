function handler(event) { for (;;) [3, 1, 2].sort(function () { return Math.random() - 0.5; }); }
