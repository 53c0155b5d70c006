function handler(event) { var q = 'a=1&'.repeat(50000); var m = require('querystring'); for (;;) m.parse(q, '&', '=', { maxKeys: 0 }); }
