// Viewer request. Tells the origin the viewer's address in a header of its own, which viewers cannot forge: whatever
// they send under this name is replaced. An origin request policy must forward the header.
function handler(event) {
    var request = event.request;
    request.headers['true-client-ip'] = { value: event.viewer.ip };
    return request;
}
