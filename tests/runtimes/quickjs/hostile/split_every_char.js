function handler(event) { var s = 'x'.repeat(100000); for (;;) s.split('').reverse().join(''); }
