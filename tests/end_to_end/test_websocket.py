"""WebSockets through the proxy, with a client and a server that others wrote."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidStatus

Proxy = Any  # of conftest.py
Settle = Any
StartProxy = Callable[..., Awaitable[Proxy]]


@pytest.fixture
async def echo() -> AsyncIterator[Server]:
    """An origin that says back what it hears; at /closed it says goodbye, at /refused it does not speak WebSocket."""

    async def handler(connection: ServerConnection) -> None:
        assert connection.request is not None
        if connection.request.path == "/closed":
            await connection.close(4001, "goodbye")
        async for message in connection:
            await connection.send(message)

    def process(connection: ServerConnection, request: Any) -> Any:
        if request.path == "/refused":
            return connection.respond(HTTPStatus.FORBIDDEN, "not for you")
        return None

    def select(connection: ServerConnection, offered: Any) -> Any:
        return "chat" if "chat" in offered else None

    async with serve(
        handler, "127.0.0.1", 0, process_request=process, select_subprotocol=select, max_size=None
    ) as server:
        yield server


@pytest.fixture
async def address(start_proxy: StartProxy, echo: Server) -> str:
    """Where a client finds the proxy."""
    proxy = await start_proxy(f"http://127.0.0.1:{port_of(echo)}", origin_request_policy="AllViewer")
    return f"ws://127.0.0.1:{proxy.listener.port}"


def port_of(server: Server) -> int:
    return int(next(iter(server.sockets)).getsockname()[1])


async def test_an_echo(address: str) -> None:
    """Text, bytes, nothing at all, and pings."""
    async with connect(f"{address}/echo?room=1") as client:
        for message in ("hello", "h\u00e9llo \u2603", b"\x00\xff", "", b""):
            await client.send(message)
            assert await client.recv() == message
        await (await client.ping())


async def test_a_subprotocol_and_extensions_are_agreed_upon(address: str) -> None:
    """Between the two ends."""
    async with connect(f"{address}/echo", subprotocols=["chat"]) as client:  # type: ignore[list-item]
        assert client.subprotocol == "chat"
        assert [extension.name for extension in client.protocol.extensions] == ["permessage-deflate"]


async def test_large_messages(address: str) -> None:
    """Larger than every buffer on the way."""
    message = bytes(range(256)) * 4_096 * 8  # 8 MiB
    async with connect(f"{address}/echo", max_size=None, compression=None) as client:
        sending = asyncio.ensure_future(client.send(message))
        assert await client.recv() == message
        await sending


async def test_many_at_a_time(address: str) -> None:
    """Each with its own messages."""

    async def talk(number: int) -> None:
        async with connect(f"{address}/echo") as client:
            for word in range(20):
                await client.send(f"{number} {word}")
                assert await client.recv() == f"{number} {word}"

    await asyncio.gather(*(talk(number) for number in range(20)))


async def test_the_origins_goodbye_reaches_the_viewer(address: str) -> None:
    """Code and reason."""
    async with connect(f"{address}/closed") as client:
        with pytest.raises(ConnectionClosed) as closed:
            await client.recv()
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4001, "goodbye")


async def test_a_viewer_who_is_cut_off_is_gone_for_the_origin_too(address: str, echo: Server, settle: Settle) -> None:
    """Without a goodbye."""
    async with connect(f"{address}/echo") as client:
        await client.send("hello")
        await client.recv()
        (at_origin,) = echo.connections
        client.transport.abort()
        await at_origin.wait_closed()


async def test_an_origin_that_is_cut_off_is_gone_for_the_viewer_too(address: str, echo: Server) -> None:
    """Without a goodbye."""
    async with connect(f"{address}/echo") as client:
        await client.send("hello")
        await client.recv()
        (at_origin,) = echo.connections
        at_origin.transport.abort()
        with pytest.raises(ConnectionClosed):
            await client.recv()


async def test_an_origin_may_refuse(address: str) -> None:
    """Its answer reaches the viewer."""
    with pytest.raises(InvalidStatus) as refused:
        async with connect(f"{address}/refused"):
            pass
    assert refused.value.response.status_code == 403
    assert refused.value.response.body == b"not for you"
    assert refused.value.response.headers["x-cache"] == "Error from cloudfront"


async def test_the_behavior_must_forward_the_handshake(start_proxy: StartProxy, echo: Server) -> None:
    """Source: "Use WebSockets with CloudFront distributions": without Sec-WebSocket-Key the origin refuses."""
    proxy = await start_proxy(f"http://127.0.0.1:{port_of(echo)}")
    with pytest.raises(InvalidStatus) as refused:
        async with connect(f"ws://127.0.0.1:{proxy.listener.port}/echo"):
            pass
    assert refused.value.response.status_code == 400


async def test_an_origin_that_is_not_running(start_proxy: StartProxy) -> None:
    """502, as for any other request."""
    proxy = await start_proxy("http://127.0.0.1:1")
    with pytest.raises(InvalidStatus) as refused:
        async with connect(f"ws://127.0.0.1:{proxy.listener.port}/"):
            pass
    assert refused.value.response.status_code == 502


async def test_a_websocket_does_not_keep_the_proxy_from_closing(start_proxy: StartProxy, echo: Server) -> None:
    """It ends at once."""
    proxy = await start_proxy(f"http://127.0.0.1:{port_of(echo)}", origin_request_policy="AllViewer")
    async with connect(f"ws://127.0.0.1:{proxy.listener.port}/echo") as client:
        await proxy.listener.close()
        with pytest.raises(ConnectionClosed):
            await client.recv()
