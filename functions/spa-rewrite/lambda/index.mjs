// Viewer request, Lambda@Edge: the same rewrite as ../function.js. At origin request it would run on cache misses only,
// but then every address would be an object of its own in the cache.
export const handler = async (event) => {
    const { request } = event.Records[0].cf;
    const isFile = request.uri.split('/').pop().indexOf('.') > 0;
    if (!isFile && !request.uri.startsWith('/api/')) {
        request.uri = '/index.html';
    }
    return request;
};
