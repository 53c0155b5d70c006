// Viewer request. Half of the visitors see the pages under /b. Who has the cookie stays where they are; the others are
// drawn by lot, and remember.js sends them the cookie.
var SHARE_OF_B = 0.5;

function handler(event) {
    var request = event.request;
    var cookie = request.cookies.variant;
    var known = cookie && (cookie.value === 'a' || cookie.value === 'b');
    var variant = known ? cookie.value : Math.random() < SHARE_OF_B ? 'b' : 'a';
    if (!known) {
        request.headers['x-new-variant'] = { value: variant };
    }
    if (variant === 'b') {
        request.uri = '/b' + request.uri;
    }
    return request;
}
