// Viewer response. A visitor who has just been drawn keeps the variant for a month. The response function sees the
// headers that the request function has set.
function handler(event) {
    var response = event.response;
    var drawn = event.request.headers['x-new-variant'];
    if (drawn) {
        response.cookies.variant = {
            value: drawn.value,
            attributes: 'Path=/; Max-Age=2592000; Secure; SameSite=Lax'
        };
        response.headers['cache-control'] = { value: 'private, no-store' };
    }
    return response;
}
