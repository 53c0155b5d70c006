function handler(event) { for (;;) Buffer.alloc(1000000, 'abc'); }
