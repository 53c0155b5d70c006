import cf from 'cloudfront';
import crypto from 'crypto';

async function handler(event) {
    const request = event.request;
    const parts = request.headers.authorization ? request.headers.authorization.value.slice(7).split('.') : [];
    const secret = await cf.kvs().get('secret');
    const signature = crypto.createHmac('sha256', secret).update(parts[0] + '.' + parts[1]).digest('base64url');
    if (parts.length !== 3 || signature !== parts[2]) {
        return { statusCode: 401, statusDescription: 'Unauthorized' };
    }
    const claims = JSON.parse(Buffer.from(parts[1], 'base64url').toString());
    if (claims.exp * 1000 < Date.now()) {
        console.log('expired', claims.sub);
        return { statusCode: 401, statusDescription: 'Unauthorized' };
    }
    return request;
}
