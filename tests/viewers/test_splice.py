"""A WebSocket through the viewer's connection."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from edge.model.body import Tunnel
from edge.viewers import splice
from edge.viewers.listener import Http1Listener

Front = Any  # FakeFront of conftest.py
Wire = Any
Until = Callable[[Callable[[], bool]], Awaitable[None]]
Settle = Callable[[Callable[[], object]], Awaitable[None]]

UPGRADE = b"GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"


class FakeTunnel(Tunnel):
    """The origin's side: what the viewer said is in `heard`, `say` answers."""

    def __init__(self) -> None:
        self.heard = b""
        self.closed = False
        self.slow = asyncio.Event()
        self.slow.set()
        self._said: asyncio.Queue[bytes | Exception] = asyncio.Queue()

    def say(self, data: bytes | Exception) -> None:
        self._said.put_nowait(data)

    async def read(self) -> bytes:
        data = await self._said.get()
        if isinstance(data, Exception):
            raise data
        return data

    async def write(self, data: bytes) -> None:
        await self.slow.wait()
        self.heard += data

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def tunnel(front: Front) -> FakeTunnel:
    tunnel = FakeTunnel()
    assert isinstance(tunnel, Tunnel)
    front.always(101, ("Connection", "Upgrade"), ("Upgrade", "websocket"), body=tunnel)
    return tunnel


async def test_bytes_go_both_ways(front: Front, tunnel: FakeTunnel, wire: Wire, until: Until) -> None:
    """Those that came right behind the request too; the log counts what went to the viewer."""
    wire.send(UPGRADE + b"first")
    reply = await wire.reply()
    assert (reply.status, reply.get("connection"), reply.get("upgrade")) == (101, "Upgrade", "websocket")
    await until(lambda: tunnel.heard == b"first")
    tunnel.say(b"hello")
    assert await wire.reader.readexactly(5) == b"hello"
    wire.send(b"GET / HTTP/1.1\r\n\r\n")
    await until(lambda: tunnel.heard == b"firstGET / HTTP/1.1\r\n\r\n")
    tunnel.say(b"bye")
    tunnel.say(b"")
    assert await wire.rest() == b"bye"
    assert tunnel.closed
    assert front.log == [(101, 8, True)]


async def test_a_viewer_who_leaves(front: Front, tunnel: FakeTunnel, wire: Wire, until: Until) -> None:
    """The tunnel is closed."""
    wire.send(UPGRADE)
    await wire.reply()
    await wire.close()
    await until(lambda: bool(front.log))
    assert tunnel.closed


async def test_an_origin_that_breaks_the_connection(tunnel: FakeTunnel, wire: Wire) -> None:
    """It is the end, as an orderly one."""
    wire.send(UPGRADE)
    await wire.reply()
    tunnel.say(ConnectionResetError())
    assert await wire.rest() == b""
    assert tunnel.closed


async def test_a_slow_origin_makes_the_viewer_wait(
    tunnel: FakeTunnel, wire: Wire, until: Until, settle: Settle
) -> None:
    """What the viewer sends is not piled up."""
    tunnel.slow.clear()
    wire.send(UPGRADE)
    await wire.reply()
    wire.send(b"x" * 20_000_000)
    await settle(wire.unsent)
    assert wire.unsent() > 0
    tunnel.slow.set()
    await until(lambda: len(tunnel.heard) == 20_000_000)


async def test_silence(
    front: Front, tunnel: FakeTunnel, wire: Wire, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the quota's time without a byte the connection ends."""
    monkeypatch.setattr(splice, "WEBSOCKET_IDLE_S", 0.01)
    wire.send(UPGRADE)
    await wire.reply()
    assert await wire.rest() == b""
    assert tunnel.closed


async def test_close_does_not_wait_for_websockets(
    listener: Http1Listener, tunnel: FakeTunnel, wire: Wire, until: Until
) -> None:
    """They have no end of their own."""
    wire.send(UPGRADE)
    await wire.reply()
    await listener.close(grace_s=60)
    assert await wire.rest() == b""
    await until(lambda: tunnel.closed)


async def test_an_answer_that_is_no_upgrade(front: Front, wire: Wire) -> None:
    """The connection goes on as HTTP."""
    front.always(403)
    wire.send(UPGRADE + UPGRADE)
    assert [(await wire.reply()).status for _ in range(2)] == [403, 403]
