"""Frames over a stream socket between an owner and a worker: values, pieces of bodies, and how a body ended.

A frame is its kind, its length and its bytes. Whoever reads slowly makes the other side wait, and a side that closes is
noticed by the other at once: that is how a viewer who leaves reaches the owner.
"""

from __future__ import annotations

import asyncio
import struct
from collections import deque
from collections.abc import Callable
from enum import IntEnum
from typing import cast

from edge.workers import pickles

_HEAD = struct.Struct("!BI")
_AHEAD_MAX_BYTES = 1024 * 1024
PIECE_MAX_BYTES = 256 * 1024


class Kind(IntEnum):
    """What a frame holds."""

    VALUE = 1
    """A pickled value."""
    PIECE = 2
    """Bytes of a body."""
    END = 3
    """The body is whole. No bytes."""
    BROKEN = 4
    """The body broke off. Why, in UTF-8."""


Frame = tuple[Kind, bytes]


class Gone(Exception):  # noqa: N818 -- it is what the other side did, not an error of ours
    """The other side is no longer there."""


class Channel(asyncio.Protocol):
    """One end. `lost` is called when the other side has gone, or this one has closed."""

    def __init__(self, lost: Callable[[], object] | None = None) -> None:
        self.lost = lost
        self.closed = False
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._frames: deque[Frame] = deque()
        self._held_bytes = 0
        self._reading_paused = False
        self._full = False
        self._waiting: asyncio.Future[None] | None = None
        self._draining: asyncio.Future[None] | None = None

    # What asyncio tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer
        buffer += data
        at = 0
        while len(buffer) - at >= _HEAD.size:
            kind, size = _HEAD.unpack_from(buffer, at)
            end = at + _HEAD.size + size
            if len(buffer) < end:
                break
            self._frames.append((Kind(kind), bytes(memoryview(buffer)[at + _HEAD.size : end])))
            self._held_bytes += size
            at = end
        if at:
            del buffer[:at]
            _wake(self._waiting)
        if self._held_bytes > _AHEAD_MAX_BYTES and not self._reading_paused and self._transport is not None:
            self._reading_paused = True
            self._transport.pause_reading()

    def pause_writing(self) -> None:
        self._full = True

    def resume_writing(self) -> None:
        self._full = False
        _wake(self._draining)

    def connection_lost(self, error: Exception | None) -> None:
        self.closed = True
        _wake(self._waiting)
        _wake(self._draining)
        if self.lost is not None:
            self.lost()

    # What its user does.

    def send(self, value: object) -> None:
        """Send a value, if the other side is still there."""
        self._write(Kind.VALUE, pickles.dumps(value))

    async def send_piece(self, piece: bytes) -> None:
        """Send bytes of a body, and wait while the other side is slow. Raises Gone."""
        for at in range(0, len(piece), PIECE_MAX_BYTES):
            self._write(Kind.PIECE, piece if len(piece) <= PIECE_MAX_BYTES else piece[at : at + PIECE_MAX_BYTES])
            await self._room()

    def send_end(self, broken: str | None = None) -> None:
        """Say that the body is whole, or why it is not."""
        if broken is None:
            self._write(Kind.END, b"")
        else:
            self._write(Kind.BROKEN, broken.encode())

    async def receive(self) -> Frame:
        """The next frame. Raises Gone once there is none left and the other side is no longer there."""
        while not self._frames:
            if self.closed:
                raise Gone
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        frame = self._frames.popleft()
        self._held_bytes -= len(frame[1])
        if self._reading_paused and self._held_bytes <= _AHEAD_MAX_BYTES and self._transport is not None:
            self._reading_paused = False
            if not self.closed:
                self._transport.resume_reading()
        return frame

    async def value(self) -> object:
        """The next frame, which is a value. Raises Gone."""
        kind, data = await self.receive()
        assert kind is Kind.VALUE, f"a value was to come, and {kind.name} came"
        return pickles.loads(data)

    def close(self) -> None:
        """Leave: what was not sent yet is not sent."""
        self.closed = True
        if self._transport is not None:
            self._transport.abort()

    async def finish(self) -> None:
        """Leave when all that was sent is on its way."""
        if self._transport is not None:
            self._transport.close()
        while not self.closed:
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting

    def _write(self, kind: Kind, data: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        head = _HEAD.pack(kind, len(data))
        if len(data) <= PIECE_MAX_BYTES // 4:
            self._transport.write(head + data)
        else:
            self._transport.writelines((head, data))

    async def _room(self) -> None:
        while self._full and not self.closed:
            self._draining = asyncio.get_running_loop().create_future()
            await self._draining
        if self.closed or self._transport is None or self._transport.is_closing():
            raise Gone


def _wake(waiter: asyncio.Future[None] | None) -> None:
    if waiter is not None and not waiter.done():
        waiter.set_result(None)
