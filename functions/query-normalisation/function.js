// Viewer request. More cache hits: parameters of advertising are dropped and the rest is sorted, so that ?b=2&a=1 and
// ?a=1&b=2&utm_source=mail are the same object in the cache.
var IGNORED = ['fbclid', 'gclid', 'msclkid', 'mc_cid', 'mc_eid'];

function handler(event) {
    var request = event.request;
    var parts = [];
    Object.keys(request.querystring).forEach(function (name) {
        if (name.startsWith('utm_') || IGNORED.indexOf(name) !== -1) {
            return;
        }
        var parameter = request.querystring[name];
        (parameter.multiValue || [parameter]).forEach(function (one) {
            parts.push(name + '=' + one.value);
        });
    });
    // A string keeps this order; an object would come out in an order of CloudFront's choosing.
    request.querystring = parts.sort().join('&');
    return request;
}
