import cf from 'cloudfront';
async function handler(event) { const kvs = cf.kvs(); for (;;) await kvs.get('a'); }
