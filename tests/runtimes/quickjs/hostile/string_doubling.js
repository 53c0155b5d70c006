function handler(event) { var s = 'ab'; for (;;) s += s; }
