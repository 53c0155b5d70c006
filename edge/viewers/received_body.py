"""The body of a request whose framing somebody else undoes: HTTP/2, HTTP/3 or an ASGI server.

Source: CloudFront Developer Guide, "Request and response behavior for custom origins" (100 Continue: a viewer that
expects it is told to go on when somebody wants the body).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from edge.model.body import BodyBroken


class ReceivedBody:
    """`length` is the announced number of bytes, None when none was announced.

    `taken` is told how many bytes have left the buffer, so that the viewer may send as many more; `wanted`, once, that
    somebody reads.
    """

    def __init__(self, length: int | None, *, taken: Callable[[int], None], wanted: Callable[[], None]) -> None:
        self.length = length
        self.ended = False
        """Whether the last byte has come."""
        self.waits = False
        """Whether a reader waits for bytes."""
        self._taken = taken
        self._wanted: Callable[[], None] | None = wanted
        self._pieces: deque[bytes] = deque()
        self._received = 0
        self._closed = False
        self._failure: str | None = None
        self._waiter: asyncio.Future[None] | None = None

    # The connection's side.

    def feed(self, data: bytes) -> None:
        """Take bytes from the connection."""
        self._received += len(data)
        if self.length is not None and self._received > self.length:
            self.fail("the body is longer than was announced")
        if self._closed or self._failure is not None:
            self._taken(len(data))
        elif data:
            self._pieces.append(data)
            self._wake()

    def end(self) -> None:
        """That was the last byte."""
        if self.length is not None and self._received < self.length:
            self.fail("the body is shorter than was announced")
        self.ended = True
        self._wake()

    def fail(self, reason: str) -> None:
        """No more bytes will come, or none that can be believed."""
        if not self.ended and self._failure is None:
            self._failure = reason
            self._wake()

    # The reader's side.

    async def begins(self) -> bool:
        """Whether there is anything to read: waits for the first bytes, the end or a failure."""
        while not self._pieces and self._failure is None:
            if self._closed or self.ended:
                return False
            await self._more()
        return True

    def __aiter__(self) -> ReceivedBody:
        return self

    async def __anext__(self) -> bytes:
        if not await self.begins():
            raise StopAsyncIteration
        if not self._pieces:
            raise BodyBroken(self._failure)
        piece = self._pieces.popleft()
        self._taken(len(piece))
        return piece

    async def _more(self) -> None:
        if self._wanted is not None:
            wanted, self._wanted = self._wanted, None
            wanted()
        self._waiter = asyncio.get_running_loop().create_future()
        self.waits = True
        try:
            await self._waiter
        finally:
            self._waiter = None
            self.waits = False

    def close(self) -> None:
        """Nobody will read (any further): what comes from now on is dropped."""
        self._closed = True
        held = sum(map(len, self._pieces))
        self._pieces.clear()
        if held:
            self._taken(held)
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
