// Origin request, Lambda@Edge: pages of a single-page application rendered at the edge. The data comes from the API, the
// page is cached like an answer of the origin; files and the API itself go to the origin.
import { render } from './render.mjs';

const API = 'https://api.example.com';
const TIMEOUT_MS = 2000;

export const handler = async (event) => {
    const { request } = event.Records[0].cf;
    if (request.method !== 'GET' || /\.[a-z0-9]+$|^\/api\//i.test(request.uri)) return request;
    const route = /^\/products\/(\d+)$/.exec(request.uri);
    if (!route) return page(200, render({ title: 'Home', path: request.uri }));
    let answer;
    try {
        answer = await fetch(`${API}/products/${route[1]}`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    } catch (error) {
        console.error('the API:', error.message);
    }
    if (answer?.status === 404) return page(404, render({ title: 'Not found', path: request.uri }));
    // Without data the browser renders: the empty application is better than an error.
    if (!answer?.ok) return { ...request, uri: '/index.html' };
    const product = await answer.json();
    return page(200, render({ title: product.name, path: request.uri, product }));
};

function page(status, body) {
    return {
        status: String(status),
        headers: {
            'content-type': [{ key: 'Content-Type', value: 'text/html; charset=utf-8' }],
            'cache-control': [{ key: 'Cache-Control', value: status === 200 ? 'max-age=60' : 'max-age=5' }],
        },
        body,
    };
}
