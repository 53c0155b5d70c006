function handler(event) { return 'x'.repeat(50000).replace(/(x+x+)+y/g, ''); }
