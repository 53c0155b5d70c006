function handler(event) { var s = 'x'; for (;;) s = `${s}${s}`; }
