// Viewer response, Lambda@Edge: the same cookie as ../remember.js.
export const handler = async (event) => {
    const { request, response } = event.Records[0].cf;
    const drawn = request.headers['x-new-variant'];
    if (drawn) {
        const value = `variant=${drawn[0].value}; Path=/; Max-Age=2592000; Secure; SameSite=Lax`;
        response.headers['set-cookie'] = [...(response.headers['set-cookie'] ?? []), { key: 'Set-Cookie', value }];
        response.headers['cache-control'] = [{ key: 'Cache-Control', value: 'private, no-store' }];
    }
    return response;
};
