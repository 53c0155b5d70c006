"""The body of a viewer's request while it is arriving."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Protocol

from edge.model.body import BodyBroken

_HIGH_WATER_BYTES = 256 * 1024
"""What may wait to be read before the viewer is told to wait."""


class Connection(Protocol):
    """What a body needs of the connection it comes from."""

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def send_continue(self) -> None: ...


class RequestBody:
    """Pieces from the parser on one side, an iterator on the other. It is read once."""

    def __init__(self, connection: Connection, length: int | None, *, expects_continue: bool) -> None:
        self.length = length
        self.complete = False
        self._connection = connection
        self._expects_continue = expects_continue
        self._pieces: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._broken: str | None = None
        self._discarding = False
        self._arrived: asyncio.Future[None] | None = None

    def feed(self, data: bytes) -> None:
        """A piece has come."""
        if self._discarding:
            return
        self._pieces.append(data)
        self._waiting_bytes += len(data)
        if self._waiting_bytes > _HIGH_WATER_BYTES:
            self._connection.pause_reading()
        self._wake()

    def finish(self) -> None:
        """The last piece has come."""
        self.complete = True
        self._wake()

    def fail(self, why: str) -> None:
        """No further piece will come."""
        if not self.complete and self._broken is None:
            self._broken = why
            self._wake()

    def all(self) -> bytes:
        """Everything that has come and was not read."""
        return b"".join(self._pieces)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._expects_continue and not self.complete and not self._pieces:
            self._connection.send_continue()
        while True:
            if self._pieces:
                piece = self._pieces.popleft()
                self._waiting_bytes -= len(piece)
                if self._waiting_bytes <= _HIGH_WATER_BYTES:
                    self._connection.resume_reading()
                yield piece
            elif self.complete:
                return
            elif self._broken is not None:
                raise BodyBroken(self._broken)
            else:
                self._arrived = asyncio.get_running_loop().create_future()
                await self._arrived

    def close(self) -> None:
        """Nobody will read the rest."""
        self._discarding = True
        self._pieces.clear()
        self._connection.resume_reading()

    def _wake(self) -> None:
        if self._arrived is not None and not self._arrived.done():
            self._arrived.set_result(None)
