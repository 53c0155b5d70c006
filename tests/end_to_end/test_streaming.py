"""Bodies larger than anybody wants to hold, in both directions; and viewers who leave in the middle."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

Proxy = Any  # of conftest.py
Origin = Any  # a ScriptedOrigin of tests/conftest.py
Connection = Any
Settle = Any
Until = Any
StartProxy = Callable[..., Awaitable[Proxy]]

MIB = 1024 * 1024
SIZE = 200 * MIB
PIECE = bytes(range(256)) * 1_024  # 256 KiB
PILED_UP_MAX_BYTES = 48 * MIB  # mostly the system's buffers, of two connections
UNTIL_CLOSED = b"Connection: close"


def sends_much(origin: Origin, framing: bytes, size: int = SIZE) -> list[asyncio.Event]:
    """Answer each request with many bytes, made on the fly. One event for each connection: the other side closed."""
    closed: list[asyncio.Event] = []

    @origin.plays
    async def play(connection: Connection) -> None:
        closed.append(asyncio.Event())
        gone = closed[-1]
        origin.requests.append(await connection.request())
        chunked = framing.startswith(b"Transfer")
        try:
            await connection.send(b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n" + framing + b"\r\n\r\n")
            connection.sent_bytes = 0
            while connection.sent_bytes < size:
                if chunked:
                    connection.writer.write(b"%x\r\n" % len(PIECE))
                await connection.send(PIECE)
                if chunked:
                    connection.writer.write(b"\r\n")
            if chunked:
                connection.writer.write(b"0\r\n\r\n")
            if framing != UNTIL_CLOSED:
                await connection.left()
        finally:
            gone.set()

    return closed


@pytest.mark.parametrize("framing", [b"Content-Length: %d" % SIZE, b"Transfer-Encoding: chunked", UNTIL_CLOSED])
@pytest.mark.parametrize("cache_policy", ["CachingOptimized", "CachingDisabled"])
async def test_a_large_download_flows_through(
    start_proxy: StartProxy, origin: Origin, framing: bytes, cache_policy: str
) -> None:
    """Each byte arrives, and never are many of them on their way."""
    proxy = await start_proxy(origin.url, cache_policy=cache_policy)
    sends_much(origin, framing)
    viewer = await proxy.connect()
    viewer.send(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
    reply = await viewer.head()
    got, piled_up = 0, 0
    async for piece in viewer.pieces(reply):
        assert piece == (PIECE * 8)[got % len(PIECE) :][: len(piece)]
        got += len(piece)
        piled_up = max(piled_up, origin.connections[0].sent_bytes - got)
    assert got == SIZE
    assert piled_up < PILED_UP_MAX_BYTES
    assert proxy.log == [(200, SIZE, True)]


@pytest.mark.parametrize("cache_policy", ["CachingOptimized", "CachingDisabled"])
async def test_a_viewer_who_does_not_read_holds_the_origin_back(
    start_proxy: StartProxy, origin: Origin, settle: Settle, until: Until, cache_policy: str
) -> None:
    """The origin is not read for nobody; and goes on when he does."""
    proxy = await start_proxy(origin.url, cache_policy=cache_policy)
    sends_much(origin, b"Content-Length: %d" % SIZE)
    viewer = await proxy.connect()
    viewer.send(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
    reply = await viewer.head()
    await until(lambda: origin.connections[0].sent_bytes > 0)
    await settle(lambda: origin.connections[0].sent_bytes)
    assert origin.connections[0].sent_bytes < PILED_UP_MAX_BYTES
    assert sum([len(piece) async for piece in viewer.pieces(reply)]) == SIZE


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_large_upload_flows_through(
    proxy: Proxy, origin: Origin, settle: Settle, until: Until, chunked: bool
) -> None:
    """Each byte arrives; and while the origin does not read, the viewer cannot send."""
    go_on = asyncio.Event()
    taken = 0

    @origin.plays
    async def play(connection: Connection) -> None:
        nonlocal taken
        seen = await connection.head()
        await go_on.wait()
        if seen.get("transfer-encoding") == "chunked":
            while piece := await connection.chunk():
                taken += len(piece)
        else:
            while taken < SIZE:
                taken += len(await connection.reader.read(MIB))
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone")

    viewer = await proxy.connect()
    sent = 0

    async def upload() -> None:
        nonlocal sent
        framing = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % SIZE
        viewer.send(b"PUT /large HTTP/1.1\r\nHost: localhost\r\n" + framing + b"\r\n\r\n")
        while sent < SIZE:
            viewer.send(b"%x\r\n%b\r\n" % (len(PIECE), PIECE) if chunked else PIECE)
            await viewer.writer.drain()
            sent += len(PIECE)
        if chunked:
            viewer.send(b"0\r\n\r\n")

    uploading = asyncio.ensure_future(upload())
    await until(lambda: sent > 0)
    await settle(lambda: sent)
    assert sent < PILED_UP_MAX_BYTES
    go_on.set()
    await uploading
    assert (await viewer.reply()).body == b"done"
    assert taken == SIZE


async def test_the_first_bytes_do_not_wait_for_the_last(proxy: Proxy, origin: Origin) -> None:
    """Server-sent events, for instance."""
    read = asyncio.Event()

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
        await read.wait()
        await connection.send(b"data: 2\n\n")

    viewer = await proxy.connect()
    viewer.send(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
    pieces = viewer.pieces(await viewer.head())
    assert await anext(pieces) == b"data: 1\n\n"
    read.set()
    assert await anext(pieces) == b"data: 2\n\n"


@pytest.mark.parametrize("cache_policy", ["CachingOptimized", "CachingDisabled"])
async def test_a_viewer_who_leaves_ends_the_fetch(start_proxy: StartProxy, origin: Origin, cache_policy: str) -> None:
    """The origin's connection is closed, nothing is cached, and the log says that it was not all."""
    proxy = await start_proxy(origin.url, cache_policy=cache_policy)
    closed = sends_much(origin, b"Content-Length: %d" % SIZE)
    viewer = await proxy.connect()
    viewer.send(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await viewer.head()
    viewer.leave()
    await closed[0].wait()
    ((status, body_bytes, complete),) = proxy.log
    assert (status, complete) == (200, False)
    assert body_bytes < SIZE
    assert len(proxy.app.store) == 0


async def test_a_viewer_who_leaves_before_the_answer_ends_the_fetch(proxy: Proxy, origin: Origin) -> None:
    """The origin must not think for nobody; the log has a line, with status 000."""
    asked, closed = asyncio.Event(), asyncio.Event()

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.request()
        asked.set()
        await connection.left()
        closed.set()

    viewer = await proxy.connect()
    viewer.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await asked.wait()
    viewer.leave()
    await closed.wait()
    assert len(proxy.app.store) == proxy.app.store.leases == 0
    assert proxy.log == [(0, 0, False)]


async def test_a_viewer_who_shares_a_body_goes_on_when_the_other_leaves(proxy: Proxy, origin: Origin) -> None:
    """And has all of it, from the one fetch."""
    size = 8 * MIB
    sends_much(origin, b"Content-Length: %d" % size, size)
    leaver, stayer = await proxy.connect(), await proxy.connect()
    leaver.send(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await leaver.head()
    stayer.send(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
    reply = await stayer.head()
    assert reply.x_cache == "Hit"
    leaver.leave()
    assert sum([len(piece) async for piece in stayer.pieces(reply)]) == size
    assert len(origin.requests) == 1
    assert (await proxy.get("/large")).x_cache == "Hit"
    assert len(origin.requests) == 1


async def test_a_slow_viewer_does_not_slow_the_others(proxy: Proxy, origin: Origin) -> None:
    """While the body is kept, the fastest reader leads."""
    size = 32 * MIB
    sends_much(origin, b"Content-Length: %d" % size, size)
    slow, fast = await proxy.connect(), await proxy.connect()
    slow.send(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
    slow_reply = await slow.head()
    fast.send(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
    fast_reply = await fast.head()
    assert sum([len(piece) async for piece in fast.pieces(fast_reply)]) == size
    assert sum([len(piece) async for piece in slow.pieces(slow_reply)]) == size
    assert len(origin.requests) == 1


async def test_an_origin_may_answer_an_upload_early(proxy: Proxy, origin: Origin) -> None:
    """The viewer has the answer while he still sends; the connection to the origin is not used again."""

    @origin.plays
    async def play(connection: Connection) -> None:
        seen = await connection.head()
        if seen.line.startswith("PUT"):
            await connection.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\nlong")
            assert b"GET" not in await connection.left()
        else:
            await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    viewer = await proxy.connect()
    viewer.send(b"PUT /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nbeginning")
    assert (await viewer.reply()).status == 413
    assert (await proxy.get("/b")).body == b"ok"
    assert len(origin.connections) == 2
