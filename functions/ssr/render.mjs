// The view, the same in the browser and at the edge. In place of it: renderToString of React, Vue or another.
const ESCAPES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export function escape(text) {
    return String(text).replace(/[&<>"]/g, (character) => ESCAPES[character]);
}

export function render({ title, path, product }) {
    const view = product ? `<h1>${escape(product.name)}</h1><p>${escape(product.price)} EUR</p>` : `<h1>${escape(title)}</h1>`;
    // What the browser goes on with; "<" is escaped so that no text ends the script.
    const state = JSON.stringify({ path, product }).replaceAll('<', '\\u003c');
    return (
        `<!doctype html><html><head><title>${escape(title)}</title></head><body><div id="app">${view}</div>` +
        `<script type="application/json" id="state">${state}</script><script type="module" src="/app.js"></script></body></html>`
    );
}
