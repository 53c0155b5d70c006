"""A WebSocket between an ASGI server and an origin: messages on one side, frames on the other.

The origin's side is a tunnel of bytes, as `splice.py` has it, so that the frames are made and read here. The viewer's
extensions (compression) are a matter between him and the server; the origin is offered none.
Sources: RFC 6455; the ASGI specification; CloudFront Developer Guide, "Use WebSockets with CloudFront distributions",
"Quotas" (idle after 10 minutes). Near: pings and pongs end here, and a message is held as a whole.
"""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Event, Message, Ping, TextMessage
from wsproto.frame_protocol import CloseReason
from wsproto.utilities import LocalProtocolError

from edge.model.body import BodyBroken, Tunnel
from edge.model.headers import Headers
from edge.model.malformed import Malformed
from edge.model.quotas import MIB, WEBSOCKET_IDLE_S
from edge.model.request import Request
from edge.model.served import Served
from edge.model.viewer import Viewer
from edge.viewers.answering import WayOut, deliver
from edge.viewers.front import Front
from edge.viewers.header_fields import Field, Received, write

AsgiMessage = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[AsgiMessage]]
Send = Callable[[AsgiMessage], Awaitable[None]]

_MESSAGE_MAX_BYTES = 16 * MIB  # hypercorn's limit for the other direction


async def relay(
    front: Front,
    received: Received | Malformed,
    viewer: Viewer,
    receive: Receive,
    send: Send,
    refusal: WayOut | None,
) -> None:
    """Make the handshake, and carry messages until a side closes.

    `refusal` is the way out for an answer that is not a 101; None where the server has none, and answers 403.
    """
    await receive()  # websocket.connect
    first = asyncio.ensure_future(receive())  # before the handshake is done this can only be a disconnect
    try:
        served = await _served(front, received, viewer, first)
        if served is None:
            return
        tunnel = served.response.body
        if isinstance(tunnel, Tunnel):
            await send(_accept(served))
            await _carry(front, served, _Session(tunnel, receive, send), first)
        elif refusal is not None:
            await deliver(front, served, refusal, head_only=False)
        else:
            if not isinstance(tunnel, bytes):
                tunnel.close()
            front.sent(served, 0, False)
            await send({"type": "websocket.close"})
    finally:
        first.cancel()


async def _served(
    front: Front, received: Received | Malformed, viewer: Viewer, left: asyncio.Future[AsgiMessage]
) -> Served | None:
    """The answer to the handshake; None when the viewer has left before it came."""
    if isinstance(received, Malformed):
        return front.refuse(received, viewer)
    begun = front.begin(_handshake(received.request), viewer)
    if isinstance(begun, Served):
        return begun
    work = asyncio.ensure_future(begun)
    try:
        await asyncio.wait((work, left), return_when=asyncio.FIRST_COMPLETED)
        return work.result() if work.done() else None
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


def _handshake(request: Request) -> Request:
    """The request as HTTP/1.1 has it: over HTTP/2 it comes without these lines."""
    key = request.headers.get("sec-websocket-key") or base64.b64encode(os.urandom(16)).decode()
    headers = request.headers.without("connection", "sec-websocket-key", "sec-websocket-extensions")
    lines = (("connection", "Upgrade"), ("upgrade", "websocket"), ("sec-websocket-key", key))
    return request._replace(method="GET", headers=Headers((*headers.lines, *lines)))


def _accept(served: Served) -> AsgiMessage:
    fields: list[Field] = [
        field for field in write(served, head_only=True) if not field[0].startswith(b"sec-websocket-")
    ]
    protocol = served.response.headers.get("sec-websocket-protocol")
    return {"type": "websocket.accept", "subprotocol": protocol, "headers": fields}


async def _carry(front: Front, served: Served, session: _Session, first: asyncio.Future[AsgiMessage]) -> None:
    try:
        await session.run(first)
    finally:
        front.sent(served, session.to_viewer_bytes, True)


class _Session:
    """An open WebSocket. `to_viewer_bytes` counts what messages held."""

    def __init__(self, tunnel: Tunnel, receive: Receive, send: Send) -> None:
        self._tunnel = tunnel
        self._receive = receive
        self._send = send
        self._frames = Connection(ConnectionType.CLIENT)
        self._parts: list[str | bytes] = []
        self._parts_bytes = 0
        self._idle = asyncio.timeout(WEBSOCKET_IDLE_S)
        self.to_viewer_bytes = 0

    async def run(self, first: Awaitable[AsgiMessage]) -> None:
        """Carry messages until a side closes, or nothing was said for the quota's time. Closes the tunnel."""
        ways = (asyncio.create_task(self._to_origin(first)), asyncio.create_task(self._to_viewer()))
        try:
            async with self._idle:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            pass
        finally:
            for way in ways:
                way.cancel()
            outcomes = await asyncio.gather(*ways, return_exceptions=True)
            self._tunnel.close()
        if self._idle.expired():
            await self._close(CloseReason.GOING_AWAY)
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome

    async def _to_origin(self, first: Awaitable[AsgiMessage]) -> None:
        message = await first
        while message["type"] == "websocket.receive":
            self._heard()
            data, text = message.get("bytes"), message.get("text")
            await self._write(BytesMessage(data) if data is not None else TextMessage(text or ""))
            message = await self._receive()
        await self._write(CloseConnection(message.get("code") or CloseReason.NORMAL_CLOSURE, message.get("reason")))

    async def _to_viewer(self) -> None:
        try:
            while data := await self._tunnel.read():
                self._heard()
                self._frames.receive_data(data)
                for event in self._frames.events():
                    if not await self._take(event):
                        return
        except (OSError, BodyBroken):
            pass
        await self._close(CloseReason.INTERNAL_ERROR)

    async def _take(self, event: Event) -> bool:
        """Hand on what the origin said; False when that was the last of it."""
        match event:
            case Message():
                return await self._message(event)
            case Ping():
                await self._write(event.response())
            case CloseConnection():
                if self._frames.state is ConnectionState.REMOTE_CLOSING:
                    await self._write(event.response())
                await self._close(event.code, event.reason)
                return False
        return True

    async def _message(self, part: Message[Any]) -> bool:
        self._parts.append(part.data)
        self._parts_bytes += len(part.data)
        if self._parts_bytes > _MESSAGE_MAX_BYTES:
            await self._close(CloseReason.MESSAGE_TOO_BIG)
            return False
        if part.message_finished:
            kind, empty = ("text", "") if isinstance(part, TextMessage) else ("bytes", b"")
            whole: Any = empty.join(self._parts)  # type: ignore[arg-type]  # all of one kind
            self.to_viewer_bytes += self._parts_bytes
            self._parts, self._parts_bytes = [], 0
            await self._send({"type": "websocket.send", kind: whole})
        return True

    async def _write(self, event: Event) -> None:
        try:
            await self._tunnel.write(self._frames.send(event))
        except (LocalProtocolError, OSError, BodyBroken):
            pass  # the origin is closing, or gone, as the next read will tell

    async def _close(self, code: int, reason: str | None = None) -> None:
        """Close the viewer's side. Codes that mean "none was given" cannot be sent."""
        if code in (CloseReason.NO_STATUS_RCVD, CloseReason.ABNORMAL_CLOSURE):
            code = CloseReason.NORMAL_CLOSURE
        await self._send({"type": "websocket.close", "code": int(code), "reason": reason or ""})

    def _heard(self) -> None:
        self._idle.reschedule(asyncio.get_running_loop().time() + WEBSOCKET_IDLE_S)
