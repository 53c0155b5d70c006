"""Bodies in files: one that is being written while viewers read it already, and one that is whole."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

from edge.model.body import BodyBroken, StoredBody

_CHUNK_BYTES = 256 * 1024
WHOLE = ".body"
ARRIVING = ".part"


class FileBody(StoredBody):
    """The bytes of a file from `first` up to, not including, `end`. A file that is not there any more, or shorter, is a
    broken body."""

    __slots__ = ("end", "first", "path")

    def __init__(self, path: Path, end: int, first: int = 0) -> None:
        self.path = path
        self.first = first
        self.end = end

    @property
    def length(self) -> int:
        """The number of bytes."""
        return self.end - self.first

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            file = await asyncio.to_thread(self.path.open, "rb")
        except OSError as error:
            raise BodyBroken(f"the cache has lost {self.path}: {error.strerror}") from None
        try:
            left = self.length
            file.seek(self.first)
            while left:
                piece = await asyncio.to_thread(file.read, min(left, _CHUNK_BYTES))
                if not piece:
                    raise BodyBroken(f"{self.path} in the cache is shorter than it was")
                left -= len(piece)
                yield piece
        except OSError as error:
            raise BodyBroken(f"{self.path} in the cache cannot be read: {error.strerror}") from None
        finally:
            file.close()

    def part(self, first: int, end: int) -> FileBody:
        """The bytes from `first` up to, not including, `end`."""
        return FileBody(self.path, self.first + end, self.first + first)

    def gone(self) -> bool:
        """Whether the file is not there any more, or is not as long as it was."""
        try:
            return self.path.stat().st_size < self.end
        except OSError:
            return True

    def close(self) -> None:
        """Nothing is open until it is read."""


class Spool:
    """A file that grows while a body arrives. Raises OSError where the disk takes no more."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"{secrets.token_hex(16)}{ARRIVING}"
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        self._bytes = 0
        self._open = True

    def write(self, data: bytes) -> None:
        """Add to the end."""
        view = memoryview(data)
        while view:
            view = view[os.write(self._file, view) :]
        self._bytes += len(data)

    def read(self, at: int, size: int) -> bytes:
        """What was written, from an offset; b"" once it is closed."""
        if not self._open:
            return b""
        return os.pread(self._file, min(size, _CHUNK_BYTES), at)

    def finish(self) -> StoredBody:
        """The whole body, under a name of its own."""
        whole = self._path.with_suffix(WHOLE)
        self._path.rename(whole)
        return FileBody(whole, self._bytes)

    def discard(self) -> None:
        """It came to nothing. Those who read go on reading."""
        self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Nobody reads it any more."""
        if self._open:
            self._open = False
            os.close(self._file)
