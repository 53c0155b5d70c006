function handler(event) { for (;;) (1e308).toString(2), (5e-324).toFixed(100), (1.1).toPrecision(100); }
