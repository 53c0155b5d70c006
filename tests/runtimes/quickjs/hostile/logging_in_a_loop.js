function handler(event) { for (;;) console.log('x'.repeat(1000)); }
