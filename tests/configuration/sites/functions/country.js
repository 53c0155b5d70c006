function handler(event) {
  var request = event.request;
  var country = request.headers['cloudfront-viewer-country'];
  if (country && country.value === 'DE' && request.uri === '/') {
    request.uri = '/de/index.html';
  }
  return request;
}
