// Viewer request, Lambda@Edge: the same check as ../function.js. Lambda@Edge has neither key value stores nor environment
// variables, so the key stands in the code; or read it once from AWS Secrets Manager, outside of the handler.
import { createHmac, timingSafeEqual } from 'node:crypto';

const SECRET = 'change me before you deploy me';
const LEEWAY_S = 30;

export const handler = async (event) => {
    const { request } = event.Records[0].cf;
    const authorization = request.headers.authorization?.[0].value ?? '';
    if (!authorization.startsWith('Bearer ')) {
        return unauthorized('no token');
    }
    let claims;
    try {
        claims = verified(authorization.slice('Bearer '.length));
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
    request.headers['x-user'] = [{ key: 'X-User', value: String(claims.sub) }];
    return request;
};

function verified(token) {
    const parts = token.split('.');
    if (parts.length !== 3) {
        throw new Error('not a JWT');
    }
    if (decoded(parts[0]).alg !== 'HS256') {
        throw new Error('algorithm not allowed');
    }
    const signature = createHmac('sha256', SECRET).update(`${parts[0]}.${parts[1]}`).digest();
    const given = Buffer.from(parts[2], 'base64url');
    if (given.length !== signature.length || !timingSafeEqual(given, signature)) {
        throw new Error('wrong signature');
    }
    return decoded(parts[1]);
}

function decoded(part) {
    return JSON.parse(Buffer.from(part, 'base64url').toString());
}

function unauthorized(why) {
    const value = `Bearer error="invalid_token", error_description="${why}"`;
    return {
        status: '401',
        statusDescription: 'Unauthorized',
        headers: { 'www-authenticate': [{ key: 'WWW-Authenticate', value }] },
    };
}
