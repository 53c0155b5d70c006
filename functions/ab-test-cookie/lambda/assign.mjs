// Viewer request, Lambda@Edge: the same lot as ../assign.js.
const SHARE_OF_B = 0.5;

export const handler = async (event) => {
    const { request } = event.Records[0].cf;
    const cookies = (request.headers.cookie ?? []).map((line) => line.value).join('; ');
    const known = /(?:^|;\s*)variant=([ab])(?:;|$)/.exec(cookies);
    const variant = known ? known[1] : Math.random() < SHARE_OF_B ? 'b' : 'a';
    if (!known) {
        request.headers['x-new-variant'] = [{ key: 'X-New-Variant', value: variant }];
    }
    if (variant === 'b') {
        request.uri = `/b${request.uri}`;
    }
    return request;
};
