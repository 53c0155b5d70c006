function handler(event) { for (;;) { try { var s = 'ab'; for (;;) s += s; } catch (error) {} } }
