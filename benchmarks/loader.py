"""A small load generator for machines without wrk: `python benchmarks/loader.py CONNECTIONS SECONDS URL`.

Each connection sends a request when the answer to the one before it is complete. It prints the same JSON object as
wrk.lua. It costs about as much CPU as the fastest servers, so what it measures there is a lower bound.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import time
from collections.abc import Callable
from itertools import count
from typing import cast
from urllib.parse import urlsplit

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Tally:
    """What all connections saw."""

    def __init__(self) -> None:
        self.latencies_us: list[int] = []
        self.broken = 0
        self.refused = 0


class Connection(asyncio.Protocol):
    """One keep-alive connection that asks again and again. Understands answers with a Content-Length, no others."""

    def __init__(self, next_request: Callable[[], bytes], tally: Tally) -> None:
        self._next_request = next_request
        self._tally = tally
        self._held = b""
        self._sent_ns = 0
        self.stopping = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the first time."""
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

    def data_received(self, data: bytes) -> None:
        """Ask again once the answer is complete."""
        held = self._held = self._held + data if self._held else data
        head_end = held.find(b"\r\n\r\n")
        if head_end < 0:
            return
        length = _LENGTH.search(held, 0, head_end)
        if length is None:
            self._tally.broken += 1
            self._transport.close()
            return
        if len(held) < head_end + 4 + int(length[1]):
            return
        self._tally.latencies_us.append((time.perf_counter_ns() - self._sent_ns) // 1000)
        self._tally.refused += held[9:12] >= b"400"
        self._held = b""
        self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        """The server left, unless we did."""
        self._tally.broken += not self.stopping

    def stop(self) -> None:
        """Leave."""
        self.stopping = True
        self._transport.close()

    def _ask(self) -> None:
        self._sent_ns = time.perf_counter_ns()
        self._transport.write(self._next_request())


def requests(url: str, unique: str | None, host: str | None = None) -> Callable[[], bytes]:
    """Makes the bytes of one request after another."""
    parts = urlsplit(url)
    head = f" HTTP/1.1\r\nHost: {host or parts.netloc}\r\n\r\n"
    if unique is None:
        query = f"?{parts.query}" if parts.query else ""
        fixed = f"GET {parts.path or '/'}{query}{head}".encode()
        return lambda: fixed
    numbers = count(1)
    return lambda: f"GET {unique}{next(numbers)}{head}".encode()


async def load(
    url: str, connections: int, seconds: float, *, unique: str | None = None, host: str | None = None
) -> dict[str, int]:
    """Send for so many seconds; the report."""
    parts = urlsplit(url)
    tally = Tally()
    next_request = requests(url, unique, host)
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    opened = [
        await loop.create_connection(
            lambda: Connection(next_request, tally), parts.hostname or "127.0.0.1", parts.port or 80
        )
        for _ in range(connections)
    ]
    await asyncio.sleep(seconds)
    duration_s = time.perf_counter() - began
    for _, connection in opened:
        connection.stop()
    latencies = sorted(tally.latencies_us) or [0]
    return {
        "requests": len(tally.latencies_us),
        "duration_us": int(duration_s * 1e6),
        "p50_us": latencies[len(latencies) // 2],
        "p99_us": latencies[len(latencies) * 99 // 100],
        "broken": tally.broken,
        "refused": tally.refused,
    }


def main() -> None:
    """Run, and print the report."""
    connections, seconds, url = sys.argv[1:4]
    unique, host = os.environ.get("EDGE_UNIQUE"), os.environ.get("EDGE_HOST")
    running = load(url, int(connections), float(seconds), unique=unique, host=host)
    try:
        import uvloop
    except ImportError:
        report = asyncio.run(running)
    else:
        report = uvloop.run(running)
    print(json.dumps(report))


if __name__ == "__main__":
    main()
