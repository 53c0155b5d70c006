// The runtime of Node.js functions: fetches events from the Runtime API and runs the handler, as AWS's own clients do.
//
// It speaks HTTP over the socket it inherits (descriptor 3). Up to nodejs22.x a handler may use callbacks, and a response
// waits for an empty event loop; from nodejs24.x on it is a function that returns, or a promise.
//
// Source: Lambda Developer Guide, "Using the Lambda runtime API", "Define Lambda function handler in Node.js", "Using
// the Lambda context object to retrieve Node.js function information"; what aws-lambda-ric 3 and 4 were seen to do.
'use strict';

const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const util = require('node:util');

const API = '/2018-06-01/runtime';
const environ = process.env;
const hasCallbacks = Number(/nodejs(\d+)/.exec(environ.AWS_EXECUTION_ENV || '')?.[1] ?? 24) < 24;

// Whoever starts the runtime may load something of its own before the handler: a test that owns the time does. It is told
// of the end of each event. Our own clock is the real one.
const now = Date.now;
const preload = environ._EDGE_PRELOAD ? require(environ._EDGE_PRELOAD) : undefined;
delete environ._EDGE_PRELOAD;

delete environ.NODE_COMPILE_CACHE; // it is ours, and Node.js has read it

// ---- The log: console writes lines that begin with time, request id and level.

let requestId;

function write(text) {
  let rest = Buffer.from(`${text.replace(/\n/g, '\r')}\n`);
  while (rest.length) {
    try {
      rest = rest.subarray(fs.writeSync(1, rest));
    } catch (error) {
      if (error.code !== 'EAGAIN') return;
    }
  }
}

function logAt(level) {
  return (...args) => write(`${new Date().toISOString()}\t${requestId}\t${level}\t${util.format(...args)}`);
}

console.log = console.info = logAt('INFO');
console.debug = logAt('DEBUG');
console.trace = logAt('TRACE');
console.warn = logAt('WARN');
console.error = logAt('ERROR');
console.fatal = logAt('FATAL');

function logError(label, error) {
  const { errorType, errorMessage, trace } = described(error);
  const { name, ...extra } = util.types.isNativeError(error) ? error : {};
  console.error(`${label} \t${JSON.stringify({ errorType, errorMessage, ...extra, stack: trace })}`);
}

// ---- HTTP over one stream: requests go out in a row, answers come back in the same order.

const isSerial = fs.fstatSync(3).isCharacterDevice();
const stream = isSerial ? serialPort(3) : new net.Socket({ fd: 3, readable: true, writable: true });
const waiting = [];
let pending = Buffer.alloc(0);

stream.on('data', (data) => {
  pending = pending.length ? Buffer.concat([pending, data]) : data;
  for (let reply; (reply = takeReply()); ) waiting.shift()?.(reply);
});
stream.on('close', () => process.exit(0));
stream.on('error', () => process.exit(0));

// A virtual machine has a serial port in place of the socket. It is read while an answer is due, so that between an event
// and its result nothing of ours keeps the event loop busy.
function serialPort(fd) {
  const port = new (require('node:events'))();
  const chunk = Buffer.alloc(65536);
  let isReading = false;
  port.read = () => {
    if (isReading) return;
    isReading = true;
    fs.read(fd, chunk, 0, chunk.length, null, (error, length) => {
      isReading = false;
      if (error || !length) return void port.emit('close');
      port.emit('data', Buffer.from(chunk.subarray(0, length)));
      if (waiting.length) port.read();
    });
  };
  port.ref = port.unref = () => {};
  port.send = (data) => fs.writeSync(fd, data);
  port.receive = () => chunk.subarray(0, fs.readSync(fd, chunk) || process.exit(0));
  port.write = (text, done) => {
    for (let rest = Buffer.from(text); rest.length; ) rest = rest.subarray(port.send(rest));
    if (done) done();
    else port.read();
  };
  return port;
}

function takeReply() {
  const end = pending.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const lines = pending.toString('latin1', 0, end).split('\r\n');
  const headers = {};
  for (const line of lines.slice(1)) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const start = end + 4;
  const length = Number(headers['content-length']);
  if (pending.length - start < length) return undefined;
  const body = pending.toString('utf8', start, start + length);
  pending = pending.subarray(start + length);
  return { status: Number(lines[0].split(' ')[1]), headers, body };
}

function request(method, where, body = '', headers = {}) {
  const head = [`${method} ${API}${where} HTTP/1.1`, 'Host: lambda', `Content-Length: ${Buffer.byteLength(body)}`];
  for (const [name, value] of Object.entries(headers)) head.push(`${name}: ${value}`);
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

function askForNext(answer = '') {
  if (answer) {
    preload?.afterEvent();
    waiting.push(() => {});
  }
  waiting.push(handle);
  stream.ref();
  stream.write(answer + request('GET', '/invocation/next'));
}

// ---- Copies. Where machines are copied after INIT, a copy goes on here, with variables and chance of its own. The kernel's
// is new already. OpenSSL draws a new seed when it sees time go back: the clock is far ahead after the first answer, and
// right after the second. V8's generator cannot be renewed, so that Math.random is ours. What Node.js has drawn ahead, for
// UUIDs and integers, is used up.

const isCopied = Boolean(environ._EDGE_COPIES);
delete environ._EDGE_COPIES;
const crypto = isCopied ? require('node:crypto') : null;
const drawnAhead = new Map();
const REHEARSALS = 20;
const SETTLE_MS = 200;
const REHEARSED = [
  'HTTP/1.1 200 OK', 'Content-Type: application/json', 'Lambda-Runtime-Aws-Request-Id: 1', 'Lambda-Runtime-Deadline-Ms: 1',
  'Lambda-Runtime-Invoked-Function-Arn: 1', 'Lambda-Runtime-Trace-Id: 1', 'Content-Length: 2', '', '{}',
].join('\r\n');
if (isCopied) prepareChance();
// A copy compiles nothing: what INIT loads is compiled whole, and kept.
if (isCopied) for (const flag of ['--no-lazy', '--no-flush-bytecode']) require('node:v8').setFlagsFromString(flag);

function prepareChance() {
  const words = new Uint32Array(512);
  let used = words.length;
  Math.random = () => {
    if (used === words.length) {
      crypto.randomFillSync(words);
      used = 0;
    }
    const high = words[used++] >>> 5;
    const low = words[used++] >>> 6;
    return (high * 0x4000000 + low) / 0x20000000000000;
  };
  drawnAhead.set(Math.random, () => void (used = words.length));
  for (const [name, most] of [['randomUUID', 128], ['randomInt', 1024]]) {
    const real = crypto[name];
    crypto[name] = (...args) => {
      drawnAhead.set(real, () => { for (let number = 0; number < most; number += 1) real(name === 'randomInt' ? 2 : undefined); });
      return real(...args);
    };
  }
  require('node:module').syncBuiltinESMExports();
}

// V8 compiles a function when it is called for the first time. On an emulated processor that takes longer than all else
// between the start of a copy and its first result. So a few events are played, with another handler and no Runtime API.
// What this leaves in memory is collected, and what V8 then still does in other threads is waited for, so that no copy has
// to do it.
async function rehearse() {
  const { send, receive, read } = stream;
  const real = handler;
  stream.send = (data) => data.length;
  stream.receive = () => Buffer.from(REHEARSED);
  require('node:v8').setFlagsFromString('--expose-gc');
  const collect = require('node:vm').runInNewContext('gc');
  require('node:v8').setFlagsFromString('--no-expose-gc');
  collect();
  handler = async () => ({});
  for (let number = 0; number < REHEARSALS; number += 1) {
    await new Promise((over) => {
      stream.read = over;
      goOn('{}');
    });
    if (number === REHEARSALS - 4) collect();
  }
  waiting.length = 0;
  Object.assign(stream, { send, receive, read });
  handler = real;
  requestId = undefined;
  delete environ._X_AMZN_TRACE_ID;
}

// A copy goes on in the middle of a read, and reads its first event likewise: it need not be shown the way through the
// event loop and back.
function awaitRestore() {
  ask('/restore/next');
  crypto.randomFillSync(Buffer.alloc(1));
  goOn(ask('/restore/next').body);
}

function ask(where) {
  stream.write(request('GET', where), () => {});
  for (;;) {
    pending = Buffer.concat([pending, stream.receive()]);
    const reply = takeReply();
    if (reply) return reply;
  }
}

function goOn(variables) {
  Object.assign(environ, JSON.parse(variables));
  for (const useUp of drawnAhead.values()) useUp();
  handle(ask('/invocation/next'));
}

// ---- Errors.

function described(error) {
  if (util.types.isNativeError(error)) {
    return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

function errorRequest(where, error) {
  const report = described(error);
  const headers = { 'Content-Type': 'application/json', 'Lambda-Runtime-Function-Error-Type': report.errorType };
  return request('POST', where, JSON.stringify(report), headers);
}

function failure(errorType, message) {
  const error = new Error(message);
  error.name = errorType;
  return error;
}

// The event is lost, and so is the process: AWS resets the environment.
function endWith(label, error, status) {
  logError(label, error);
  preload?.afterEvent();
  const where = requestId === undefined ? '/init/error' : `/invocation/${requestId}/error`;
  stream.ref();
  stream.write(errorRequest(where, error), () => process.exit(status));
}

process.on('uncaughtException', (error) => endWith('Uncaught Exception', error, hasCallbacks ? 129 : 1));
process.on('unhandledRejection', (reason) => {
  const error = failure('Runtime.UnhandledPromiseRejection', String(reason));
  if (hasCallbacks) {
    endWith('Unhandled Promise Rejection', error, 128);
  } else {
    logError('Unhandled Promise Rejection', error);
    process.exit(1);
  }
});

// ---- Results.

function serialised(result) {
  try {
    return JSON.stringify(result === undefined ? null : result) ?? 'null';
  } catch {
    const message = 'Unable to stringify response body';
    throw hasCallbacks ? new Error(message) : failure('Runtime.JSONStringifyError', message);
  }
}

function succeed(id, result) {
  let body;
  try {
    body = serialised(result);
  } catch (error) {
    fail(id, error);
    return;
  }
  askForNext(request('POST', `/invocation/${id}/response`, body, { 'Content-Type': 'application/json' }));
}

function fail(id, error) {
  logError('Invoke Error', error);
  askForNext(errorRequest(`/invocation/${id}/error`, error));
}

// ---- Events.

let handler;
let whenLoopIsEmpty = null;

process.on('beforeExit', () => {
  const run = whenLoopIsEmpty;
  whenLoopIsEmpty = null;
  run?.();
});

function contextOf(headers) {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  return {
    functionVersion: environ.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: environ.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: environ.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: environ.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: environ.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: undefined,
    identity: undefined,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    getRemainingTimeInMillis: () => deadline - now(),
  };
}

function handle({ status, headers, body }) {
  if (status !== 200) process.exit(1); // somebody else has spoken to the Runtime API in our name
  const id = headers['lambda-runtime-aws-request-id'];
  requestId = id;
  environ._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'] ?? '';
  const context = contextOf(headers);
  stream.unref();
  const event = JSON.parse(body);
  if (handler[STREAMING]) handleWithStream(id, event, context);
  else if (hasCallbacks) handleWithCallback(id, event, context);
  else handleWithPromise(id, event, context);
}

async function handleWithPromise(id, event, context) {
  let result;
  try {
    result = await handler(event, context);
  } catch (error) {
    fail(id, error);
    return;
  }
  succeed(id, result);
}

// The first to settle wins: a promise and context.succeed at once, a callback when the event loop is empty, and a
// handler that never settles with null.
function handleWithCallback(id, event, context) {
  let isSettled = false;
  const settle = (error, result) => {
    if (isSettled) return;
    isSettled = true;
    whenLoopIsEmpty = null;
    if (error !== undefined && error !== null) fail(id, error);
    else succeed(id, result);
  };
  let isCalledBack = false;
  const callback = (error, result) => {
    if (isSettled || isCalledBack) return;
    isCalledBack = true;
    const isError = error !== undefined && error !== null;
    if (isError || !context.callbackWaitsForEmptyEventLoop) settle(error, result);
    else whenLoopIsEmpty = () => settle(null, result);
  };
  Object.assign(context, {
    callbackWaitsForEmptyEventLoop: true,
    succeed: (result) => settle(null, result),
    fail: (error) => settle(error ?? 'handled'),
    done: settle,
  });
  whenLoopIsEmpty = () => settle(null, null);
  try {
    const result = handler(event, context, callback);
    if (typeof result?.then === 'function') result.then(context.succeed, context.fail);
  } catch (error) {
    settle(error);
  }
}

// ---- Streams: a handler wrapped by `awslambda.streamifyResponse` writes its response piece by piece, in a chunked request.
// What HTTP wants besides a body comes first, as JSON and eight zero bytes.

const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');
const INTEGRATION = 'application/vnd.awslambda.http-integration-response';

globalThis.awslambda = {
  streamifyResponse(streamed) {
    streamed[STREAMING] = 'response';
    return streamed;
  },
  HttpResponseStream: {
    from(response, prelude) {
      response.setContentType(INTEGRATION);
      response.beforeFirst = Buffer.concat([Buffer.from(JSON.stringify(prelude)), Buffer.alloc(8)]);
      return response;
    },
  },
};

function responseStream(id) {
  const { Writable } = require('node:stream');
  let type = 'application/octet-stream';
  let isBegun = false;
  const out = (data, done) => {
    if (isSerial) stream.write(data, done ?? (() => {}));
    else stream.write(data, done);
  };
  const chunk = (data) => Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from('\r\n')]);
  const begin = () => {
    if (isBegun) return;
    isBegun = true;
    stream.ref();
    out(
      `POST ${API}/invocation/${id}/response HTTP/1.1\r\nHost: lambda\r\nContent-Type: ${type}\r\n` +
        'Transfer-Encoding: chunked\r\nLambda-Runtime-Function-Response-Mode: streaming\r\n' +
        'Trailer: Lambda-Runtime-Function-Error-Type\r\nTrailer: Lambda-Runtime-Function-Error-Body\r\n\r\n',
    );
    if (made.beforeFirst) out(chunk(made.beforeFirst));
  };
  const made = new Writable({
    write(data, encoding, done) {
      begin();
      if (data.length) out(chunk(Buffer.from(data)), done);
      else done();
    },
    final(done) {
      begin();
      out('0\r\n\r\n');
      done();
    },
  });
  made.setContentType = (value) => {
    type = value;
  };
  made.breakOff = (error) => {
    const report = described(error);
    const body = Buffer.from(JSON.stringify(report)).toString('base64');
    const name = 'Lambda-Runtime-Function-Error';
    out(`0\r\n${name}-Type: ${report.errorType}\r\n${name}-Body: ${body}\r\n\r\n`);
  };
  Object.defineProperty(made, 'isBegun', { get: () => isBegun });
  return made;
}

async function handleWithStream(id, event, context) {
  const response = responseStream(id);
  const finished = new Promise((resolve, reject) => response.on('finish', resolve).on('error', reject));
  finished.catch(() => {});
  try {
    await handler(event, response, context);
    await finished;
  } catch (error) {
    if (!response.isBegun) {
      fail(id, error);
      return;
    }
    logError('Invoke Error', error);
    response.breakOff(error);
  }
  waiting.push(() => {});
  askForNext();
}

// ---- The handler: `file.export`, the file in a folder or not, CommonJS or ES module.

async function load() {
  const [, folder, name, exported] = /^(.*\/)?([^./]*)\.(.*)$/.exec(environ._HANDLER) ?? [];
  if (exported === undefined) throw failure('Runtime.MalformedHandlerName', 'Bad handler');
  const found = await loadModule(path.resolve(environ.LAMBDA_TASK_ROOT, folder ?? ''), name);
  const made = exported.split('.').reduce((value, key) => value?.[key], found);
  if (typeof made !== 'function') {
    const what = made === undefined ? 'undefined or not exported' : 'not a function';
    throw failure('Runtime.HandlerNotFound', `${environ._HANDLER} is ${what}`);
  }
  if (!hasCallbacks && made.length >= 3 && !made[STREAMING]) {
    const message = 'AWS Lambda has removed support for callback-based function handlers starting with Node.js 24.';
    throw failure('Runtime.CallbackHandlerDeprecated', message);
  }
  return made;
}

async function loadModule(folder, name) {
  try {
    for (const extension of ['.js', '.mjs', '.cjs']) {
      const file = path.join(folder, name + extension);
      if (fs.existsSync(file)) return isModule(file) ? await imported(file) : require(file);
    }
    return require(require.resolve(path.join(folder, name), { paths: [folder] }));
  } catch (error) {
    if (error instanceof SyntaxError) throw renamed(error, 'Runtime.UserCodeSyntaxError');
    if (error?.code === 'MODULE_NOT_FOUND' || error?.code === 'ERR_MODULE_NOT_FOUND') {
      throw renamed(error, 'Runtime.ImportModuleError');
    }
    throw error;
  }
}

function imported(file) {
  return import(require('node:url').pathToFileURL(file).href);
}

function renamed(error, errorType) {
  const made = failure(errorType, `${error.name}: ${error.message}`.replace(/^SyntaxError: (?=SyntaxError)/, ''));
  made.stack = error.stack;
  return made;
}

function isModule(file) {
  if (!file.endsWith('.js')) return file.endsWith('.mjs');
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    try {
      return JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')).type === 'module';
    } catch (error) {
      if (error.code !== 'ENOENT') return false;
    }
    if (folder === path.dirname(folder) || folder === environ.LAMBDA_TASK_ROOT) return false;
  }
}

load().then(
  (loaded) => {
    handler = loaded;
    if (isCopied) rehearse().then(() => setTimeout(awaitRestore, SETTLE_MS));
    else askForNext();
  },
  (error) => endWith('Uncaught Exception', error, hasCallbacks ? 129 : 1),
);
