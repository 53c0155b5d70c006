// Origin response, Lambda@Edge: HTML gets a banner and a nonce for its inline scripts. A function sees no body of a
// response, so this one fetches the page from the origin a second time, and answers with what it makes of it. That is done
// once for each object, because what it returns is cached.
import { randomBytes } from 'node:crypto';

const BANNER = '<div class="banner">Preview</div>';
const HTML_MAX_BYTES = 900_000; // CloudFront takes 1 MB of a body that a function makes, headers included
const PASSED_ON = ['accept-language', 'cookie', 'authorization'];

export const handler = async (event) => {
    const { request, response } = event.Records[0].cf;
    if (request.method !== 'GET' || response.status !== '200' || !isHtml(response)) return response;
    const page = await fetch(addressOf(request), { headers: headersOf(request) });
    if (!page.ok) return response;
    const html = await page.text();
    if (Buffer.byteLength(html) > HTML_MAX_BYTES) return response;
    const nonce = randomBytes(16).toString('base64');
    response.body = html
        .replace(/<body([^>]*)>/i, `<body$1>${BANNER}`)
        .replace(/<script(?![^>]*\b(?:src|nonce)=)/gi, `<script nonce="${nonce}"`);
    response.bodyEncoding = 'text';
    response.headers['content-security-policy'] = [
        { key: 'Content-Security-Policy', value: `script-src 'self' 'nonce-${nonce}'` },
    ];
    for (const name of ['content-encoding', 'etag', 'content-md5']) delete response.headers[name]; // of the old body
    return response;
};

function isHtml(response) {
    return /^text\/html\b/i.test(response.headers['content-type']?.[0].value ?? '');
}

function addressOf({ origin, uri, querystring }) {
    const { protocol = 'https', domainName, port = 443, path } = origin.custom ?? origin.s3;
    return `${protocol}://${domainName}:${port}${path}${uri}${querystring && `?${querystring}`}`;
}

function headersOf({ headers, origin }) {
    const kept = {};
    for (const name of PASSED_ON) if (headers[name]) kept[name] = headers[name].map(({ value }) => value).join('; ');
    for (const [name, [{ value }]] of Object.entries((origin.custom ?? origin.s3).customHeaders)) kept[name] = value;
    return kept;
}
