import cf from 'cloudfront';
function handler(event) { var p = {}; p[1] = p; return cf.cwt.generateToken({ payload: p }, { coseTag: 'MAC0', key: 'k' }); }
