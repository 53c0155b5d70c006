function handler(event) { var s = 'x'.repeat(1048576); for (;;) s = s.slice(1) + 'y'; }
