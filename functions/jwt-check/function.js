// Viewer request, cloudfront-js-2.0. Lets in who has a valid JWT (HS256) in Authorization: Bearer. The key is in the
// key value store under "jwt.secret", so that it is not in the code and can be changed without publishing anew.
import cf from 'cloudfront';
import crypto from 'crypto';

const LEEWAY_S = 30;

async function handler(event) {
    const request = event.request;
    const authorization = request.headers.authorization;
    if (!authorization || !authorization.value.startsWith('Bearer ')) {
        return unauthorized('no token');
    }
    let claims;
    try {
        const secret = await cf.kvs().get('jwt.secret');
        claims = verified(authorization.value.slice('Bearer '.length), secret);
    } catch (error) {
        console.log(error.message);
        return unauthorized('invalid token');
    }
    const now = Date.now() / 1000;
    if (typeof claims.exp !== 'number' || claims.exp + LEEWAY_S < now) {
        return unauthorized('expired token');
    }
    if (typeof claims.nbf === 'number' && claims.nbf - LEEWAY_S > now) {
        return unauthorized('token not valid yet');
    }
    request.headers['x-user'] = { value: String(claims.sub) };
    return request;
}

function verified(token, secret) {
    const parts = token.split('.');
    if (parts.length !== 3) {
        throw new Error('not a JWT');
    }
    if (decoded(parts[0]).alg !== 'HS256') {
        throw new Error('algorithm not allowed');
    }
    const hmac = crypto.createHmac('sha256', secret);
    const signature = hmac.update(parts[0] + '.' + parts[1]).digest('base64url');
    if (!sameText(signature, parts[2])) {
        throw new Error('wrong signature');
    }
    return decoded(parts[1]);
}

function decoded(part) {
    return JSON.parse(Buffer.from(part, 'base64url').toString());
}

// Takes as long for a signature that is wrong at the start as for one that is wrong at the end.
function sameText(one, other) {
    let different = one.length ^ other.length;
    for (let i = 0; i < one.length && i < other.length; i++) {
        different |= one.charCodeAt(i) ^ other.charCodeAt(i);
    }
    return different === 0;
}

function unauthorized(why) {
    return {
        statusCode: 401,
        statusDescription: 'Unauthorized',
        headers: { 'www-authenticate': { value: 'Bearer error="invalid_token", error_description="' + why + '"' } }
    };
}
