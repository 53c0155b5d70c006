function handler(event) { var b = Buffer.alloc(500000, 'a'); for (;;) b.indexOf('a'.repeat(1000) + 'b'); }
