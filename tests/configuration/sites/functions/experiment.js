import cf from 'cloudfront';
const store = cf.kvs();
async function handler(event) {
  const request = event.request;
  const chosen = request.cookies.variant ? request.cookies.variant.value : 'a';
  const prefix = await store.get('variant-' + chosen).catch(() => '');
  request.uri = prefix + request.uri;
  return request;
}
