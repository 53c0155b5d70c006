"""What a hit costs from the viewer's bytes to ours, without sockets: `python benchmarks/connection.py --help`.

A viewer's connection as `edge serve` makes it, over a transport that only counts. What is left out is the kernel's part
and the event loop's.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived

from edge import configuration
from edge.app import App, Options
from edge.model.headers import Headers
from edge.model.request import Request
from edge.model.stored_object import StoredObject
from edge.rules import cache_key
from edge.runtimes.engine import ENGINES
from edge.viewers.http1 import Http1Connection
from edge.viewers.http2 import Http2Connection

REWRITE = Path(__file__).parent / "functions" / "rewrite.js"
PAGE = "/docs/index.html"
BODY = b"x" * 1_024
_FRESH_FOR_S = 3_600
_HEADERS = Headers(
    (
        ("Server", "nginx"),
        ("Date", "Wed, 25 Nov 2026 03:51:31 GMT"),
        ("Content-Type", "text/html"),
        ("Cache-Control", "public, max-age=3600"),
    )
)
BROWSER = (
    ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
    ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    ("accept-language", "en-US,en;q=0.5"),
)


class Transport:
    """Takes what a connection sends."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def write(self, data: bytes) -> None:
        """Bytes for the viewer."""
        self.sent.append(data)

    def take(self) -> bytes:
        """What was sent since the last time."""
        data = b"".join(self.sent)
        self.sent.clear()
        return data

    def is_closing(self) -> bool:
        """Never."""
        return False

    def get_write_buffer_size(self) -> int:
        """Nothing waits: all is taken at once."""
        return 0

    def get_extra_info(self, name: str, default: object = None) -> object:
        """Who the viewer is."""
        return ("127.0.0.1", 50_000) if name == "peername" else default


class Listener:
    """What a connection needs of its listener."""

    closing = False
    now = 0.0

    def __init__(self, front: object) -> None:
        self.front = front
        self.connections: set[object] = set()

    def left(self, connection: object) -> None:
        """Nobody leaves here."""


def app(*, function: bool) -> App:
    """An app with the page in its cache, and the function in its path."""
    flags: dict[str, Any] = {"viewer_request": REWRITE} if function else {}
    made = configuration.from_flags("http://localhost:3000", **flags)
    whole = App(made, lambda: made, Options(ENGINES[0]), lambda served, body_bytes, complete: None)
    distribution = whole.driver.distribution
    asked = Request("GET", PAGE, None, Headers((("Host", "localhost"),)))
    key = cache_key.build(distribution.id, distribution.behaviors[-1], asked)
    now = time.time()
    whole.store.put(key, StoredObject(200, _HEADERS, BODY, now, now + _FRESH_FOR_S))
    return whole


async def http1_us(requests: int, rounds: int, *, function: bool) -> float:
    """Microseconds of CPU time for each hit over HTTP/1.1."""
    connection = Http1Connection(cast("Any", Listener(app(function=function).driver)), asyncio.get_running_loop())
    transport = Transport()
    connection.connection_made(cast("Any", transport))
    target = "/docs/" if function else PAGE
    lines = "".join(f"{name}: {value}\r\n" for name, value in (("Host", "localhost:8080"), *BROWSER))
    head = f"GET {target} HTTP/1.1\r\n{lines}\r\n".encode()
    connection.data_received(head)
    _prove(transport.take())

    def one() -> None:
        connection.data_received(head)
        transport.sent.clear()

    return _least_us(one, requests, rounds)


def _least_us(one: Callable[[], None], requests: int, rounds: int) -> float:
    """Of several rounds the one that was disturbed least."""
    took = []
    for _ in range(rounds):
        began = time.process_time()
        for _ in range(requests):
            one()
        took.append(time.process_time() - began)
    return min(took) / requests * 1e6


async def http2_us(requests: int, rounds: int) -> float:
    """Microseconds of CPU time for each hit over HTTP/2, without the viewer's own."""
    connection = Http2Connection(cast("Any", Listener(app(function=False).driver)), asyncio.get_running_loop())
    transport = Transport()
    connection.connection_made(cast("Any", transport))
    viewer = H2Connection(H2Configuration(header_encoding=None))
    viewer.initiate_connection()
    fields = [(":method", "GET"), (":scheme", "https"), (":authority", "localhost:8080"), (":path", PAGE), *BROWSER]

    async def one() -> float:
        stream = viewer.get_next_available_stream_id()
        viewer.send_headers(stream, fields, end_stream=True)
        asked = viewer.data_to_send()
        began = time.process_time()
        connection.data_received(asked)
        while sum(map(len, transport.sent)) < len(BODY):  # noqa: ASYNC110 -- an event would be measured too
            await asyncio.sleep(0)
        took = time.process_time() - began
        for event in viewer.receive_data(transport.take()):
            if isinstance(event, DataReceived):
                assert event.flow_controlled_length is not None
                viewer.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        return took

    await one()
    return min([sum([await one() for _ in range(requests)]) for _ in range(rounds)]) / requests * 1e6


def _prove(answer: bytes) -> None:
    """Raises RuntimeError for what is not a hit."""
    if b"X-Cache: Hit from cloudfront\r\n" not in answer or not answer.endswith(BODY):
        raise RuntimeError(f"not a hit: {answer[:500]!r}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python benchmarks/connection.py", description=__doc__.split(":")[0])
    parser.add_argument("--requests", type=int, default=2_000, help="in each round; default: %(default)s")
    parser.add_argument("--rounds", type=int, default=7, help="the best one counts; default: %(default)s")
    parser.add_argument("--json", dest="as_json", action="store_true", help="for a program")
    options = parser.parse_args(arguments)
    count, rounds = options.requests, options.rounds
    found = {
        "HTTP/1.1": asyncio.run(http1_us(count, rounds, function=False)),
        "HTTP/1.1 with a function": asyncio.run(http1_us(count, rounds, function=True)),
        "HTTP/2": asyncio.run(http2_us(count // 4, rounds)),
    }
    if options.as_json:
        print(json.dumps(found))
        return 0
    print("| a hit over | µs of CPU time |\n|---|---|")
    for name, took_us in found.items():
        print(f"| {name} | {took_us:.1f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
