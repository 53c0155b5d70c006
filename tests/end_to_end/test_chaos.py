"""Hundreds of viewers, and an origin, that do what they should not, by a seed, over real sockets; and nothing is left.

What each of them gets is in the other files. Here it is what remains: no task, no lease, no connection either side, and
a proxy that serves the next request as if nothing had been. A failure names its seed.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

Proxy = Any  # of conftest.py
Origin = Any  # a ScriptedOrigin of tests/conftest.py
Connection = Any
Until = Any
StartProxy = Callable[..., Awaitable[Proxy]]

EDGE = Path(__file__).parents[2] / "edge"
OK = b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n"
WHOLE = OK + b"Content-Length: 5\r\n\r\nhello"
BYTES = (
    WHOLE,
    WHOLE,
    OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    OK + b"\r\nuntil the end",
    OK + b"Content-Length: 50\r\n\r\nshort",
    OK + b"Content-Length: 2\r\n\r\ntoo long",
    OK + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n",
    OK + b"Transfer-Encoding: chunked\r\n\r\nfff\r\nhel",
    OK + b"X: a\0b\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\n\r\n" * 150 + WHOLE,
    b"HTTP/1.1 100 Continue\r\n\r\n" * 2 + WHOLE,
    b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    b"HTTP/1.1 304 Not Modified\r\n\r\n",
    b"\x00\x01\x02 garbage \xff" * 100,
    b"HTTP/1.1 200",
    b"",
)
BODIES = (
    b"Content-Length: 5\r\n\r\nhello",
    b"Content-Length: 500000\r\n\r\n" + b"x" * 500_000,
    b"Content-Length: 50\r\n\r\nhalf",
    b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nnonsense\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n5\r\nhel",
    b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n",
)


def misbehaves(origin: Origin, chance: random.Random) -> None:
    """Each connection to the origin is another kind of bad."""

    @origin.plays
    async def play(connection: Connection) -> None:
        with suppress(asyncio.LimitOverrunError, ValueError):  # a body that is taken for the next head
            await answers(connection)

    async def answers(connection: Connection) -> None:
        while True:
            if chance.random() < 0.3:
                await connection.head()  # and the body is not read
            else:
                await connection.request()
            await connection.send(chance.choice(BYTES))
            match chance.randrange(5):
                case 0:
                    connection.drop()
                    return
                case 1:
                    connection.close()
                    return
                case 2:
                    await connection.left()
                    return


def asks(chance: random.Random) -> bytes:
    """What one viewer sends: one request or several, whole or not."""
    sent = b""
    for _ in range(chance.choice((1, 1, 1, 3))):
        method = chance.choice((b"GET", b"GET", b"GET", b"HEAD", b"POST", b"PUT"))
        head = b"%b /%d?%d HTTP/1.1\r\nHost: localhost\r\n" % (method, chance.randrange(8), chance.randrange(3))
        if chance.random() < 0.1:
            head += chance.choice((b"X : y\r\n", b"Host: b\r\n", b"X: \0\r\n", b"X: a\r\n b\r\n"))
        sent += head + (chance.choice(BODIES) if method in (b"POST", b"PUT") else b"\r\n")
    return sent if chance.random() < 0.8 else sent[: chance.randrange(len(sent))]


async def visits(proxy: Proxy, sent: bytes, way: str, patience: int) -> None:
    """One viewer: sends, reads for a while or not at all, and goes in one way or another."""
    viewer = await proxy.connect()
    viewer.send(sent)
    try:
        for _ in range(patience):
            async with asyncio.timeout(0.02):
                if not await viewer.reader.read(65_536):
                    break
    except (TimeoutError, ConnectionError):
        pass
    if way == "half-closes" and not viewer.writer.is_closing():
        viewer.writer.write_eof()
    elif way == "cuts":
        viewer.leave()
    elif way == "closes":
        viewer.writer.close()


def is_of_the_edge(task: asyncio.Task[Any]) -> bool:
    """Whether a task runs code of edge/."""
    code = getattr(task.get_coro(), "cr_code", None)
    return code is not None and EDGE in Path(code.co_filename).parents


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_they_do_nothing_is_left(
    start_proxy: StartProxy, origin: Origin, until: Until, seed: int
) -> None:
    """400 viewers, forty at a time."""
    chance = random.Random(seed)
    misbehaves(origin, chance)
    policies = {"cache_policy": "UseOriginCacheControlHeaders-QueryStrings", "origin_request_policy": "AllViewer"}
    proxy = await start_proxy(origin.url, origin={"connection_attempts": 2, "read_timeout_s": 0.3}, **policies)
    before = asyncio.all_tasks()
    for _ in range(10):
        visitors = [
            visits(proxy, asks(chance), chance.choice(("closes", "cuts", "half-closes", "stays")), chance.randrange(4))
            for _ in range(40)
        ]
        await asyncio.gather(*visitors)
    for viewer in proxy.viewers:
        if not viewer.writer.is_closing():
            viewer.writer.close()

    def nothing_is_left() -> bool:
        proxy.listener.sweep(proxy.listener.now + 200)
        proxy.let_go()
        running = [task for task in asyncio.all_tasks() - before if is_of_the_edge(task)]
        return not (proxy.listener.connections or proxy.app.store.leases or running)

    await until(nothing_is_left)
    origin.script = None
    for connection in origin.connections:  # also those that the proxy keeps, where the origin may be deaf by now
        connection.writer.transport.abort()
    assert (await proxy.get("/afterwards")).body == b"hello"
