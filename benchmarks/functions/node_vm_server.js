// The naive local CloudFront: a Node server that runs the function anew for each request with vm.runInNewContext, and
// answers from a Map. `node node_vm_server.js FUNCTION.js PORT ORIGIN_PORT`
'use strict';

const fs = require('node:fs');
const http = require('node:http');
const vm = require('node:vm');

const [functionFile, port, originPort] = process.argv.slice(2);
const script = new vm.Script(fs.readFileSync(functionFile, 'utf8') + '\nhandler(event);');
const cache = new Map();
const agent = new http.Agent({ keepAlive: true });

function eventOf(request) {
    const url = new URL(request.url, 'http://localhost');
    const headers = {};
    for (const [name, value] of Object.entries(request.headers)) headers[name] = { value: String(value) };
    const querystring = {};
    for (const [name, value] of url.searchParams) querystring[name] = { value };
    return {
        version: '1.0',
        context: { eventType: 'viewer-request' },
        viewer: { ip: request.socket.remoteAddress },
        request: { method: request.method, uri: url.pathname, querystring, headers, cookies: {} },
    };
}

function fetched(uri) {
    return new Promise((resolve, reject) => {
        http.get({ port: originPort, path: uri, agent }, (answer) => {
            const parts = [];
            answer.on('data', (part) => parts.push(part));
            answer.on('end', () => resolve({ headers: answer.headers, body: Buffer.concat(parts) }));
        }).on('error', reject);
    });
}

http.createServer(async (request, response) => {
    const { uri } = script.runInNewContext({ event: eventOf(request) });
    let held = cache.get(uri);
    if (held === undefined) {
        held = await fetched(uri);
        cache.set(uri, held);
    }
    response.writeHead(200, {
        'content-type': held.headers['content-type'],
        'content-length': held.body.length,
        'x-asked': held.headers['x-asked'] ?? '',
    });
    response.end(held.body);
}).listen(Number(port), '127.0.0.1');
