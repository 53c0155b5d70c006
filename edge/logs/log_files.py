"""Log files in a folder: one for each hour, and another when it has grown large.

Names are CloudFront's: `PREFIX/DISTRIBUTION.YYYY-MM-DD-HH.UNIQUE.gz`. A disk that takes no more costs the log lines and
not the requests: it is said once, and tried again with the next file.
"""

from __future__ import annotations

import gzip
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, cast

FILE_MAX_BYTES = 64 * 1024 * 1024
"""Of lines in one file, before compression."""


class LogFiles:
    """Writes lines. `head` begins each file; without `compressed` a file can be followed as it grows."""

    def __init__(
        self,
        folder: Path,
        *,
        head: str = "",
        compressed: bool = True,
        file_max_bytes: int = FILE_MAX_BYTES,
        say: Callable[[str], None] = lambda text: None,
    ) -> None:
        """Raises OSError when the folder cannot be made."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._head = head.encode()
        self._compressed = compressed
        self._file_max_bytes = file_max_bytes
        self._say = say
        self._begun = ""
        self._bytes = 0
        self._file: IO[bytes] | None = None
        self._failed = False

    def write(self, name: str, line: bytes, now: float) -> None:
        """Add a line to the file of this hour. `name` is what stands before the hour, a prefix included."""
        begun = f"{name}.{time.strftime('%Y-%m-%d-%H', time.gmtime(now))}"
        try:
            if begun != self._begun or self._bytes > self._file_max_bytes:
                self._open(begun)
            if self._file is None:
                return
            self._file.write(line + b"\n")
            self._file.flush()
            self._bytes += len(line) + 1
        except OSError as error:
            self._file = None
            if not self._failed:
                self._say(f"the access log in {self._folder} cannot be written: {error.strerror or error}")
            self._failed = True

    def close(self) -> None:
        """Finish the file."""
        file, self._file = self._file, None
        if file is not None:
            try:
                file.close()
            except OSError:
                pass  # it was said when the line was lost

    def _open(self, begun: str) -> None:
        self.close()
        self._begun, self._bytes = begun, 0
        path = self._folder / f"{begun}.{secrets.token_hex(4)}{'.gz' if self._compressed else '.log'}"
        path.parent.mkdir(parents=True, exist_ok=True)
        file = gzip.GzipFile(path, "wb") if self._compressed else path.open("wb")
        file.write(self._head)
        self._file = cast("IO[bytes]", file)
        self._failed = False
