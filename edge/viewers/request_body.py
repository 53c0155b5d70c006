"""The body of a viewer's request while it arrives: the BodyStream that the rest of the edge reads.

Source: CloudFront Developer Guide, "Request and response behavior for custom origins" (100 Continue: a viewer that
expects it is told to go on when somebody wants the body).
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Protocol

from edge.model.body import BodyBroken
from edge.viewers.chunked import ChunkedDecoder

_BUFFER_MAX_BYTES = 65_536


class Source(Protocol):
    """What a body needs of the connection that it comes from."""

    def pause_reading(self) -> None:
        """Let no more bytes come."""
        ...

    def resume_reading(self) -> None:
        """Let bytes come again."""
        ...

    def send_continue(self) -> None:
        """Tell the viewer, which waits for it, to send the body."""
        ...


class RequestBody:
    """`length` is the announced number of bytes, None for a chunked body. The reader gets the bytes as they come; one
    who is slow makes the viewer wait.
    """

    __slots__ = (
        "_buffered",
        "_closed",
        "_decoder",
        "_failure",
        "_left",
        "_pieces",
        "_source",
        "_waiter",
        "_wanted",
        "length",
    )

    def __init__(self, source: Source, length: int | None, *, expects_continue: bool) -> None:
        self.length = length
        self._source = source
        self._left = length or 0
        self._decoder = ChunkedDecoder() if length is None else None
        self._wanted = not expects_continue
        self._pieces: deque[bytes] = deque()
        self._buffered = 0
        self._closed = False
        self._failure: str | None = None
        self._waiter: asyncio.Future[None] | None = None

    # The connection's side.

    @property
    def arrived(self) -> bool:
        """Whether the last byte has come."""
        return self._decoder.done if self._decoder is not None else self._left == 0

    @property
    def left(self) -> int | None:
        """The number of bytes still to come, None when nobody knows."""
        return None if self._decoder is not None else self._left

    @property
    def invited(self) -> bool:
        """False while the viewer waits for 100 Continue before it sends anything."""
        return self._wanted

    def feed(self, data: bytes) -> bytes:
        """Take bytes from the connection; give back what stands behind the end. Raises BadChunk."""
        self._wanted = True
        if self._decoder is not None:
            pieces, rest = self._decoder.feed(data)
        elif len(data) <= self._left:
            pieces, rest = [data], b""
            self._left -= len(data)
        else:
            pieces, rest = [data[: self._left]], data[self._left :]
            self._left = 0
        if not self._closed:
            self._pieces.extend(piece for piece in pieces if piece)
            self._buffered += sum(map(len, pieces))
            if self._buffered > _BUFFER_MAX_BYTES and not self.arrived:
                self._source.pause_reading()
        self._wake()
        return rest

    def fail(self, reason: str) -> None:
        """No more bytes will come: the viewer left, or broke its own framing."""
        if not self.arrived:
            self._failure = reason
            self._wake()

    # The reader's side.

    def __aiter__(self) -> RequestBody:
        return self

    async def __anext__(self) -> bytes:
        while not self._pieces:
            if self._closed or self.arrived:
                raise StopAsyncIteration
            if self._failure is not None:
                raise BodyBroken(self._failure)
            if not self._wanted:
                self._wanted = True
                self._source.send_continue()
            self._source.resume_reading()
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        piece = self._pieces.popleft()
        self._buffered -= len(piece)
        if self._buffered == 0 and not self.arrived:
            self._source.resume_reading()
        return piece

    def close(self) -> None:
        """Nobody will read (any further): what comes from now on is dropped."""
        self._closed = True
        self._pieces.clear()
        self._buffered = 0
        if not self.arrived:
            self._source.resume_reading()
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
