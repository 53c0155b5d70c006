"""A WebSocket between an ASGI server and an origin."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Event, Ping, Pong, TextMessage

from edge.model.body import Tunnel
from edge.model.headers import Headers
from edge.model.malformed import Malformed
from edge.model.quotas import WEBSOCKET_IDLE_S
from edge.model.request import Request
from edge.model.served import Served
from edge.model.viewer import Viewer
from edge.viewers.asgi import Application

Front = Any  # FakeFront of conftest.py
Until = Callable[[Callable[[], bool]], Awaitable[None]]
Message = dict[str, Any]

CONNECT: Message = {"type": "websocket.connect"}
HANDSHAKE = [
    (b"host", b"x"),
    (b"connection", b"keep-alive, Upgrade"),
    (b"upgrade", b"WebSocket"),
    (b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ=="),
    (b"sec-websocket-version", b"13"),
    (b"sec-websocket-extensions", b"permessage-deflate"),
]


def scope(**changes: Any) -> dict[str, Any]:
    return {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "wss",
        "path": "/live",
        "raw_path": b"/live",
        "query_string": b"a=1",
        "headers": HANDSHAKE,
        "client": ("192.0.2.1", 40_000),
        "subprotocols": [],
        "extensions": {"websocket.http.response": {}},
        **changes,
    }


class Origin(Tunnel):
    """A tunnel, with somebody at its end who reads and writes frames."""

    def __init__(self) -> None:
        self.frames = Connection(ConnectionType.SERVER)
        self.heard: list[Event] = []
        self.closed = False
        self._outgoing: asyncio.Queue[bytes] = asyncio.Queue()

    def say(self, event: Event) -> None:
        self._outgoing.put_nowait(self.frames.send(event))

    def leave(self) -> None:
        self._outgoing.put_nowait(b"")

    async def read(self) -> bytes:
        return await self._outgoing.get()

    async def write(self, data: bytes) -> None:
        self.frames.receive_data(data)
        self.heard += self.frames.events()

    def close(self) -> None:
        self.closed = True


class Server:
    """The ASGI server's side."""

    def __init__(self, front: Front, scope: dict[str, Any]) -> None:
        self.incoming: asyncio.Queue[Message] = asyncio.Queue()
        self.incoming.put_nowait(CONNECT)
        self.heard: list[Message] = []
        self.call = asyncio.ensure_future(Application(front)(scope, self.incoming.get, self._send))

    def say(self, **message: Any) -> None:
        self.incoming.put_nowait({"type": "websocket.receive", **message})

    def leave(self, code: int = 1005) -> None:
        self.incoming.put_nowait({"type": "websocket.disconnect", "code": code})

    async def _send(self, message: Any) -> None:
        self.heard.append(message)


@pytest.fixture
def origin(front: Front) -> Origin:
    origin = Origin()
    front.always(
        101,
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Accept", "abc"),
        ("Set-Cookie", "a=1"),
        body=origin,
    )
    return origin


@pytest.fixture
async def server(front: Front, origin: Origin) -> Server:
    return Server(front, scope())


async def finish(server: Server) -> None:
    server.leave()
    await server.call


async def test_the_handshake(front: Front, server: Server, until: Until) -> None:
    """The front gets the viewer's, but for extensions; what it adds to the 101 reaches the viewer."""
    await until(lambda: bool(server.heard))
    assert front.requests == [
        Request(
            "GET",
            "/live",
            "a=1",
            Headers(
                (
                    ("host", "x"),
                    ("sec-websocket-version", "13"),
                    ("connection", "Upgrade"),
                    ("upgrade", "websocket"),
                    ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
                )
            ),
        )
    ]
    assert front.viewers == [Viewer("192.0.2.1", 40_000, "https", "1.1")]
    assert server.heard == [
        {
            "type": "websocket.accept",
            "subprotocol": None,
            "headers": [(b"set-cookie", b"a=1"), (b"x-cache", b"Miss")],
        }
    ]
    await finish(server)


async def test_a_handshake_over_http_2(front: Front, origin: Origin) -> None:
    """Comes without a key; the origin gets one."""
    server = Server(front, scope(http_version="2", headers=[(b"host", b"x"), (b"sec-websocket-version", b"13")]))
    await finish(server)
    headers = front.requests[0].headers
    assert headers.get("upgrade") == "websocket"
    assert len(headers.get("sec-websocket-key")) == 24


async def test_messages_both_ways(front: Front, origin: Origin, server: Server, until: Until) -> None:
    """Text stays text, and bytes stay bytes."""
    server.say(text="h\u00e9", bytes=None)
    server.say(text=None, bytes=b"\0\1")
    server.say(text="")
    await until(lambda: len(origin.heard) == 3)
    assert origin.heard == [TextMessage("h\u00e9"), BytesMessage(b"\0\1"), TextMessage("")]
    origin.say(TextMessage("one, ", message_finished=False))
    origin.say(TextMessage("two"))
    origin.say(BytesMessage(b"three"))
    await until(lambda: len(server.heard) == 3)
    assert server.heard[1:] == [
        {"type": "websocket.send", "text": "one, two"},
        {"type": "websocket.send", "bytes": b"three"},
    ]
    await finish(server)
    assert front.log == [(101, 13, True)]
    assert origin.closed


async def test_a_ping_of_the_origin_is_answered_here(origin: Origin, server: Server, until: Until) -> None:
    """ASGI has no word for it."""
    origin.say(Ping(b"x"))
    await until(lambda: bool(origin.heard))
    assert origin.heard == [Pong(b"x")]
    await finish(server)


@pytest.mark.parametrize(("code", "passed_on"), [(4001, 4001), (1005, 1000), (1006, 1000)])
async def test_a_viewer_who_leaves(origin: Origin, server: Server, code: int, passed_on: int) -> None:
    """The origin gets his code, where it is one that can be sent."""
    server.leave(code)
    await server.call
    assert [event.code for event in origin.heard if isinstance(event, CloseConnection)] == [passed_on]
    assert origin.closed


@pytest.mark.parametrize(("code", "passed_on"), [(4001, 4001), (1005, 1000)])
async def test_an_origin_that_leaves(origin: Origin, server: Server, code: int, passed_on: int) -> None:
    """The viewer gets its code and reason; the origin an answer."""
    origin.say(CloseConnection(code, "bye" if code == 4001 else None))
    await server.call
    reason = "bye" if code == 4001 else ""
    assert server.heard[-1] == {"type": "websocket.close", "code": passed_on, "reason": reason}
    assert [type(event) for event in origin.heard] == [CloseConnection]
    assert origin.closed


async def test_an_origin_that_is_gone(origin: Origin, server: Server) -> None:
    """Without a farewell: the viewer is told of an error."""
    origin.leave()
    await server.call
    assert server.heard[-1]["code"] == 1011


async def test_frames_that_are_none(origin: Origin, server: Server) -> None:
    """The viewer is told of a protocol error."""
    origin._outgoing.put_nowait(b"\xff\xff\xff\xff")
    await server.call
    assert server.heard[-1]["type"] == "websocket.close"
    assert server.heard[-1]["code"] == 1002


async def test_a_message_that_is_too_large(origin: Origin, server: Server) -> None:
    """Is not held without limit."""
    for _ in range(17):
        origin.say(BytesMessage(bytes(1024 * 1024), message_finished=False))
    await server.call
    assert server.heard[-1]["code"] == 1009


async def test_silence_ends_it(origin: Origin, server: Server, until: Until, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the quota's time, counted from the last message."""
    assert WEBSOCKET_IDLE_S == 600
    await until(lambda: bool(server.heard))
    monkeypatch.setattr("edge.viewers.websocket.WEBSOCKET_IDLE_S", 0)
    server.say(text="the last")
    await server.call
    assert origin.heard[0] == TextMessage("the last")
    assert server.heard[-1]["code"] == 1001
    assert origin.closed


async def test_another_answer_than_101(front: Front) -> None:
    """Reaches the viewer, where the server can send one."""
    front.always(404, ("X-One", "1"), body=b"none")
    server = Server(front, scope())
    await server.call
    assert server.heard == [
        {
            "type": "websocket.http.response.start",
            "status": 404,
            "headers": [(b"x-one", b"1"), (b"content-length", b"4"), (b"x-cache", b"Miss")],
        },
        {"type": "websocket.http.response.body", "body": b"none", "more_body": False},
    ]
    assert front.log == [(404, 4, True)]


async def test_another_answer_where_the_server_has_none(front: Front) -> None:
    """The server is told to refuse."""
    body = front.pieces(b"none")
    front.always(404, body=body)
    server = Server(front, scope(extensions={}))
    await server.call
    assert server.heard == [{"type": "websocket.close"}]
    assert front.log == [(404, 0, False)]
    assert body.closed


async def test_what_is_no_fit_request(front: Front) -> None:
    """Gets the front's refusal."""
    server = Server(front, scope(headers=[]))
    await server.call
    assert server.heard[0]["status"] == 400
    assert front.refused == [Malformed.NO_HOST]


async def test_a_viewer_who_leaves_during_the_handshake(front: Front, until: Until) -> None:
    """Cancels the request."""
    cancelled = asyncio.Event()

    async def answer(request: Request, viewer: Viewer) -> Served:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        raise AssertionError

    front.later(answer)
    server = Server(front, scope())
    await until(lambda: bool(front.requests))
    server.leave()
    await server.call
    assert cancelled.is_set()
    assert (server.heard, front.log) == ([], [])
