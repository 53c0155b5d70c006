"""An ASGI 3 application over a Front, so that any ASGI server can be the viewers' side.

It gives the answers that the listeners of this package give, as far as ASGI has words for them. An answer that breaks
off is left without its last message, which servers take for what it is. Source: the ASGI specification (HTTP,
WebSocket, lifespan, the TLS extension). Near: "?" without a query cannot be told from no query at all; a server that
answers malformed requests by itself does so in its own way.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, MutableMapping
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import quote

from edge.model.malformed import Malformed
from edge.model.viewer import HttpVersion, Location, Tls, Viewer
from edge.viewers.answering import answer, deliver
from edge.viewers.front import Front
from edge.viewers.header_fields import Field, Received, read
from edge.viewers.received_body import ReceivedBody
from edge.viewers.websocket import relay

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_VERSIONS: dict[str, HttpVersion] = {"1.0": "1.0", "2": "2.0", "3": "3.0"}
_TLS_VERSIONS = {0x0301: "TLSv1", 0x0302: "TLSv1.1", 0x0303: "TLSv1.2", 0x0304: "TLSv1.3"}
_BUFFER_MAX_BYTES = 65_536


class Application:
    """`Application(front)` is what an ASGI server runs."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http":
                await _http(self._front, scope, receive, send)
            case "websocket":
                await _websocket(self._front, scope, receive, send)
            case "lifespan":
                await _lifespan(receive, send)
            case other:
                raise ValueError(f"an ASGI scope of type {other!r} is not known here")


def viewer_of(scope: Scope, location: Location) -> Viewer:
    """The viewer that a scope describes."""
    ip, port = scope.get("client") or ("", 0)
    secure: Literal["http", "https"] = "https" if scope.get("scheme") in ("https", "wss") else "http"
    version = _VERSIONS.get(scope.get("http_version", "1.1"), "1.1")
    session = (scope.get("extensions") or {}).get("tls")
    tls = None
    if session is not None and session.get("tls_version") is not None:
        cipher = _cipher_names().get(session.get("cipher_suite") or 0, "")
        tls = Tls(_TLS_VERSIONS.get(session["tls_version"], ""), cipher)
    return Viewer(ip, port or 0, secure, version, tls, location)


def request_of(scope: Scope) -> Received | Malformed:
    """The request that a scope describes, its body still to come."""
    target = scope.get("raw_path") or quote(scope["path"], safe="/!$&'()*+,;=:@~").encode()
    if scope.get("query_string"):
        target += b"?" + scope["query_string"]
    return read(scope.get("method", "GET").encode(), target, scope["headers"])


@lru_cache(maxsize=1)
def _cipher_names() -> dict[int, str]:
    """OpenSSL's names by IANA number."""
    return {cipher["id"] & 0xFFFF: cipher["name"] for cipher in ssl.create_default_context().get_ciphers()}


async def _lifespan(receive: Receive, send: Send) -> None:
    """Nothing to start and nothing to stop: the front belongs to whoever made it."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await send({"type": "lifespan.shutdown.complete"})
            return


async def _http(front: Front, scope: Scope, receive: Receive, send: Send) -> None:
    viewer = viewer_of(scope, front.location)
    received = request_of(scope)
    out = _Out(send)
    if isinstance(received, Malformed):
        await deliver(front, front.refuse(received, viewer), out, head_only=False)
        return
    incoming = _Incoming(receive, received)
    tasks = (
        asyncio.create_task(answer(front, received, incoming.body, viewer, out)),
        asyncio.create_task(incoming.pump()),
    )
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome


async def _websocket(front: Front, scope: Scope, receive: Receive, send: Send) -> None:
    can_refuse = "websocket.http.response" in (scope.get("extensions") or {})
    refusal = _Out(send, "websocket.http.response") if can_refuse else None
    await relay(front, request_of(scope), viewer_of(scope, front.location), receive, send, refusal)


class _Incoming:
    """The server's messages about a request: its body, and that the viewer left."""

    def __init__(self, receive: Receive, received: Received) -> None:
        self._receive = receive
        self._room = asyncio.Event()
        self._buffered = 0
        self._invited = asyncio.Event()
        if not received.expects_continue:
            self._invited.set()
        self.body = ReceivedBody(received.body_length, taken=self._taken, wanted=self._invited.set)

    async def pump(self) -> None:
        """Take messages, no further ahead of the reader than a bounded number of bytes. Ends when the viewer leaves.

        A server sends 100 Continue when it is asked for the first message.
        """
        await self._invited.wait()
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self.body.fail("the viewer left before the end of the request")
                return
            data = bytes(message.get("body", b""))
            self._buffered += len(data)
            self.body.feed(data)
            if not message.get("more_body", False):
                self.body.end()
            while self._buffered > _BUFFER_MAX_BYTES and not self.body.ended:
                self._room.clear()
                await self._room.wait()

    def _taken(self, size: int) -> None:
        self._buffered -= size
        self._room.set()


class _Out:
    """An answer as messages to the server."""

    def __init__(self, send: Send, kind: str = "http.response") -> None:
        self._send = send
        self._kind = kind

    async def head(self, status: int, fields: list[Field], *, last: bool) -> None:
        """Send status and header fields."""
        await self._send({"type": f"{self._kind}.start", "status": status, "headers": fields})
        if last:
            await self.piece(b"", last=True)

    async def piece(self, data: bytes, *, last: bool) -> None:
        """Send bytes; the server waits for slow viewers."""
        await self._send({"type": f"{self._kind}.body", "body": data, "more_body": not last})

    def cut(self) -> None:
        """Say no more: the last message is missing."""
