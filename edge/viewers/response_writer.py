"""Writing an answer on an HTTP/1.1 connection: its framing, its body, and what follows a 101.

The framing is ours: exactly one Content-Length, or chunks, or the end of the connection (HTTP/1.0).
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from edge.model import quotas
from edge.model.body import BodyBroken, BodyStream, Tunnel
from edge.model.headers import encoded
from edge.model.response import Response
from edge.model.served import Served
from edge.viewers.front import Front

if TYPE_CHECKING:
    from edge.viewers.http1 import Http1Connection

_STATUS_LINES: dict[tuple[int, str | None], bytes] = {}
_WITHOUT_BODY = frozenset({101, 204, 304})


def _status_line(response: Response) -> bytes:
    key = (response.status, response.reason)
    line = _STATUS_LINES.get(key)
    if line is None:
        line = f"HTTP/1.1 {response.status} {response.phrase}\r\n".encode("latin-1", "replace")
        if len(_STATUS_LINES) < 1024:  # reasons come from origins and functions
            _STATUS_LINES[key] = line
    return line


def head(served: Served, framing: str, keep_alive: bool) -> bytes:
    """Status line and headers, with the empty line at the end."""
    response = served.response
    connection = "Connection: keep-alive\r\n" if keep_alive else "Connection: close\r\n"
    return b"".join(
        (
            _status_line(response),
            (framing + connection).encode("ascii"),
            response.headers.unframed(),
            encoded(served.edge_lines),
            b"\r\n",
        )
    )


def write(transport: asyncio.Transport, served: Served, method: str, version: str, keep_alive: bool) -> int:
    """Write an answer whose body is bytes, in one go. The number of body bytes."""
    response = served.response
    body = response.body
    assert isinstance(body, bytes)
    status = response.status
    if status in _WITHOUT_BODY:
        transport.write(head(served, "", keep_alive))
        return 0
    if method == "HEAD":
        announced = response.headers.get("content-length") if not body else None
        framing = f"Content-Length: {announced or len(body)}\r\n"
        transport.write(head(served, framing, keep_alive))
        return 0
    transport.write(head(served, f"Content-Length: {len(body)}\r\n", keep_alive) + body)
    return len(body)


async def stream(
    connection: Http1Connection, front: Front, served: Served, method: str, version: str, keep_alive: bool
) -> bool:
    """Write any answer. Whether the connection may be used again."""
    body = served.response.body
    if isinstance(body, bytes):
        front.sent(served, write(connection.transport, served, method, version, keep_alive), True)
        return keep_alive
    if isinstance(body, Tunnel):
        await _splice(connection, front, served, body)
        return False
    if method == "HEAD" or served.response.status in _WITHOUT_BODY:
        body.close()
        announced = served.response.headers.get("content-length") if method == "HEAD" else None
        framing = "" if announced is None else f"Content-Length: {announced}\r\n"
        connection.transport.write(head(served, framing, keep_alive))
        front.sent(served, 0, True)
        return keep_alive
    return await _stream_body(connection, front, served, body, version, keep_alive)


async def _stream_body(
    connection: Http1Connection, front: Front, served: Served, body: BodyStream, version: str, keep_alive: bool
) -> bool:
    transport = connection.transport
    chunked = body.length is None and version == "1.1"
    framing = "Transfer-Encoding: chunked\r\n" if chunked else ""
    if body.length is not None:
        framing = f"Content-Length: {body.length}\r\n"
    elif not chunked:
        keep_alive = False
    transport.write(head(served, framing, keep_alive))
    connection.expecting = "streaming"
    sent = 0
    complete = False
    pieces = aiter(body)
    try:
        async for piece in pieces:
            if not piece:
                continue
            sent += len(piece)
            if chunked:
                transport.writelines((b"%x\r\n" % len(piece), piece, b"\r\n"))
            else:
                transport.write(piece)
            if not await connection.drained():
                return False
        complete = body.length is None or sent == body.length
        if complete and chunked:
            transport.write(b"0\r\n\r\n")
    except BodyBroken:
        pass
    finally:
        close = getattr(pieces, "aclose", None)
        if close is not None:
            await close()
        body.close()
        if not complete:
            transport.abort()  # so that the viewer sees that something is missing
        front.sent(served, sent, complete)
    return keep_alive and complete


def begun(connection: Http1Connection) -> bool:
    """Whether the head of the current answer has been sent."""
    return connection.expecting == "streaming"


class TunnelInput:
    """What the viewer sends after a 101, on its way to the origin. b"" is the end."""

    def __init__(self, connection: Http1Connection, first: bytes) -> None:
        self._connection = connection
        self._pieces: deque[bytes] = deque((first,) if first else ())
        self._arrived = asyncio.Event()
        if first:
            self._arrived.set()
        self.last_active = asyncio.get_running_loop().time()

    def feed(self, data: bytes) -> None:
        self._pieces.append(data)
        self._arrived.set()
        self._connection.pause_reading()

    async def read(self) -> bytes:
        while not self._pieces:
            self._arrived.clear()
            self._connection.resume_reading()
            await self._arrived.wait()
        self.last_active = asyncio.get_running_loop().time()
        return self._pieces.popleft()


async def _splice(connection: Http1Connection, front: Front, served: Served, tunnel: Tunnel) -> None:
    """Bytes both ways until a side closes, or ten minutes pass without any."""
    incoming = connection.tunnel = TunnelInput(connection, connection.early_bytes())
    connection.transport.write(
        b"".join((_status_line(served.response), served.response.headers.wire(), encoded(served.edge_lines), b"\r\n"))
    )
    connection.expecting = "streaming"
    loop = asyncio.get_running_loop()
    sent = 0

    async def upstream() -> None:
        while data := await incoming.read():
            await tunnel.write(data)

    async def downstream() -> None:
        nonlocal sent
        while data := await tunnel.read():
            sent += len(data)
            incoming.last_active = loop.time()
            connection.transport.write(data)
            if not await connection.drained():
                return

    async def idle() -> None:
        while (left := incoming.last_active + quotas.WEBSOCKET_IDLE_S - loop.time()) > 0:
            await asyncio.sleep(left)  # noqa: ASYNC110 -- it sleeps for as long as nothing can be due

    tasks = [asyncio.create_task(side()) for side in (upstream, downstream, idle)]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        tunnel.close()
        front.sent(served, sent, True)
