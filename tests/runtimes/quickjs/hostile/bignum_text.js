function handler(event) { for (;;) (1e308).toFixed(100) + (1e-300).toString(3); }
