"""Hits, misses, refreshes and collapsed requests, over sockets."""

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


async def test_a_miss_then_a_hit(proxy: Proxy, origin: Origin) -> None:
    """The origin is asked once, and the hit has an age."""
    first = await proxy.get("/a")
    second = await proxy.get("/a")
    assert (first.status, first.x_cache, first.body, first.get("age")) == (200, "Miss", b"hello", None)
    assert (second.status, second.x_cache, second.body, second.get("age")) == (200, "Hit", b"hello", "0")
    assert [seen.target for seen in origin.requests] == ["/a"]
    assert proxy.log == [(200, 5, True)] * 2


async def test_an_expired_object_is_confirmed(proxy: Proxy, origin: Origin) -> None:
    """The origin gets a condition, says 304, and the stored body is served."""
    fresh = b'HTTP/1.1 200 OK\r\nETag: "1"\r\nCache-Control: max-age=60\r\nContent-Length: 5\r\n\r\nhello'
    origin.answers_with(fresh, b"HTTP/1.1 304 Not Modified\r\nCache-Control: max-age=60\r\n\r\n")
    await proxy.get("/a")
    proxy.clock.ahead_s = 61
    replies = [await proxy.get("/a") for _ in range(2)]
    assert [(reply.status, reply.x_cache, reply.body) for reply in replies] == [
        (200, "RefreshHit", b"hello"),
        (200, "Hit", b"hello"),
    ]
    assert [seen.get("if-none-match") for seen in origin.requests] == [None, '"1"']


async def test_an_expired_object_that_changed_is_replaced(proxy: Proxy, origin: Origin) -> None:
    """A 200 is a miss."""
    origin.answers_with(
        b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 3\r\n\r\nold",
        b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 3\r\n\r\nnew",
    )
    await proxy.get("/a")
    proxy.clock.ahead_s = 61
    replies = [await proxy.get("/a") for _ in range(2)]
    assert [(reply.x_cache, reply.body) for reply in replies] == [("Miss", b"new"), ("Hit", b"new")]


async def test_an_expired_object_stands_in_for_an_origin_that_is_gone(proxy: Proxy, origin: Origin) -> None:
    """Stale is better than nothing."""

    @origin.plays
    async def play(connection: Connection) -> None:
        origin.requests.append(await connection.request())
        if len(origin.requests) == 1:
            await connection.send(origin.answers[0])

    await proxy.get("/a")
    proxy.clock.ahead_s = 61
    reply = await proxy.get("/a")
    assert (reply.status, reply.body) == (200, b"hello")
    assert len(origin.requests) == 2


async def test_simultaneous_requests_are_one_for_the_origin(proxy: Proxy, origin: Origin, until: Until) -> None:
    """The others wait, and their answers are hits."""
    asked, answer = asyncio.Event(), asyncio.Event()

    @origin.plays
    async def play(connection: Connection) -> None:
        while True:
            origin.requests.append(await connection.request())
            asked.set()
            await answer.wait()
            await connection.send(origin.answers[0])

    asking = [asyncio.ensure_future(proxy.get("/a")) for _ in range(20)]
    await asked.wait()
    await until(lambda: len(proxy.listener.connections) == 20)
    answer.set()
    replies = await asyncio.gather(*asking)
    assert [reply.body for reply in replies] == [b"hello"] * 20
    assert sorted(reply.x_cache for reply in replies) == ["Hit"] * 19 + ["Miss"]
    assert len(origin.requests) == 1


async def test_those_who_wait_go_on_when_the_first_leaves(
    proxy: Proxy, origin: Origin, settle: Settle, until: Until
) -> None:
    """One of them asks in his place; nobody is left hanging."""
    answer = asyncio.Event()

    @origin.plays
    async def play(connection: Connection) -> None:
        while True:
            origin.requests.append(await connection.request())
            await answer.wait()
            await connection.send(origin.answers[0])

    first = await proxy.connect()
    first.send(b"GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await until(lambda: len(origin.requests) == 1)
    waiting = [asyncio.ensure_future(proxy.get("/a")) for _ in range(5)]
    await until(lambda: len(proxy.listener.connections) == 6)
    await settle(lambda: len(origin.requests))
    assert len(origin.requests) == 1
    first.leave()
    await until(lambda: len(origin.requests) == 2)
    answer.set()
    assert [reply.body for reply in await asyncio.gather(*waiting)] == [b"hello"] * 5
    assert len(origin.requests) == 2


async def test_head_is_answered_from_a_cached_get(proxy: Proxy, origin: Origin) -> None:
    """With its length, and without its body."""
    await proxy.get("/a")
    reply = await proxy.get("/a", method="HEAD")
    assert (reply.status, reply.x_cache, reply.get("content-length")) == (200, "Hit", "5")
    assert len(origin.requests) == 1


async def test_a_part_of_a_cached_object(proxy: Proxy, origin: Origin) -> None:
    """A range needs no origin."""
    await proxy.get("/a")
    reply = await proxy.get("/a", "Range: bytes=1-3")
    assert (reply.status, reply.body, reply.get("content-range")) == (206, b"ell", "bytes 1-3/5")


async def test_the_viewers_condition_is_answered_from_the_cache(proxy: Proxy, origin: Origin) -> None:
    """304 without the origin."""
    origin.answers_with(b'HTTP/1.1 200 OK\r\nETag: "1"\r\nCache-Control: max-age=60\r\nContent-Length: 5\r\n\r\nhello')
    await proxy.get("/a")
    reply = await proxy.get("/a", 'If-None-Match: "1"')
    assert (reply.status, reply.body) == (304, b"")
    assert len(origin.requests) == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_requests_that_change_something_pass_through(proxy: Proxy, origin: Origin, method: str) -> None:
    """Each of them, with its body."""
    replies = [await proxy.get("/a", method=method, body=b"data") for _ in range(2)]
    assert [reply.x_cache for reply in replies] == ["Miss"] * 2
    assert [(seen.line.split()[0], seen.body) for seen in origin.requests] == [(method, b"data")] * 2


async def test_an_error_is_cached_for_ten_seconds(proxy: Proxy, origin: Origin) -> None:
    """Source: "Control how long CloudFront caches errors"."""
    origin.answers_with(b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno")
    replies = [await proxy.get("/a") for _ in range(2)]
    assert len(origin.requests) == 1
    proxy.clock.ahead_s = 11
    replies.append(await proxy.get("/a"))
    assert len(origin.requests) == 2
    assert [(reply.status, reply.x_cache, reply.body) for reply in replies] == [(404, "Error", b"no")] * 3
