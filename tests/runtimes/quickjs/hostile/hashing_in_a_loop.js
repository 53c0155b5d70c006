var crypto = require('crypto');
function handler(event) { var s = 'a'.repeat(200000); for (;;) crypto.createHash('sha256').update(s).digest('hex'); }
