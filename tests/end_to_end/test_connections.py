"""Viewers' connections: kept, pipelined, slow, and closed; none of them in another's way."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

Proxy = Any  # of conftest.py
Viewer = Any
Origin = Any  # a ScriptedOrigin of tests/conftest.py
Connection = Any
Settle = Any
Until = Any


async def test_a_connection_is_kept(proxy: Proxy, viewer: Viewer, origin: Origin) -> None:
    """Across hits, misses, errors and methods; and so is the one to the origin."""
    for _ in range(3):
        assert (await viewer.get("/a")).status == 200
        assert (await viewer.get("/b", method="POST", body=b"x")).status == 200
        assert (await viewer.get("/a", method="HEAD")).status == 200
        assert (await viewer.get("/b", method="GET", body=b"x")).status == 403
    assert len(proxy.viewers) == len(origin.connections) == 1


async def test_a_viewer_may_want_to_close(viewer: Viewer) -> None:
    """Connection: close is honoured."""
    reply = await viewer.get("/", "Connection: close")
    assert reply.get("connection") == "close"
    assert await viewer.rest() == b""


async def test_pipelined_requests_are_answered_in_order(viewer: Viewer, origin: Origin) -> None:
    """Hits do not overtake misses."""
    origin.answers_with(
        *(
            b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 1\r\n\r\n%d" % number
            for number in range(1, 4)
        )
    )
    targets = (b"/1", b"/2", b"/1", b"/3", b"/2", b"/1")
    viewer.send(b"".join(b"GET %b HTTP/1.1\r\nHost: localhost\r\n\r\n" % target for target in targets))
    assert [(await viewer.reply()).body for _ in targets] == [b"1", b"2", b"1", b"3", b"2", b"1"]


async def test_a_pipelined_request_behind_a_body(viewer: Viewer, origin: Origin) -> None:
    """The body ends where it says, however the bytes arrive."""
    viewer.send(
        b"POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc"
        b"POST /b HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ndef\r\n0\r\n\r\n"
        b"GET /c HTTP/1.1\r\nHost: localhost\r\n\r\n"
    )
    assert [(await viewer.reply()).status for _ in range(3)] == [200] * 3
    assert [(seen.target, seen.body) for seen in origin.requests] == [("/a", b"abc"), ("/b", b"def"), ("/c", b"")]


GET = b"GET %b HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def test_a_viewer_who_sends_no_more_has_the_answers_to_what_he_sent(viewer: Viewer, origin: Origin) -> None:
    """As tools do that pipe a request into a socket; then the connection is closed."""
    viewer.send(GET % b"/a" + b"POST /b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc" + GET % b"/c")
    viewer.writer.write_eof()
    assert [(await viewer.reply()).body for _ in range(3)] == [b"hello"] * 3
    assert await viewer.rest() == b""
    assert [(seen.target, seen.body) for seen in origin.requests] == [("/a", b""), ("/b", b"abc"), ("/c", b"")]


async def test_a_viewer_who_sends_no_more_has_the_whole_of_a_stream(viewer: Viewer, origin: Origin) -> None:
    """However long it takes, once it has begun."""
    go_on = asyncio.Event()

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
        await go_on.wait()
        await connection.send(b"world")

    viewer.send(GET % b"/a")
    viewer.writer.write_eof()
    pieces = viewer.pieces(await viewer.head())
    assert await anext(pieces) == b"hello"
    go_on.set()
    assert await anext(pieces) == b"world"
    assert await viewer.rest() == b""


async def test_a_viewer_who_sends_no_more_is_not_waited_with_for_ever(
    proxy: Proxy, viewer: Viewer, origin: Origin, until: Until
) -> None:
    """He may have left: after two seconds in which nothing was written to him the origin need not work any further."""
    closed = asyncio.Event()

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.request()
        await connection.left()
        closed.set()

    viewer.send(GET % b"/a")
    viewer.writer.write_eof()
    await until(lambda: len(origin.connections) == 1)
    proxy.listener.sweep(proxy.listener.now + 3)
    assert await viewer.rest() == b""
    await closed.wait()
    assert proxy.log == [(0, 0, False)]
    assert proxy.app.store.leases == 0


@pytest.mark.parametrize(
    "framing", [b"Content-Length: 9\r\n\r\nhalf", b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"]
)
async def test_an_end_in_the_middle_of_a_body_is_no_end_of_it(
    viewer: Viewer, origin: Origin, framing: bytes, until: Until
) -> None:
    """The viewer gets nothing, the origin no request."""
    viewer.send(b"POST /a HTTP/1.1\r\nHost: localhost\r\n" + framing)
    await until(lambda: len(origin.connections) == 1)
    viewer.writer.write_eof()
    assert await viewer.rest() == b""
    await until(lambda: origin.connections[0].writer.is_closing())
    assert origin.requests == []


async def test_viewers_with_slow_heads_are_in_nobodys_way(proxy: Proxy, until: Until) -> None:
    """Hundreds of them, and the next one is served."""
    slow = [await proxy.connect() for _ in range(200)]
    for number, viewer in enumerate(slow):
        viewer.send(b"GET /slow%d HTTP/1.1\r\nHost: local" % number)
    await until(lambda: len(proxy.listener.connections) == 200)
    assert (await proxy.get("/fast")).body == b"hello"
    slow[0].send(b"host\r\n\r\n")
    assert (await slow[0].reply()).body == b"hello"


async def test_viewers_with_slow_heads_are_parted_with(proxy: Proxy, settle: Settle, until: Until) -> None:
    """After a minute: 408, and the connection is closed."""
    viewer = await proxy.connect()
    viewer.send(b"GET / HTTP/1.1\r\nX: ")
    await until(lambda: len(proxy.listener.connections) == 1)
    await settle(lambda: None)
    proxy.listener.sweep(proxy.listener.now + 61)
    reply = await viewer.reply()
    assert (reply.status, reply.x_cache) == (408, "Error")
    assert await viewer.rest() == b""


async def test_a_viewer_is_told_to_send_his_body(viewer: Viewer, origin: Origin) -> None:
    """100 Continue comes from the edge; the origin knows nothing of it."""
    viewer.send(b"PUT /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
    assert (await viewer.head()).status == 100
    viewer.send(b"data")
    assert (await viewer.reply()).status == 200
    (seen,) = origin.requests
    assert (seen.body, seen.get("expect")) == (b"data", None)


async def test_a_viewer_who_is_refused_is_not_told_to_send_his_body(viewer: Viewer) -> None:
    """The answer comes instead."""
    viewer.send(b"GET /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
    assert (await viewer.head()).status == 403


async def test_an_upgrade_to_anything_else_is_an_ordinary_request(viewer: Viewer, origin: Origin) -> None:
    """A tunnel in HTTP/2 would carry requests past every rule."""
    lines = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA")
    assert (await viewer.get("/", *lines)).status == 200
    assert origin.requests[0].get("upgrade") is None


@pytest.mark.parametrize("framing", ["Content-Length: 4", "Transfer-Encoding: chunked"])
async def test_a_websocket_handshake_has_no_body(viewer: Viewer, origin: Origin, framing: str, settle: Settle) -> None:
    """A body behind an upgrade would be the origin's next request."""
    lines = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: dGhlIHNhbXBsZQ==")
    body = b"data" if framing.startswith("Content") else b"4\r\ndata\r\n0\r\n\r\n"
    head = "\r\n".join(("POST /a HTTP/1.1", "Host: localhost", *lines, framing, "", ""))
    viewer.send(head.encode() + body)
    assert (await viewer.reply()).status == 200
    (seen,) = origin.requests
    assert (seen.body, seen.get("upgrade")) == (b"data", None)


async def test_closing_lets_answers_end(proxy: Proxy, origin: Origin) -> None:
    """Idle connections close at once, one that waits for its answer has it first."""
    asked, answer = asyncio.Event(), asyncio.Event()

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.request()
        asked.set()
        await answer.wait()
        await connection.send(origin.answers[0])

    idle, busy = await proxy.connect(), await proxy.connect()
    busy.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await asked.wait()
    closing = asyncio.ensure_future(proxy.listener.close())
    assert await idle.rest() == b""
    answer.set()
    reply = await busy.reply()
    assert (reply.body, reply.get("connection")) == (b"hello", "close")
    await closing
