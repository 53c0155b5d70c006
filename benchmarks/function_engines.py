"""What one call of a CloudFront Function costs, on our engines and on others, in one interleaved run.

The function is AWS's own sample that adds six security headers; the event has 2 KB. JSON text goes in, JSON text comes
out, and every call starts from a fresh state. Engines take turns, a batch each, so that a busy moment of the machine
meets them all; what is printed is the median over the batches.

- sealed, native: our engines, called as the proxy calls them, from Python, metered;
- node vm: `vm.runInNewContext` for each call, its script compiled before, inside Node (needs `node`);
- njs: one VM for all calls, with no fresh state, inside njs (needs `njs`). njs clones a VM for each request, but its
  command line does not, so a clone is missing from this number.

Run: python benchmarks/function_engines.py [--batches 40] [--calls 200]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from edge.model.function import CloudFrontFunction, EventType, FunctionCall, JavaScriptRuntime, Returned
from edge.runtimes.engine import ENGINES, make_engine
from edge.runtimes.key_value_stores import MemoryStores

HANDLER = """
function handler(event) {
    var response = event.response;
    var headers = response.headers;
    headers['strict-transport-security'] = { value: 'max-age=63072000; includeSubdomains; preload' };
    headers['content-security-policy'] = { value: "default-src 'none'; img-src 'self'; script-src 'self'" };
    headers['x-content-type-options'] = { value: 'nosniff' };
    headers['x-frame-options'] = { value: 'DENY' };
    headers['x-xss-protection'] = { value: '1; mode=block' };
    headers['referrer-policy'] = { value: 'same-origin' };
    return response;
}
"""

NODE = """
const vm = require('vm');
const [code, event] = JSON.parse(process.argv[1]);
const script = new vm.Script(code + '\\nJSON.stringify(handler(JSON.parse(event)))');
require('readline').createInterface({ input: process.stdin }).on('line', (calls) => {
  const start = process.hrtime.bigint();
  for (let i = 0; i < Number(calls); i++) script.runInNewContext({ event });
  console.log(Number(process.hrtime.bigint() - start) / Number(calls) / 1000);
});
"""

NJS = """
var start = Date.now();
for (var i = 0; i < CALLS; i++) { JSON.stringify(handler(JSON.parse(event))); }
console.log((Date.now() - start) * 1000 / CALLS);
"""

Batch = Callable[[int], float]
"""So many calls; microseconds for each."""


def event() -> dict[str, Any]:
    """A viewer response of about 2 KB."""
    headers = {f"x-header-{n}": {"value": "v" * 40} for n in range(24)}
    return {
        "version": "1.0",
        "context": {
            "distributionDomainName": "d2exampleabcd.cloudfront.net",
            "distributionId": "E1EXAMPLE2AB3C",
            "eventType": "viewer-response",
            "requestId": "q0pExampleRequestId-9ZkP7w==",
        },
        "viewer": {"ip": "203.0.113.7"},
        "request": {
            "method": "GET",
            "uri": "/shop/caf%C3%A9",
            "querystring": {"q": {"value": "red%20shoes"}},
            "headers": {"host": {"value": "www.example.org"}, "accept": {"value": "text/html"}},
            "cookies": {"Sid": {"value": "s-1"}},
        },
        "response": {"statusCode": 200, "statusDescription": "OK", "headers": headers, "cookies": {}},
    }


def ours(name: str) -> Batch:
    """One of our engines."""
    engine = make_engine(name, MemoryStores({}, 0))
    function = CloudFrontFunction("f", HANDLER, JavaScriptRuntime.JS_2_0)
    call = FunctionCall(function, EventType.VIEWER_RESPONSE, event(), None, time.time(), 1, "id")
    assert isinstance(engine.run(call), Returned)

    def batch(calls: int) -> float:
        start = time.perf_counter()
        for _ in range(calls):
            engine.run(call)
        return (time.perf_counter() - start) / calls * 1e6

    return batch


@contextmanager
def node() -> Iterator[Batch]:
    """Node's vm, in a process that waits for its turn."""
    arguments = json.dumps([HANDLER, json.dumps(event())])
    command = ["node", "-e", NODE, arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        questions, answers = process.stdin, process.stdout
        assert questions is not None
        assert answers is not None

        def batch(calls: int) -> float:
            questions.write(f"{calls}\n")
            questions.flush()
            return float(answers.readline())

        yield batch
        questions.close()


def njs(calls: int) -> float:
    """njs, in a process for each turn: it frees no memory before its end."""
    code = HANDLER + f"var event = {json.dumps(json.dumps(event()))};" + NJS.replace("CALLS", str(calls))
    done = subprocess.run(["njs", "-"], input=code, capture_output=True, text=True, check=True)
    return float(done.stdout)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batches", type=int, default=40)
    parser.add_argument("--calls", type=int, default=200)
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one core for all, so that all meet the same load
    with ExitStack() as stack:
        engines: dict[str, Batch] = {name: ours(name) for name in ENGINES}
        if shutil.which("node"):
            engines["node vm"] = stack.enter_context(node())
        if shutil.which("njs"):
            engines["njs"] = lambda calls: njs(10 * calls)  # its clock counts milliseconds
        measured: dict[str, list[float]] = {name: [] for name in engines}
        for turn in range(options.batches + 2):
            for name, batch in engines.items():
                taken = batch(options.calls)
                if turn >= 2:  # the first two warm up
                    measured[name].append(taken)
    report(measured)


def report(measured: dict[str, list[float]]) -> None:
    """The median and the best batch of each engine, and how it compares with the sealed engine."""
    sealed = statistics.median(measured["sealed"])
    print(f"{'engine':10}{'median us':>12}{'best us':>12}{'against sealed':>18}")
    for name, batches in measured.items():
        median = statistics.median(batches)
        print(f"{name:10}{median:12.1f}{min(batches):12.1f}{median / sealed:17.2f}x")
    if "node vm" in measured:
        print(f"node vm / sealed: {statistics.median(measured['node vm']) / sealed:.1f}, and the bar is 4 at least")
    if "njs" in measured:
        print(f"sealed / njs: {sealed / statistics.median(measured['njs']):.1f}, and the bar is 3 at most")


if __name__ == "__main__":
    main()
