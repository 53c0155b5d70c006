function handler(event) { var c = require('crypto'); var k = 'k'.repeat(500000); for (;;) c.createHmac('sha256', k).update(k).digest('hex'); }
