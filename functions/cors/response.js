// Viewer response. Tells browsers that these sites may read the answer.
var ALLOWED = ['https://app.example.com', 'https://admin.example.com'];

function handler(event) {
    var response = event.response;
    var origin = event.request.headers.origin;
    if (origin && ALLOWED.indexOf(origin.value) !== -1) {
        response.headers['access-control-allow-origin'] = { value: origin.value };
        response.headers['access-control-allow-credentials'] = { value: 'true' };
    }
    var vary = response.headers.vary;
    response.headers.vary = { value: vary ? vary.value + ', Origin' : 'Origin' };
    return response;
}
