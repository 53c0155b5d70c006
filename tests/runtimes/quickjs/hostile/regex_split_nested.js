function handler(event) { return 'x'.repeat(60).split(/(x+x+)+y/); }
