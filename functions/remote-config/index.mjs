// Origin request, Lambda@Edge: an A/B test whose split is external configuration. The configuration is fetched once in each
// environment and kept for a minute; while it cannot be had, the last one goes on. The variant is in a cookie, which a
// cache policy must name; who has none gets one by lot, from a viewer request function such as ../ab-test-cookie.
import { readFileSync } from 'node:fs';

const { url } = JSON.parse(readFileSync(new URL('config.json', import.meta.url), 'utf8'));
const KEEP_MS = 60 * 1000;
const TIMEOUT_MS = 1000;

let experiment = { folders: {} };
let fetchedAt = 0;
let fetching = null;

export const handler = async (event) => {
    const { request } = event.Records[0].cf;
    const folder = (await current()).folders[variantOf(request)];
    if (folder) request.uri = `/${folder}${request.uri}`;
    return request;
};

async function current() {
    if (Date.now() - fetchedAt > KEEP_MS) {
        fetching ??= load().finally(() => { fetching = null; });
        await fetching;
    }
    return experiment;
}

async function load() {
    fetchedAt = Date.now(); // also when it fails: the next try is in a minute
    try {
        const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
        if (!answer.ok) throw new Error(`status ${answer.status}`);
        experiment = await answer.json();
    } catch (error) {
        console.warn('the last configuration goes on:', error.message);
    }
}

function variantOf(request) {
    for (const { value } of request.headers.cookie ?? []) {
        const found = /(?:^|;\s*)variant=([^;]+)/.exec(value);
        if (found) return found[1];
    }
    return '';
}
