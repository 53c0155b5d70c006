"""The pool of connections, and what is sent twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from edge.model.origin import OriginFailureKind

Fetcher = Any  # of conftest.py
Connection = Any  # an OriginConnection of tests/conftest.py
Origin = Any  # a ScriptedOrigin
StartOrigin = Callable[..., Awaitable[Origin]]
Settle = Callable[[Callable[[], object]], Any]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


async def test_connections_are_kept_and_used_again(fetcher: Fetcher, origin: Origin) -> None:
    """Also after a streamed body that was read to its end."""
    for _ in range(3):
        await fetcher.get(origin.url)
        await fetcher.get(origin.url, method="POST", body=fetcher.pieces(b"a", b"b"))
    assert len(origin.connections) == 1


async def test_simultaneous_requests_have_connections_of_their_own(fetcher: Fetcher, origin: Origin) -> None:
    """As many as there are requests, and all of them are kept."""
    together = asyncio.Barrier(8)

    @origin.plays
    async def play(connection: Connection) -> None:
        while True:
            await connection.request()
            await together.wait()
            await connection.send(OK)

    for _ in range(2):
        await asyncio.gather(*(fetcher.get(origin.url) for _ in range(8)))
    assert len(origin.connections) == 8


async def test_each_origin_has_a_pool_of_its_own(fetcher: Fetcher, start_origin: StartOrigin) -> None:
    """A connection to one is never taken for the other."""
    one, other = await start_origin(), await start_origin()
    for _ in range(2):
        await fetcher.get(one.url, "/one")
        await fetcher.get(other.url, "/other")
    assert [seen.target for seen in one.requests] == ["/one"] * 2
    assert [seen.target for seen in other.requests] == ["/other"] * 2
    assert (len(one.connections), len(other.connections)) == (1, 1)


async def test_the_keep_alive_timeout_is_the_origins(fetcher: Fetcher, origin: Origin) -> None:
    """A connection that was idle for longer is not used again."""
    left = asyncio.Event()

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.request()
        await connection.send(OK)
        await connection.left()
        left.set()

    await fetcher.get(origin.url, keepalive_timeout_s=0.01)
    await left.wait()
    await fetcher.get(origin.url, keepalive_timeout_s=0.01)
    assert len(origin.connections) == 2


@pytest.mark.parametrize("answer", [b"HTTP/1.1 200 OK\r\nConnection: close\r\n", b"HTTP/1.0 200 OK\r\n"])
async def test_an_origin_may_want_to_close(fetcher: Fetcher, origin: Origin, answer: bytes) -> None:
    """Then the connection is not used again."""
    origin.answers_with(answer + b"Content-Length: 5\r\n\r\nhello")
    for _ in range(2):
        assert (await fetcher.get(origin.url)).body == b"hello"
    assert len(origin.connections) == 2


async def test_a_connection_that_closed_while_idle_is_no_failure(fetcher: Fetcher, origin: Origin) -> None:
    """Whether it is noticed before the request or by it."""

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.request()
        await connection.send(OK)
        if len(origin.connections) == 1:
            await connection.request()  # and closes without an answer

    assert (await fetcher.get(origin.url)).body == b"hello"
    assert (await fetcher.get(origin.url)).body == b"hello"
    assert len(origin.connections) == 2


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_a_request_that_changes_something_is_never_sent_twice(
    fetcher: Fetcher, origin: Origin, method: str
) -> None:
    """The origin may have done it before it closed the connection."""

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.request()
        await connection.send(OK)
        origin.requests.append(await connection.request())

    await fetcher.get(origin.url)
    failure = await fetcher.fails(origin.url, method=method)
    assert failure.kind is OriginFailureKind.DROPPED
    assert len(origin.requests) == len(origin.connections) == 1


async def test_a_new_connection_that_drops_is_a_failure_at_once(fetcher: Fetcher, origin: Origin) -> None:
    """How often to try is the distribution's business."""

    @origin.plays
    async def play(connection: Connection) -> None:
        origin.requests.append(await connection.request())

    assert (await fetcher.fails(origin.url)).kind is OriginFailureKind.DROPPED
    assert len(origin.requests) == 1


async def test_what_an_origin_says_out_of_turn_is_nobodys_answer(
    fetcher: Fetcher, origin: Origin, settle: Settle
) -> None:
    """A length that is too small must not make the rest of one page the whole of another."""

    @origin.plays
    async def play(connection: Connection) -> None:
        while True:
            seen = await connection.request()
            await connection.send(OK if seen.target == "/" else OK.replace(b"hello", b"other"))
            await late.wait()
            if seen.target == "/":
                await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
                said.set()

    late, said = asyncio.Event(), asyncio.Event()
    assert (await fetcher.get(origin.url)).body == b"hello"
    late.set()
    await said.wait()
    await settle(lambda: None)
    assert (await fetcher.get(origin.url, "/other")).body == b"other"
    assert len(origin.connections) == 2


async def test_closing_ends_all_connections(fetcher: Fetcher, origin: Origin) -> None:
    """Idle ones too."""
    left = asyncio.Event()

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.request()
        await connection.send(OK)
        await connection.left()
        left.set()

    await fetcher.get(origin.url)
    await fetcher.origins.close()
    await left.wait()
