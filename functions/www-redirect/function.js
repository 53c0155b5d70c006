// Viewer request. https://www.example.com/a?b=c goes to https://example.com/a?b=c for good.
function handler(event) {
    var request = event.request;
    var host = request.headers.host.value;
    if (!host.startsWith('www.')) {
        return request;
    }
    var query = queryString(request.querystring);
    return {
        statusCode: 301,
        statusDescription: 'Moved Permanently',
        headers: {
            location: { value: 'https://' + host.slice(4) + request.uri + query },
            'cache-control': { value: 'max-age=3600' }
        }
    };
}

// Values are as the viewer wrote them, still percent-encoded, so they must not be encoded again.
function queryString(parameters) {
    var parts = [];
    Object.keys(parameters).forEach(function (name) {
        var parameter = parameters[name];
        (parameter.multiValue || [parameter]).forEach(function (one) {
            parts.push(one.value === '' ? name : name + '=' + one.value);
        });
    });
    return parts.length > 0 ? '?' + parts.join('&') : '';
}
