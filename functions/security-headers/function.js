// Viewer response. Headers that every page should have. What the origin sets itself is left as it is, but for the
// two that must not be weakened.
var ALWAYS = {
    'strict-transport-security': 'max-age=63072000; includeSubDomains; preload',
    'x-content-type-options': 'nosniff'
};
var UNLESS_SET = {
    'content-security-policy': "default-src 'self'; object-src 'none'; frame-ancestors 'none'",
    'referrer-policy': 'strict-origin-when-cross-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    'x-frame-options': 'DENY'
};

function handler(event) {
    var headers = event.response.headers;
    Object.keys(ALWAYS).forEach(function (name) {
        headers[name] = { value: ALWAYS[name] };
    });
    Object.keys(UNLESS_SET).forEach(function (name) {
        headers[name] = headers[name] || { value: UNLESS_SET[name] };
    });
    delete headers['x-powered-by'];
    return event.response;
}
