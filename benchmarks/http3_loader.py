"""An HTTP/3 load generator: `python benchmarks/http3_loader.py CONNECTIONS STREAMS SECONDS URL`.

Each stream's request follows the answer to the one before it. aioquic is Python, and costs more CPU than a fast server:
what it measures is the server's CPU time for each request, not the most that it can do. It prints the same JSON object
as wrk.lua.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
import time
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import urlsplit

from aioquic.asyncio.client import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ConnectionTerminated, QuicEvent


class Viewer(QuicConnectionProtocol):
    """One connection; answers are futures by the number of their stream."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._http = H3Connection(self._quic)
        self._waiting: dict[int, asyncio.Future[int]] = {}
        self._status: dict[int, int] = {}

    async def get(self, headers: list[tuple[bytes, bytes]]) -> int:
        """Send a request; the status, once the answer is complete."""
        stream = self._quic.get_next_available_stream_id()
        answer = self._waiting[stream] = asyncio.get_running_loop().create_future()
        self._http.send_headers(stream, headers, end_stream=True)
        self.transmit()
        return await answer

    def quic_event_received(self, event: QuicEvent) -> None:
        """Whatever the connection reads."""
        if isinstance(event, ConnectionTerminated):
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_exception(ConnectionError(event.reason_phrase))
            return
        for told in self._http.handle_event(event):
            if isinstance(told, HeadersReceived):
                self._status[told.stream_id] = int(dict(told.headers)[b":status"])
            if isinstance(told, HeadersReceived | DataReceived) and told.stream_ended:
                self._waiting.pop(told.stream_id).set_result(self._status.pop(told.stream_id))


async def load(url: str, connections: int, streams: int, seconds: float) -> dict[str, int]:
    """Send for so many seconds; the report."""
    parts = urlsplit(url)
    host, port = parts.hostname or "127.0.0.1", parts.port or 443
    configuration = QuicConfiguration(alpn_protocols=H3_ALPN, is_client=True, verify_mode=ssl.CERT_NONE)
    headers = [
        (b":method", b"GET"),
        (b":scheme", b"https"),
        (b":authority", parts.netloc.encode()),
        (b":path", parts.path.encode()),
    ]
    latencies_us: list[int] = []
    statuses: list[int] = []
    broken = 0

    async def again_and_again(viewer: Viewer) -> None:
        nonlocal broken
        while time.perf_counter() < until:
            sent_ns = time.perf_counter_ns()
            try:
                statuses.append(await viewer.get(headers))
            except ConnectionError:
                broken += 1
                return
            latencies_us.append((time.perf_counter_ns() - sent_ns) // 1_000)

    async with AsyncExitStack() as stack:
        opened = [
            await stack.enter_async_context(connect(host, port, configuration=configuration, create_protocol=Viewer))
            for _ in range(connections)
        ]
        began = time.perf_counter()
        until = began + seconds
        await asyncio.gather(*(again_and_again(one) for one in opened for _ in range(streams)))  # type: ignore[arg-type]
        duration_s = time.perf_counter() - began
    latencies_us.sort()
    return {
        "requests": len(latencies_us),
        "duration_us": int(duration_s * 1e6),
        "p50_us": latencies_us[len(latencies_us) // 2],
        "p99_us": latencies_us[len(latencies_us) * 99 // 100],
        "broken": broken,
        "refused": sum(status >= 400 for status in statuses),
    }


def main() -> None:
    """Run, and print the report."""
    connections, streams, seconds, url = sys.argv[1:5]
    print(json.dumps(asyncio.run(load(url, int(connections), int(streams), float(seconds)))))


if __name__ == "__main__":
    main()
