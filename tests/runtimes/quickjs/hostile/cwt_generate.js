import cf from 'cloudfront';
function handler(event) { var p = {}; for (var i = 0; i < 20000; i++) p[i] = { a: i }; return cf.cwt.generateToken({ payload: p }, { coseTag: 'MAC0', key: 'k' }); }
