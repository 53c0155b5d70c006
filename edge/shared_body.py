"""One origin body that several viewers read while it is still arriving.

The body is kept so that it can be stored, up to a limit; over the limit it flows on to the viewers that are reading
it, and what all of them have passed is dropped: a large body never sits in memory. With a place to spool it to, a body
that grows is written there, and memory holds its latest part only: who is further behind reads what was written.
Viewers that are slow hold the origin back. When the last viewer leaves before the end, the fetch stops: CloudFront does
not cache what its viewer did not wait for.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Protocol

from edge.model.body import BodyBroken, BodyStream, StoredBody

_AHEAD_BYTES = 1024 * 1024
"""How far the origin may run ahead of the viewer that is furthest behind (or in front, while the body is kept)."""


class Spool(Protocol):
    """Where a body is written to while it arrives. Writing raises OSError when there is no more room."""

    def write(self, data: bytes) -> None: ...

    def read(self, at: int, size: int) -> bytes: ...

    def finish(self) -> StoredBody: ...

    def discard(self) -> None: ...

    def close(self) -> None: ...


class SharedBody:
    """A body that can be iterated many times, each time from its first byte, for as long as it is kept.

    The caches on its way are told by `when_kept` what became of it. `spool` opens a place for a body that grows beyond
    `spool_min_bytes`; None keeps it in memory.
    """

    def __init__(
        self,
        source: BodyStream,
        *,
        keep_bytes_max: int,
        spool: Callable[[], Spool] | None = None,
        spool_min_bytes: int = 0,
    ) -> None:
        self.length = source.length
        self._source = source
        self._keep_bytes_max = keep_bytes_max
        self._open_spool = spool
        self._spool_min_bytes = spool_min_bytes
        self._spool: Spool | None = None
        self._spooling = False  # what arrives is written down
        self._watchers: list[Callable[[bytes | StoredBody | None], None]] = []
        self._told = False  # the watchers know what became of the body
        self._whole: bytes | StoredBody | None = None
        self._pieces: deque[bytes] = deque()
        self._dropped = 0  # pieces that are no longer in `_pieces`
        self._dropped_bytes = 0
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
        if isinstance(self._whole, StoredBody):
            async for piece in self._whole:
                yield piece
            return
        if self._dropped and self._spool is None:
            raise BodyBroken("the beginning of the body is no longer kept")
        reader = object()
        self._readers[reader] = (0, 0)
        try:
            while True:
                had, had_bytes = self._readers[reader]
                if had < self._dropped:
                    piece = await self._from_spool(had_bytes)
                    had_bytes += len(piece)
                    had = self._dropped if had_bytes == self._dropped_bytes else 0
                    self._readers[reader] = (had, had_bytes)
                    self._make_room()
                    yield piece
                elif had - self._dropped < len(self._pieces):
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

    async def _from_spool(self, at: int) -> bytes:
        """What was written down and is no longer in memory, from an offset. A reader that is behind has no count of
        pieces: it goes by bytes until it has come to where memory begins."""
        assert self._spool is not None
        try:
            piece = await asyncio.to_thread(self._spool.read, at, self._dropped_bytes - at)
        except OSError as error:
            raise BodyBroken(f"what was written down of the body cannot be read: {error.strerror}") from None
        if not piece:
            raise BodyBroken("the beginning of the body is no longer kept")
        return piece

    def when_kept(self, tell: Callable[[bytes | StoredBody | None], None]) -> None:
        """Call `tell` once: with the whole body when it came to its end and was kept, else with None."""
        if self._told:
            tell(self._whole)
        else:
            self._watchers.append(tell)

    def close(self) -> None:
        """Stop the fetch if nobody is reading. Does nothing after the end."""
        if self._readers:
            return
        over = self._ended or self._broken is not None
        if not over and self._pump is not None:
            self._pump.cancel()
        if over and self._spool is not None:
            self._spool.close()

    def _make_room(self) -> None:
        """Drop what need not be in memory, and let the pump go on: what every reader has had, once the body is not
        kept; while it is written down, all but the latest part."""
        if self._spooling:
            while self._received_bytes - self._dropped_bytes > _AHEAD_BYTES:
                self._drop()
        elif not self._kept:
            passed = min((had for had, _ in self._readers.values()), default=self._dropped)
            while self._dropped < passed:
                self._drop()
        self._room.set()

    def _drop(self) -> None:
        self._dropped_bytes += len(self._pieces.popleft())
        self._dropped += 1

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
                    self._give_up()
                elif self._kept:
                    self._write_down(piece)
                self._changed.set()
                while self._far_ahead():
                    self._room.clear()
                    await self._room.wait()
            self._ended = True
            self._finish(self._all() if self._kept else None)
        except BodyBroken as broken:
            self._break_off(broken)

    def _write_down(self, piece: bytes) -> None:
        """Once the body has grown so long, it is written to the spool. A disk that is full costs the cache an object,
        and no viewer anything."""
        try:
            if self._spooling and self._spool is not None:
                self._spool.write(piece)
            elif self._open_spool is not None and self._received_bytes > self._spool_min_bytes:
                self._spool, self._open_spool = self._open_spool(), None
                for one in self._pieces:
                    self._spool.write(one)
                self._spooling = True
            else:
                return
        except OSError:
            self._give_up()
        else:
            self._make_room()

    def _all(self) -> bytes | StoredBody | None:
        """The whole body, in memory or where it was written."""
        if self._spool is None:
            return b"".join(self._pieces)
        try:
            return self._spool.finish()
        except OSError:
            self._spool.discard()
            return None

    def _give_up(self) -> None:
        """It will not be kept. Readers that are behind still find in the spool what memory has no longer."""
        self._kept = self._spooling = False
        self._open_spool = None
        if self._spool is not None:
            self._spool.discard()
        self._finish(None)

    def _pump_ended(self, pump: asyncio.Task[None]) -> None:
        """Nobody waits any longer, also when the pump was cancelled before its first step."""
        if not self._ended and self._broken is None:
            self._break_off(BodyBroken("the fetch was given up: nobody was reading"))
        self._source.close()
        self._changed.set()
        self.close()

    def _break_off(self, broken: BodyBroken) -> None:
        self._broken = broken
        if self._spool is not None and not self._told:
            self._spool.discard()
        self._finish(None)

    def _finish(self, kept: bytes | StoredBody | None) -> None:
        if self._told:
            return
        self._told, self._whole = True, kept
        watchers, self._watchers = self._watchers, []
        for tell in watchers:
            tell(kept)
