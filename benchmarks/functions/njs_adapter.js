// Put behind a CloudFront Function to make it a module for nginx's njs: builds the event, gives back the rewritten URI.
function uri(r) {
    var headers = {};
    for (var name in r.headersIn) {
        headers[name.toLowerCase()] = { value: r.headersIn[name] };
    }
    var querystring = {};
    for (var key in r.args) {
        querystring[key] = { value: r.args[key] };
    }
    var event = {
        version: '1.0',
        context: {
            distributionDomainName: 'd111111abcdef8.cloudfront.net',
            distributionId: 'EDGEONALAPTOP1',
            eventType: 'viewer-request',
            requestId: r.variables.request_id
        },
        viewer: { ip: r.remoteAddress },
        request: { method: r.method, uri: r.uri, querystring: querystring, headers: headers, cookies: {} }
    };
    return handler(event).uri;
}

export default { uri };
