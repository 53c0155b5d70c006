// Loaded into a Node.js handler under test, before its own code: the time is the test's, all connections lead to the test,
// and the counts of what ran are written down after each event where somebody wants them.
'use strict';

const fs = require('node:fs');
const net = require('node:net');

const { _EDGE_CLOCK: clockFile, _EDGE_OUTBOUND: outbound, _EDGE_COVERAGE: coverageFolder } = process.env;
for (const name of ['_EDGE_CLOCK', '_EDGE_OUTBOUND', '_EDGE_COVERAGE']) delete process.env[name];

// ---- The time. Timers and performance.now() go by the real one.

const RealDate = Date;
const clock = fs.openSync(clockFile, 'r');
const eightBytes = Buffer.alloc(8);

function now() {
  fs.readSync(clock, eightBytes, 0, 8, 0);
  return Math.floor(eightBytes.readDoubleLE() * 1000);
}

function TestDate(...args) {
  if (!new.target) return new RealDate(now()).toString();
  return Reflect.construct(RealDate, args.length ? args : [now()], new.target === TestDate ? RealDate : new.target);
}

Object.setPrototypeOf(TestDate, RealDate);
Object.defineProperty(TestDate, 'name', { value: 'Date' });
Object.defineProperty(TestDate, 'length', { value: 7 });
TestDate.prototype = RealDate.prototype;
TestDate.now = now;
RealDate.prototype.constructor = TestDate;
globalThis.Date = TestDate;

// ---- Connections. `http`, `https`, `http2`, `tls` and `fetch` all come through here; TLS goes on above it, with the name
// that was asked for and an authority that the test has made.

const connect = net.Socket.prototype.connect;

net.Socket.prototype.connect = function (...args) {
  const given = Array.isArray(args[0]) ? args[0] : args;
  if (typeof given[0] === 'object' && given[0] !== null) {
    if (!given[0].path) given[0] = { ...given[0], host: '127.0.0.1', port: Number(outbound) };
  } else if (Number(given[0]) >= 0) {
    given[0] = Number(outbound);
    if (typeof given[1] === 'string') given[1] = '127.0.0.1';
  }
  return connect.apply(this, args);
};

// ---- Coverage, in V8's own form: one file for each event.

let afterEvent = () => {};

if (coverageFolder) {
  const { Session } = require('node:inspector');
  const session = new Session();
  let count = 0;
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  afterEvent = () => {
    session.post('Profiler.takePreciseCoverage', (error, taken) => {
      if (error) return;
      const own = taken.result.filter((script) => script.url.startsWith('file:') || script.url.startsWith('/'));
      const file = `${coverageFolder}/${process.pid}-${process.hrtime.bigint()}-${++count}.json`;
      fs.writeFileSync(`${file}.part`, JSON.stringify(own));
      fs.renameSync(`${file}.part`, file);
    });
  };
}

module.exports = { afterEvent };
