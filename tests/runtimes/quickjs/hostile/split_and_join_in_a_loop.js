function handler(event) { var s = 'a,'.repeat(20000); for (;;) s.split(',').join(';'); }
