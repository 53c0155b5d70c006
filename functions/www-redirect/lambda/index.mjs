// Viewer request, Lambda@Edge: the same redirect as ../function.js. The query string comes raw, and is passed on raw.
export const handler = async (event) => {
    const { request } = event.Records[0].cf;
    const host = request.headers.host[0].value;
    if (!host.startsWith('www.')) {
        return request;
    }
    const query = request.querystring ? `?${request.querystring}` : '';
    const location = `https://${host.slice(4)}${request.uri}${query}`;
    return {
        status: '301',
        statusDescription: 'Moved Permanently',
        headers: {
            location: [{ key: 'Location', value: location }],
            'cache-control': [{ key: 'Cache-Control', value: 'max-age=3600' }],
        },
    };
};
