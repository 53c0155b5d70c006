// Viewer request, cloudfront-js-1.0. The same check for the older runtime, which has neither a key value store nor
// Buffer: the key stands in the code, and text is decoded with String.bytesFrom.
var crypto = require('crypto');

var SECRET = 'change me before you deploy me';
var LEEWAY_S = 30;

function handler(event) {
    var request = event.request;
    var authorization = request.headers.authorization;
    if (!authorization || !authorization.value.startsWith('Bearer ')) {
        return unauthorized('no token');
    }
    var claims;
    try {
        claims = verified(authorization.value.slice('Bearer '.length));
    } catch (error) {
        console.log(error.message);
        return unauthorized('invalid token');
    }
    var now = Date.now() / 1000;
    if (typeof claims.exp !== 'number' || claims.exp + LEEWAY_S < now) {
        return unauthorized('expired token');
    }
    if (typeof claims.nbf === 'number' && claims.nbf - LEEWAY_S > now) {
        return unauthorized('token not valid yet');
    }
    request.headers['x-user'] = { value: String(claims.sub) };
    return request;
}

function verified(token) {
    var parts = token.split('.');
    if (parts.length !== 3) {
        throw new Error('not a JWT');
    }
    if (decoded(parts[0]).alg !== 'HS256') {
        throw new Error('algorithm not allowed');
    }
    var hmac = crypto.createHmac('sha256', SECRET);
    var signature = hmac.update(parts[0] + '.' + parts[1]).digest('base64url');
    if (!sameText(signature, parts[2])) {
        throw new Error('wrong signature');
    }
    return decoded(parts[1]);
}

function decoded(part) {
    return JSON.parse(String.bytesFrom(part, 'base64url'));
}

// Takes as long for a signature that is wrong at the start as for one that is wrong at the end.
function sameText(one, other) {
    var different = one.length ^ other.length;
    for (var i = 0; i < one.length && i < other.length; i++) {
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
