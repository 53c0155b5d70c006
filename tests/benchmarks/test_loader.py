"""benchmarks/loader.py and benchmarks/fixed_origin.py, over loopback sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from benchmarks import loader
from benchmarks.fixed_origin import Fixed


@pytest.fixture
async def origin() -> AsyncIterator[str]:
    """The URL of an origin that gives everybody the same bytes."""
    server = await asyncio.get_running_loop().create_server(Fixed, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/a"
    server.close()
    await server.wait_closed()


async def test_each_connection_asks_again_when_it_has_its_answer(origin: str) -> None:
    report = await loader.load(origin, connections=4, seconds=0.1)
    assert report["requests"] >= 4
    assert 0 < report["p50_us"] <= report["p99_us"]
    assert (report["broken"], report["refused"]) == (0, 0)


class Refusing(asyncio.Protocol):
    """Answers every request with 503."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        assert isinstance(self.transport, asyncio.Transport)
        self.transport.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\nno")


async def test_errors_are_counted_apart() -> None:
    server = await asyncio.get_running_loop().create_server(Refusing, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        report = await loader.load(url, connections=1, seconds=0.05)
    assert report["requests"] == report["refused"] > 0


def test_a_unique_prefix_makes_every_request_a_miss() -> None:
    next_request = loader.requests("http://127.0.0.1:1/", "/round-1/", "d1.cloudfront.net")
    first, second = next_request(), next_request()
    assert first == b"GET /round-1/1 HTTP/1.1\r\nHost: d1.cloudfront.net\r\n\r\n"
    assert second.startswith(b"GET /round-1/2 ")
