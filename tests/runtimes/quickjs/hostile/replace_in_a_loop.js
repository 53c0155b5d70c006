function handler(event) { var s = 'ab'.repeat(20000); for (;;) s.replace(/a/g, 'c'); }
