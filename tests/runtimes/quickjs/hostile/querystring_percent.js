function handler(event) { return require('querystring').parse('a=' + '%ff'.repeat(300000)); }
