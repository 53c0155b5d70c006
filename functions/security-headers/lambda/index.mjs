// Viewer response, Lambda@Edge: the same headers as ../function.js.
const ALWAYS = {
    'strict-transport-security': 'max-age=63072000; includeSubDomains; preload',
    'x-content-type-options': 'nosniff',
};
const UNLESS_SET = {
    'content-security-policy': "default-src 'self'; object-src 'none'; frame-ancestors 'none'",
    'referrer-policy': 'strict-origin-when-cross-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    'x-frame-options': 'DENY',
};

export const handler = async (event) => {
    const { response } = event.Records[0].cf;
    for (const [name, value] of Object.entries(ALWAYS)) {
        response.headers[name] = [{ key: name, value }];
    }
    for (const [name, value] of Object.entries(UNLESS_SET)) {
        response.headers[name] ??= [{ key: name, value }];
    }
    delete response.headers['x-powered-by'];
    return response;
};
