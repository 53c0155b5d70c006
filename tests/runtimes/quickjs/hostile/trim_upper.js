function handler(event) { var s = ' '.repeat(500000) + 'ß'.repeat(100000); for (;;) s.toUpperCase().trim().toLowerCase(); }
