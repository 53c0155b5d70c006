"""Origins that fail in every way: the documented status, nothing truncated in the cache, and the proxy lives on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

Proxy = Any  # of conftest.py
Origin = Any  # a ScriptedOrigin of tests/conftest.py
Connection = Any
Settle = Any
StartProxy = Callable[..., Awaitable[Proxy]]

FRESH = b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n"
CONNECT = b"CloudFront wasn't able to connect to the origin."
CLOSED = (
    b"CloudFront attempted to establish a connection with the origin, but either the attempt failed or the origin "
    b"closed the connection."
)


def plays_once(origin: Origin, failing: Callable[[Connection], Awaitable[None]]) -> None:
    """Fail on the first connection; say hello on all others."""

    @origin.plays
    async def play(connection: Connection) -> None:
        if len(origin.connections) == 1:
            await connection.head()
            await failing(connection)
        else:
            origin.requests.append(await connection.request())
            await connection.send(FRESH + b"Content-Length: 5\r\n\r\nhello")


async def lives_on(proxy: Proxy) -> None:
    """The next request is served as if nothing had been."""
    reply = await proxy.get("/next")
    assert (reply.status, reply.body) == (200, b"hello")


async def sends(data: bytes) -> Callable[[Connection], Awaitable[None]]:
    async def play(connection: Connection) -> None:
        await connection.send(data)

    return play


async def drops(connection: Connection) -> None:
    connection.drop()


async def closes(connection: Connection) -> None:
    connection.close()


@pytest.mark.parametrize("failing", [drops, closes])
async def test_an_origin_that_drops_the_connection(proxy: Proxy, origin: Origin, failing: Any) -> None:
    """502."""
    plays_once(origin, failing)
    reply = await proxy.get("/a")
    assert (reply.status, reply.x_cache) == (502, "Error")
    assert CLOSED in reply.body
    await lives_on(proxy)


@pytest.mark.parametrize(
    "garbage",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\x00b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 40_000 + b"\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    ],
)
async def test_an_origin_that_does_not_speak_http(proxy: Proxy, origin: Origin, garbage: bytes) -> None:
    """502, and nothing of it reaches the viewer."""
    plays_once(origin, await sends(garbage))
    reply = await proxy.get("/a")
    assert (reply.status, reply.x_cache) == (502, "Error")
    await lives_on(proxy)


async def test_an_origin_that_is_not_running(start_proxy: StartProxy) -> None:
    """502, and the trail says what to look at."""
    proxy = await start_proxy("http://127.0.0.1:1")
    reply = await proxy.get("/a")
    assert (reply.status, reply.x_cache) == (502, "Error")
    assert CONNECT in reply.body


async def test_a_connection_is_tried_as_often_as_the_origin_says(start_proxy: StartProxy) -> None:
    """ConnectionAttempts counts what failed to connect."""
    proxy = await start_proxy("http://127.0.0.1:1", origin={"connection_attempts": 2})
    reply = await proxy.get("/a")
    trail = await proxy.trail(reply.get("x-edge-trail"))
    assert len(trail["origins"]) == 2
    assert "is the site running?" in str(trail["origins"][0])


async def test_an_origin_that_does_not_answer(start_proxy: StartProxy, origin: Origin) -> None:
    """504 after the read timeout, as often as attempts are allowed."""
    proxy = await start_proxy(origin.url, origin={"connection_attempts": 2, "read_timeout_s": 0.3})

    @origin.plays
    async def play(connection: Connection) -> None:
        seen = await connection.request()
        if seen.target == "/next":
            await connection.send(FRESH + b"Content-Length: 5\r\n\r\nhello")
        await connection.left()

    reply = await proxy.get("/a")
    assert (reply.status, reply.x_cache) == (504, "Error")
    assert CLOSED in reply.body
    assert len(origin.connections) == 2
    await lives_on(proxy)


async def test_a_post_is_not_repeated_when_the_origin_does_not_answer(start_proxy: StartProxy, origin: Origin) -> None:
    """It may have done something."""
    proxy = await start_proxy(origin.url, origin={"connection_attempts": 3, "read_timeout_s": 0.05})

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.left()

    assert (await proxy.get("/a", method="POST", body=b"x")).status == 504
    assert len(origin.connections) == 1


@pytest.mark.parametrize(
    "part",
    [
        b"Content-Length: 9\r\n\r\nhalf",
        b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n9\r\nhalf",
    ],
)
async def test_a_truncated_answer_is_cut_off_and_not_cached(proxy: Proxy, origin: Origin, part: bytes) -> None:
    """The viewer can tell that something is missing, and the next one gets the whole."""
    plays_once(origin, await sends(FRESH + part))
    viewer = await proxy.connect()
    viewer.send(b"GET /next HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    got = await viewer.rest()
    assert got.startswith(b"HTTP/1.1 502 ") or not got.endswith(b"\r\n0\r\n\r\n")
    assert b"Content-Length: 4\r\n" not in got
    await lives_on(proxy)
    assert len(origin.requests) == 1


async def test_a_truncated_answer_that_had_begun_is_not_cached(proxy: Proxy, origin: Origin, settle: Settle) -> None:
    """The viewer has its beginning already."""
    go_on = asyncio.Event()

    async def play(connection: Connection) -> None:
        await connection.send(FRESH + b"Content-Length: 9\r\n\r\nhalf")
        await go_on.wait()

    plays_once(origin, play)
    viewer = await proxy.connect()
    viewer.send(b"GET /next HTTP/1.1\r\nHost: localhost\r\n\r\n")
    reply = await viewer.head()
    assert (reply.status, reply.get("content-length")) == (200, "9")
    assert await viewer.reader.readexactly(4) == b"half"
    go_on.set()
    assert await viewer.rest() == b""
    assert proxy.log == [(200, 4, False)]
    await lives_on(proxy)
    assert len(origin.requests) == 1


async def test_chunks_that_go_bad_are_cut_off_and_not_cached(proxy: Proxy, origin: Origin) -> None:
    """No last chunk reaches the viewer."""
    go_on = asyncio.Event()

    async def play(connection: Connection) -> None:
        await connection.send(FRESH + b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")
        await go_on.wait()
        await connection.send(b"nonsense\r\n")
        await connection.left()

    plays_once(origin, play)
    viewer = await proxy.connect()
    viewer.send(b"GET /next HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert (await viewer.head()).get("transfer-encoding") == "chunked"
    assert await viewer.reader.readexactly(9) == b"4\r\nhalf\r\n"
    go_on.set()
    assert await viewer.rest() == b""
    await lives_on(proxy)


async def test_a_body_that_stalls_is_cut_off_and_not_cached(start_proxy: StartProxy, origin: Origin) -> None:
    """The read timeout counts between packets."""
    proxy = await start_proxy(origin.url, origin={"read_timeout_s": 0.3})

    async def play(connection: Connection) -> None:
        await connection.send(FRESH + b"Content-Length: 9\r\n\r\nhalf")
        await connection.left()

    plays_once(origin, play)
    viewer = await proxy.connect()
    viewer.send(b"GET /next HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert (await viewer.head()).status == 200
    assert await viewer.rest() == b"half"
    await lives_on(proxy)


async def test_an_answer_longer_than_announced_is_served_as_announced(proxy: Proxy, origin: Origin) -> None:
    """What stands behind its end is nobody's."""
    plays_once(origin, await sends(FRESH + b"Content-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n\r\nevil"))
    viewer = await proxy.connect()
    reply = await viewer.get("/a")
    assert (reply.status, reply.body) == (200, b"hello")
    assert (await viewer.get("/next")).body == b"hello"


async def test_an_answer_without_an_end_is_whole_when_the_origin_closes(proxy: Proxy, origin: Origin) -> None:
    """Neither length nor chunks: nobody can tell, and CloudFront caches it."""

    @origin.plays
    async def play(connection: Connection) -> None:
        origin.requests.append(await connection.request())
        await connection.send(FRESH + b"\r\nall of it")

    assert [(await proxy.get("/a")).body for _ in range(2)] == [b"all of it"] * 2
    assert len(origin.requests) == 1


async def test_a_stale_object_survives_a_truncated_refresh(proxy: Proxy, origin: Origin) -> None:
    """What is in the cache is never half of something."""
    origin.answers_with(FRESH + b"Content-Length: 5\r\n\r\nhello")
    await proxy.get("/a")

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.request()
        await connection.send(FRESH + b"Content-Length: 9\r\n\r\nhalf")

    origin.connections[0].close()
    proxy.clock.ahead_s = 61
    viewer = await proxy.connect()
    viewer.send(b"GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    await viewer.rest()
    origin.plays(None)
    origin.answers_with(FRESH + b"Content-Length: 5\r\n\r\nafter")
    assert (await proxy.get("/a")).body in (b"hello", b"after")
