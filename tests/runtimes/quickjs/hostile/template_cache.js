function handler(event) { var s = ''; for (;;) s = `${s}${s}x`; }
