"""Lambda execution environments against their bars, in one interleaved run: `python benchmarks/environments.py --help`.

Each round takes, one after the other: bare interpreters that start and end; the start of an environment, whose process
was forked ahead, and of one right behind it, whose process was not; events that go straight into a bootstrap over a
socket; events through the runtime; requests through `edge serve`. Differences and ratios are taken within a round.

Whoever sends an event or a request here does as little as can be: a socket, and a look for the end of the answer.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import ratios
from benchmarks.processes import Pinned, cores, free_port
from edge.model.function import EventType, FunctionCall, LambdaFunction, Returned
from edge.runtimes.lambda_edge import interpreters
from edge.runtimes.lambda_edge.lambda_runtime import LambdaRuntime
from edge.runtimes.lambda_edge.providers.choice import AnyProvider, make_provider
from edge.runtimes.lambda_edge.providers.provider import Unavailable

NODE = "exports.handler = async () => ({ status: '200', body: 'x' });"
PYTHON = "def handler(event, context): return {'status': '200', 'body': 'x'}"
_OWN_PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
RUNTIMES = {"Node.js": ("index.js", NODE, "nodejs24.x"), "Python": ("index.py", PYTHON, _OWN_PYTHON)}
EVENT: dict[str, Any] = {"Records": [{"cf": {"config": {}, "request": {"uri": "/", "method": "GET", "headers": {}}}}]}
_WARM_EVENTS = 200
_STARTS = 5
_FORKED_AHEAD_WITHIN_S = 0.5


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python benchmarks/environments.py", description=__doc__.split(":")[0])
    parser.add_argument("--rounds", type=int, default=5, help="default: %(default)s")
    parser.add_argument("--microvm", action="store_true", help="restores of virtual machines too; the first one boots")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="edge-environments-") as name:
        functions = {language: _written(Path(name), language) for language in RUNTIMES}
        for language, function in functions.items():
            rounds = [_round(function, number, options.rounds) for number in range(options.rounds)]
            _print(language, rounds)
            if options.microvm:
                print(f"| {language}: microVM restored, first result | {asyncio.run(_restored(function))} |")
        print(f"| 200 events at once, Node.js | {asyncio.run(_burst(functions['Node.js']))} |")
    return 0


def _written(folder: Path, language: str) -> LambdaFunction:
    file, code, runtime = RUNTIMES[language]
    (folder / language).mkdir()
    (folder / language / file).write_text(code)
    return LambdaFunction(language.lower(), "1", str(folder / language), "index.handler", runtime, timeout_s=30)


def _round(function: LambdaFunction, number: int, rounds: int) -> dict[str, float]:
    print(f"{function.name} {number + 1}/{rounds}", file=sys.stderr)
    measured = {"direct": _direct_ms(function)}
    measured |= asyncio.run(_through_the_runtime(function))
    return {**measured, "proxy": _through_the_proxy_ms(function)}


def _bare_ms(function: LambdaFunction) -> float:
    """Start an interpreter with nothing to do, and wait for its end."""
    program = interpreters.node_program() if "nodejs" in function.runtime else interpreters.own_python()[0]
    flags = ["-e", "0"] if "nodejs" in function.runtime else ["-I", "-S", "-B", "-c", "0"]
    began = time.perf_counter()
    subprocess.run([str(program), *flags], check=True)
    return (time.perf_counter() - began) * 1_000


def _direct_ms(function: LambdaFunction) -> float:
    """The median from an event to its result, straight over the bootstrap's socket."""
    command = interpreters.find(function.runtime).argv or interpreters.own_python()
    ours, theirs = socket.socketpair()
    environ = {"_HANDLER": function.handler, "LAMBDA_TASK_ROOT": function.code_path, "AWS_EXECUTION_ENV": ""}
    names = ("FUNCTION_NAME", "FUNCTION_VERSION", "FUNCTION_MEMORY_SIZE", "LOG_GROUP_NAME", "LOG_STREAM_NAME")
    environ |= {f"AWS_LAMBDA_{name}": "1" for name in names}
    fd = theirs.fileno()
    shell = ["/bin/sh", "-c", f'exec "$@" 3<&{fd}', "sh", *command]
    took: list[float] = []
    with subprocess.Popen(shell, pass_fds=[fd], env=environ, cwd=function.code_path) as process:
        theirs.close()
        with contextlib.closing(ours.makefile("rwb")) as api:
            _request(api)
            for number in range(_WARM_EVENTS):
                body = json.dumps(EVENT).encode()
                head = (
                    f"HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: {number}\r\nLambda-Runtime-Deadline-Ms: 9\r\n"
                    f"Lambda-Runtime-Invoked-Function-Arn: a\r\nContent-Length: {len(body)}\r\n\r\n"
                )
                began = time.perf_counter()
                api.write(head.encode() + body)
                api.flush()
                _request(api)
                took.append((time.perf_counter() - began) * 1_000)
                api.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
                api.flush()
                _request(api)
        ours.close()
        process.kill()
    return median(took)


def _request(api: Any) -> None:
    """Read one request of the bootstrap."""
    length = 0
    while (line := api.readline().strip()) != b"":
        if line.lower().startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    api.read(length)


async def _through_the_runtime(function: LambdaFunction) -> dict[str, float]:
    """Starts of environments beside those of bare interpreters, and warm events: medians. A first environment warms up
    what is shared."""
    async with _runtime(make_provider("process")) as runtime:
        await runtime.run(_call(function))
        starts: dict[str, list[float]] = {"bare": [], "ahead": [], "behind": []}
        for _ in range(_STARTS):
            await _without_environments(runtime)
            await asyncio.sleep(_FORKED_AHEAD_WITHIN_S)
            starts["bare"].append(_bare_ms(function))
            for which in ("ahead", "behind"):
                await _without_environments(runtime)
                cold: Any = await runtime.run(_call(function))
                starts[which].append(cold.report.init_ms or 0.0)
        took: list[float] = []
        for _ in range(_WARM_EVENTS):
            began = time.perf_counter()
            await runtime.run(_call(function))
            took.append((time.perf_counter() - began) * 1_000)
        return {**{name: median(each) for name, each in starts.items()}, "runtime": median(took)}


async def _without_environments(runtime: LambdaRuntime) -> None:
    """End those that wait for an event."""
    runtime.refresh()
    while runtime.counts.environments:  # noqa: ASYNC110 -- ends of processes have no event here
        await asyncio.sleep(0.002)


async def _restored(function: LambdaFunction) -> str:
    """From the call to the first result, in machines that are restored."""
    try:
        provider = make_provider("microvm")
    except Unavailable as missing:
        return str(missing)
    took: list[float] = []
    async with _runtime(provider) as runtime:
        for number in range(11):
            began = time.perf_counter()
            await runtime.run(_call(function))
            if number:
                took.append((time.perf_counter() - began) * 1_000)
            await _without_environments(runtime)
    return f"{ratios.spread(took):.0f} ms"


async def _burst(function: LambdaFunction) -> str:
    async with _runtime(make_provider("process")) as runtime:
        began = time.perf_counter()
        outcomes = await asyncio.gather(*(runtime.run(_call(function)) for _ in range(200)))
        took_ms = (time.perf_counter() - began) * 1_000
        answered = sum(isinstance(outcome, Returned) for outcome in outcomes)
        return f"{answered} answered in {took_ms:.0f} ms, by {runtime.counts.cold} environments"


@contextlib.asynccontextmanager
async def _runtime(provider: AnyProvider) -> Any:
    runtime = LambdaRuntime(provider, Path(provider.warden.folder))
    try:
        yield runtime
    finally:
        await runtime.close()


def _call(function: LambdaFunction) -> FunctionCall:
    return FunctionCall(function, EventType.VIEWER_REQUEST, EVENT, None, 0.0, 0, "q1==")


def _through_the_proxy_ms(function: LambdaFunction) -> float:
    """The median of requests that a viewer request function answers, over one connection."""
    with tempfile.TemporaryDirectory(prefix="edge-environments-") as name:
        folder, port = Path(name), free_port()
        code = {"Handler": function.handler, "Runtime": function.runtime, "Code": function.code_path, "Timeout": 30}
        (folder / "stack.json").write_text(json.dumps(_stack(code)))
        command = [sys.executable, "-m", "edge", "serve", str(folder / "stack.json"), "--quiet"]
        command += ["--listen", f"127.0.0.1:{port}", "--origin", "app=http://127.0.0.1:9"]
        process = Pinned(command, core=cores()[0], log=folder / "log")
        try:
            process.wait_for(port)
            took: list[float] = []
            request = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
            with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
                for _ in range(_WARM_EVENTS):
                    began = time.perf_counter()
                    connection.sendall(request)
                    answer = connection.recv(65_536)
                    while not answer.endswith(b"\r\n\r\nx"):
                        answer += connection.recv(65_536)
                    took.append((time.perf_counter() - began) * 1_000)
        finally:
            process.end()
    return median(took)


def _stack(function: dict[str, Any]) -> dict[str, Any]:
    association = {"EventType": "viewer-request", "LambdaFunctionARN": {"Ref": "EdgeVersion"}}
    behavior = {
        "TargetOriginId": "app",
        "ViewerProtocolPolicy": "allow-all",
        "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
        "LambdaFunctionAssociations": [association],
    }
    origin = {
        "Id": "app",
        "DomainName": "app.example.com",
        "CustomOriginConfig": {"OriginProtocolPolicy": "https-only"},
    }
    config = {"Enabled": True, "Origins": [origin], "DefaultCacheBehavior": behavior}
    return {
        "Resources": {
            "Edge": {"Type": "AWS::Lambda::Function", "Properties": function},
            "EdgeVersion": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Edge"}}},
            "Site": {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": config}},
        }
    }


def _print(language: str, rounds: list[dict[str, float]]) -> None:
    columns = {name: [each[name] for each in rounds] for name in rounds[0]}
    rows = {
        "bare interpreter, start to end": f"{ratios.spread(columns['bare']):.1f} ms",
        "INIT of `process`, forked ahead": f"{ratios.spread(columns['ahead']):.1f} ms",
        "INIT / bare": f"{ratios.ratio(columns['ahead'], columns['bare']):.2f}",
        "INIT of one right behind": f"{ratios.spread(columns['behind']):.1f} ms",
        "INIT of one right behind / bare": f"{ratios.ratio(columns['behind'], columns['bare']):.2f}",
        "warm, straight into the bootstrap": f"{ratios.spread(columns['direct']):.2f} ms",
        "warm, the runtime adds": _added(columns, "runtime"),
        "warm, a request through the proxy adds": _added(columns, "proxy"),
    }
    for name, text in rows.items():
        print(f"| {language}: {name} | {text} |")


def _added(columns: dict[str, list[float]], name: str) -> str:
    added = [whole - direct for whole, direct in zip(columns[name], columns["direct"], strict=True)]
    return f"{ratios.spread(added):.2f} ms"


if __name__ == "__main__":
    sys.exit(main())
