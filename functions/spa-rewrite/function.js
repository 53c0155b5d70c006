// Viewer request. A single-page application: every address that is not a file gets /index.html, and the
// application's own router does the rest. Files and the API are left alone.
function handler(event) {
    var request = event.request;
    var lastSegment = request.uri.split('/').pop();
    var isFile = lastSegment.indexOf('.') > 0;
    if (!isFile && !request.uri.startsWith('/api/')) {
        request.uri = '/index.html';
    }
    return request;
}
