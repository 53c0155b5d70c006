"""Listening, and stopping gracefully."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from edge.model.request import Request
from edge.model.served import Served
from edge.model.viewer import Location, Viewer
from edge.viewers.listener import Http1Listener

Front = Any  # FakeFront of conftest.py
Wire = Any
Until = Callable[[Callable[[], bool]], Awaitable[None]]
Connect = Callable[[], Awaitable[Wire]]

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def test_any_free_port(listener: Http1Listener, wire: Wire) -> None:
    """Port 0 becomes the port that the system chose."""
    assert listener.port > 0
    wire.send(GET)
    assert (await wire.reply()).status == 200


async def test_an_address_that_is_taken(front: Front, listener: Http1Listener) -> None:
    """It is an OSError for whoever starts the listener."""
    second = Http1Listener(front, "127.0.0.1", listener.port)
    with pytest.raises(OSError, match="address already in use"):
        await second.start()
    await second.close()


async def test_it_listens_on_a_socket_that_somebody_has_bound(front: Front, connect: Connect) -> None:
    """As the workers of `edge serve --workers` do."""
    bound = socket.create_server(("127.0.0.1", 0))
    listener = Http1Listener(front, "127.0.0.1", bound.getsockname()[1], bound=(bound,))
    await listener.start()
    assert listener.hosts == ("127.0.0.1",)
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    writer.write(GET)
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    writer.close()
    await listener.close()


async def test_viewers_are_where_the_front_says(front: Front, connect: Connect) -> None:
    """Those who connect after a change are elsewhere."""
    front.location = Location(country="DE")
    wire = await connect()
    wire.send(GET)
    await wire.reply()
    assert front.viewers[0].location == Location(country="DE")


async def test_close_lets_an_answer_come_to_its_end(
    front: Front, listener: Http1Listener, connect: Connect, until: Until
) -> None:
    """An idle connection closes at once, a busy one after its answer, and nobody new is taken."""
    gate = asyncio.Event()

    async def answer(request: Request, viewer: Viewer) -> Served:
        await gate.wait()
        return front.served(request, viewer, body=b"late")  # type: ignore[no-any-return]

    front.later(answer)
    idle, busy = await connect(), await connect()
    busy.send(GET)
    await until(lambda: len(listener.connections) == 2 and bool(front.requests))
    closing = asyncio.ensure_future(listener.close())
    assert await idle.rest() == b""
    assert not closing.done()
    with pytest.raises(OSError):
        await connect()
    gate.set()
    reply = await busy.reply()
    assert (reply.body, reply.get("connection")) == (b"late", "close")
    await closing


async def test_close_cuts_off_what_takes_too_long(
    front: Front, listener: Http1Listener, wire: Wire, until: Until
) -> None:
    """Whoever answers is cancelled when the grace is over."""
    state: list[str] = []

    async def answer(request: Request, viewer: Viewer) -> Served:
        try:
            await asyncio.Event().wait()
        finally:
            state.append("ended")
        raise AssertionError

    front.later(answer)
    wire.send(GET)
    await until(lambda: bool(front.requests))
    await listener.close(grace_s=0)
    assert await wire.rest() == b""
    await until(lambda: state == ["ended"])
