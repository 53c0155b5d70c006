// Viewer request. The home page sends visitors to the site of their country, once: who has chosen a site keeps it.
// CloudFront-Viewer-Country is there only if a cache policy or an origin request policy of the behavior names it.
var SITES = { AT: '/de/', CH: '/de/', DE: '/de/', BE: '/fr/', FR: '/fr/', JP: '/ja/' };
var EVERYBODY_ELSE = '/en/';

function handler(event) {
    var request = event.request;
    if (request.uri !== '/') {
        return request;
    }
    var chosen = request.cookies.site;
    var country = request.headers['cloudfront-viewer-country'];
    var site = (country && SITES[country.value]) || EVERYBODY_ELSE;
    if (chosen && /^[a-z]{2}$/.test(chosen.value)) {
        site = '/' + chosen.value + '/';
    }
    return {
        statusCode: 302,
        statusDescription: 'Found',
        headers: {
            location: { value: site },
            'cache-control': { value: 'private, no-store' }
        }
    };
}
