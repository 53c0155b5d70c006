function handler(event) {
    var request = event.request;
    if (request.uri === '/old') {
        var query = request.rawQueryString();
        return {
            statusCode: 301,
            statusDescription: 'Moved Permanently',
            headers: { location: { value: '/new' + (query ? '?' + query : '') } }
        };
    }
    return request;
}
