"""One origin body that several viewers read while it is still arriving.

The body is kept so that it can be stored, up to a limit; over the limit it flows on to the viewers that are reading
it, and what all of them have passed is dropped: a large body never sits in memory. Viewers that are slow hold the
origin back. When the last viewer leaves before the end, the fetch stops: CloudFront does not cache what its viewer
did not wait for.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable

from edge.model.body import BodyBroken, BodyStream

_AHEAD_BYTES = 1024 * 1024
"""How far the origin may run ahead of the viewer that is furthest behind (or in front, while the body is kept)."""


class SharedBody:
    """A body that can be iterated many times, each time from its first byte, for as long as it is kept.

    The caches on its way are told by `when_kept` what became of it.
    """

    def __init__(self, source: BodyStream, *, keep_bytes_max: int) -> None:
        self.length = source.length
        self._source = source
        self._keep_bytes_max = keep_bytes_max
        self._watchers: list[Callable[[bytes | None], None]] = []
        self._told = False  # the watchers know what became of the body
        self._whole: bytes | None = None
        self._pieces: deque[bytes] = deque()
        self._dropped = 0  # pieces that are no longer in `_pieces`
        self._received_bytes = 0
        self._kept = True
        self._ended = False
        self._broken: BodyBroken | None = None
        self._readers: dict[object, tuple[int, int]] = {}  # reader -> pieces and bytes it has had
        self._changed = asyncio.Event()
        self._room = asyncio.Event()
        self._pump: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to read the source."""
        self._pump = asyncio.create_task(self._run())
        self._pump.add_done_callback(self._pump_ended)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._dropped:
            raise BodyBroken("the beginning of the body is no longer kept")
        reader = object()
        self._readers[reader] = (0, 0)
        try:
            while True:
                had, had_bytes = self._readers[reader]
                if had - self._dropped < len(self._pieces):
                    piece = self._pieces[had - self._dropped]
                    self._readers[reader] = (had + 1, had_bytes + len(piece))
                    self._make_room()
                    yield piece
                elif self._broken is not None:
                    raise self._broken
                elif self._ended:
                    return
                else:
                    self._changed.clear()
                    await self._changed.wait()
        finally:
            del self._readers[reader]
            if self._readers:
                self._make_room()
            else:
                self.close()

    def when_kept(self, tell: Callable[[bytes | None], None]) -> None:
        """Call `tell` once: with all bytes when the body came to its end and was kept, else with None."""
        if self._told:
            tell(self._whole)
        else:
            self._watchers.append(tell)

    def close(self) -> None:
        """Stop the fetch if nobody is reading. Does nothing after the end."""
        if not self._readers and not self._ended and self._broken is None and self._pump is not None:
            self._pump.cancel()

    def _make_room(self) -> None:
        """Drop what every reader has had, once the body is not kept, and let the pump go on."""
        if not self._kept:
            passed = min((had for had, _ in self._readers.values()), default=self._dropped)
            while self._dropped < passed:
                self._pieces.popleft()
                self._dropped += 1
        self._room.set()

    def _far_ahead(self) -> bool:
        positions = [had_bytes for _, had_bytes in self._readers.values()]
        if not positions:
            return self._received_bytes > _AHEAD_BYTES
        nearest = max(positions) if self._kept else min(positions)
        return self._received_bytes - nearest > _AHEAD_BYTES

    async def _run(self) -> None:
        try:
            async for piece in self._source:
                self._pieces.append(piece)
                self._received_bytes += len(piece)
                if self._kept and self._received_bytes > self._keep_bytes_max:
                    self._kept = False
                    self._finish(None)
                self._changed.set()
                while self._far_ahead():
                    self._room.clear()
                    await self._room.wait()
            self._ended = True
            self._finish(b"".join(self._pieces) if self._kept else None)
        except BodyBroken as broken:
            self._break_off(broken)

    def _pump_ended(self, pump: asyncio.Task[None]) -> None:
        """Nobody waits any longer, also when the pump was cancelled before its first step."""
        if not self._ended and self._broken is None:
            self._break_off(BodyBroken("the fetch was given up: nobody was reading"))
        self._source.close()
        self._changed.set()

    def _break_off(self, broken: BodyBroken) -> None:
        self._broken = broken
        self._finish(None)

    def _finish(self, kept: bytes | None) -> None:
        if self._told:
            return
        self._told, self._whole = True, kept
        watchers, self._watchers = self._watchers, []
        for tell in watchers:
            tell(kept)
