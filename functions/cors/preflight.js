// Viewer request. Answers CORS preflight requests at the edge, so that they never reach the origin.
var ALLOWED = ['https://app.example.com', 'https://admin.example.com'];

function handler(event) {
    var request = event.request;
    var origin = request.headers.origin;
    if (request.method !== 'OPTIONS' || !origin || !request.headers['access-control-request-method']) {
        return request;
    }
    if (ALLOWED.indexOf(origin.value) === -1) {
        return { statusCode: 403, statusDescription: 'Forbidden' };
    }
    return {
        statusCode: 204,
        statusDescription: 'No Content',
        headers: {
            'access-control-allow-origin': { value: origin.value },
            'access-control-allow-methods': { value: 'GET, POST, PUT, DELETE' },
            'access-control-allow-headers': { value: 'authorization, content-type' },
            'access-control-max-age': { value: '86400' },
            vary: { value: 'Origin' }
        }
    };
}
