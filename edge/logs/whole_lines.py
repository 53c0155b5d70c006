"""A stream on which several processes write lines: each whole, and none into another's.

Pipes mix what is longer than a few thousand bytes; a lock that all of them take keeps that apart.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import TextIO, cast


def whole_lines(stream: TextIO, lock: Path) -> TextIO:
    """The file behind `stream`, as something that writes at once and keeps nothing back. `lock` is a file that is
    there, the same for all who write."""
    return cast("TextIO", _WholeLines(stream, lock))


class _WholeLines:
    def __init__(self, stream: TextIO, lock: Path) -> None:
        self._stream = stream
        self._file = stream.fileno()
        self._lock = os.open(lock, os.O_RDWR | os.O_CLOEXEC)

    def write(self, text: str) -> int:
        """Write all of a text. Waits for those who are writing."""
        data = memoryview(text.encode(self._stream.encoding, self._stream.errors or "strict"))
        fcntl.lockf(self._lock, fcntl.LOCK_EX)
        try:
            while data:
                data = data[os.write(self._file, data) :]
        finally:
            fcntl.lockf(self._lock, fcntl.LOCK_UN)
        return len(text)

    def flush(self) -> None:
        """Nothing to do."""

    def isatty(self) -> bool:
        """Whether a person reads it."""
        return self._stream.isatty()
