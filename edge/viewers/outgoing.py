"""The sending side of a viewer's HTTP/1.1 connection: what the writer made, on its way out.

A body that breaks off cuts the connection, so that the viewer can tell that something is missing: its last chunk, or
the rest of its Content-Length, or, in HTTP/1.0, the orderly end of the connection.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncGenerator

from edge.model.body import BodyBroken, BodyStream
from edge.model.quotas import VIEWER_SEND_TIMEOUT_S
from edge.model.served import Served
from edge.model.trail import Trail
from edge.viewers.answering import broken_off
from edge.viewers.response_writer import LAST_CHUNK, Streamed, whole

_JOINED_MAX_BYTES = 65_536  # a larger body is not copied behind its head
_NO_LINGER = struct.pack("ii", 1, 0)


class Outgoing:
    """`slow` while the viewer takes less than it is sent. `begun` once the head of a streamed answer is out. `wrote`
    when something was written since somebody set it to False."""

    __slots__ = ("_flushing", "_loop", "_transport", "_untaken_bytes", "_untaken_since", "begun", "slow", "wrote")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._flushing: asyncio.Future[None] | None = None
        self.slow = False
        self.begun = False
        self.wrote = False
        self._untaken_bytes = 0
        self._untaken_since = 0.0

    def stuck(self, now: float) -> bool:
        """Whether the viewer, who is asked about from time to time, has taken nothing for too long."""
        untaken = self._transport.get_write_buffer_size() if self.slow else 0
        if untaken == 0 or untaken != self._untaken_bytes:
            self._untaken_bytes, self._untaken_since = untaken, now
        return now - self._untaken_since > VIEWER_SEND_TIMEOUT_S

    def resume(self) -> None:
        """The viewer has caught up."""
        self.slow = False
        if self._flushing is not None and not self._flushing.done():
            self._flushing.set_result(None)

    def write(self, data: bytes) -> None:
        """Send bytes, if the viewer is still there."""
        if not self._transport.is_closing():
            self._transport.write(data)
            self.wrote = True

    async def flushed(self) -> None:
        """Wait while the viewer is slow."""
        if self.slow:
            self._flushing = self._loop.create_future()
            await self._flushing

    def send(self, served: Served, *, head_only: bool, keep_alive: bool) -> int:
        """Send an answer whose body is bytes, in one write. The number of body bytes."""
        head, body = whole(served, head_only=head_only, keep_alive=keep_alive)
        if len(body) <= _JOINED_MAX_BYTES:
            self._transport.write(head + body)
        else:
            self._transport.write(head)
            self._transport.write(body)
        return len(body)

    async def taken(self, body_bytes: int) -> int:
        """Wait until the viewer has taken what was sent. The number of body bytes that are known to have gone out:
        fewer when he leaves first, for then this is cancelled.
        """
        if not self.slow:
            return body_bytes
        at_least = max(0, body_bytes - self._transport.get_write_buffer_size())
        try:
            await self.flushed()
        except asyncio.CancelledError:
            return at_least
        return body_bytes

    async def stream(self, how: Streamed, body: BodyStream, trail: Trail) -> tuple[int, bool]:
        """Send head and body as the body comes. The number of body bytes, and whether that was all. A body that broke
        off leaves a Note on the trail; without one it was the viewer who left."""
        self.begun = True
        self.write(how.head)
        sent, complete = 0, False
        pieces = aiter(body)
        try:
            if how.has_body:
                async for piece in pieces:
                    if body.length is not None and sent + len(piece) > body.length:
                        raise BodyBroken("the body is longer than was announced")
                    sent += len(piece)
                    self._write_piece(piece, chunked=how.chunked)
                    await self.flushed()
                if how.chunked:
                    self.write(LAST_CHUNK)
            complete = not how.has_body or body.length is None or sent == body.length
        except BodyBroken as broken:
            trail.notes.append(broken_off(broken))
        except asyncio.CancelledError:
            pass
        finally:
            if isinstance(pieces, AsyncGenerator):
                await pieces.aclose()
            body.close()
            if not complete:
                self._cut(reset=how.has_body and body.length is None and not how.chunked)
        return sent, complete

    def _cut(self, *, reset: bool) -> None:
        """Close without sending the rest. With `reset` in a way that no system takes for an orderly end."""
        opened = self._transport.get_extra_info("socket")
        if reset and opened is not None and not self._transport.is_closing():
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self._transport.abort()

    def _write_piece(self, piece: bytes, *, chunked: bool) -> None:
        if not chunked:
            self.write(piece)
        elif piece:
            self.write(b"%x\r\n" % len(piece))
            self.write(piece)
            self.write(b"\r\n")
