// Viewer request, Lambda@Edge: who has a valid JSON Web Token (RS256) of the issuer gets in. The issuer's keys are fetched
// when they are needed, kept for ten minutes in this environment, and fetched anew for a key that is not among them.
import { createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';

const { issuer, audience } = JSON.parse(readFileSync(new URL('config.json', import.meta.url), 'utf8'));
const KEEP_MS = 10 * 60 * 1000;
const AT_MOST_EVERY_MS = 10 * 1000; // so that tokens with made-up keys do not make requests
const LEEWAY_S = 30;

let keys = new Map();
let fetchedAt = 0;

export const handler = async (event) => {
    const { request } = event.Records[0].cf;
    const [scheme, token] = (request.headers.authorization?.[0].value ?? '').split(' ');
    if (scheme !== 'Bearer' || !token) return refused('no token');
    try {
        const claims = await verified(token);
        request.headers['x-user'] = [{ key: 'X-User', value: encodeURIComponent(claims.sub) }];
        return request;
    } catch (error) {
        console.log('refused:', error.message);
        return refused('invalid token');
    }
};

async function verified(token) {
    const parts = token.split('.');
    if (parts.length !== 3) throw new Error('not three parts');
    const [header, claims] = parts.slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url')));
    if (header.alg !== 'RS256') throw new Error(`algorithm ${header.alg}`);
    const key = await keyOf(header.kid);
    const signature = Buffer.from(parts[2], 'base64url');
    if (!verify('sha256', Buffer.from(`${parts[0]}.${parts[1]}`), key, signature)) throw new Error('signature');
    const now = Date.now() / 1000;
    if (claims.iss !== issuer) throw new Error(`issuer ${claims.iss}`);
    if (audience && ![claims.aud].flat().includes(audience)) throw new Error(`audience ${claims.aud}`);
    if (!(claims.exp + LEEWAY_S > now)) throw new Error('expired');
    if (claims.nbf !== undefined && claims.nbf - LEEWAY_S > now) throw new Error('not valid yet');
    return claims;
}

async function keyOf(id) {
    const age = Date.now() - fetchedAt;
    if (age > KEEP_MS || (!keys.has(id) && age > AT_MOST_EVERY_MS)) {
        const answer = await fetch(`${issuer}/.well-known/jwks.json`);
        if (!answer.ok) throw new Error(`the keys of the issuer: ${answer.status}`);
        const set = await answer.json();
        keys = new Map(set.keys.map((key) => [key.kid, createPublicKey({ key, format: 'jwk' })]));
        fetchedAt = Date.now();
    }
    const key = keys.get(id);
    if (!key) throw new Error(`no key ${id}`);
    return key;
}

function refused(why) {
    return {
        status: '401',
        statusDescription: 'Unauthorized',
        headers: {
            'www-authenticate': [{ key: 'WWW-Authenticate', value: 'Bearer' }],
            'content-type': [{ key: 'Content-Type', value: 'text/plain; charset=utf-8' }],
        },
        body: why,
    };
}
