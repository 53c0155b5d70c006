function handler(event) { var s = 'a'.repeat(500000); for (;;) s.indexOf('b'); }
