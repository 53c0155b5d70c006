// Viewer request. A static site of many pages: /docs and /docs/ both get /docs/index.html.
// CloudFront's default root object does this for / only.
function handler(event) {
    var request = event.request;
    var uri = request.uri;
    if (uri.endsWith('/')) {
        request.uri = uri + 'index.html';
    } else if (uri.split('/').pop().indexOf('.') === -1) {
        request.uri = uri + '/index.html';
    }
    return request;
}
