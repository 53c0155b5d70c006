"""The chunked transfer coding of a request body, undone.

Source: RFC 9112, section 7.1. Extensions and trailers are read and dropped. Sizes are hexadecimal digits and nothing
else, every line ends with CRLF, and a chunk that is not followed by CRLF is an error: whoever is lenient here can be
made to see another request than his neighbour does.
"""

from __future__ import annotations

import re

_SIZE_LINE = re.compile(rb"([0-9A-Fa-f]{1,15})(?:;[\t\x20-\x7e\x80-\xff]*)?")
_TRAILER_LINE = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*")
_SIZE_LINE_MAX_BYTES = 1_024
_TRAILERS_MAX_BYTES = 8_192


class BadChunk(Exception):  # noqa: N818 -- it is what a viewer did, not an error of ours
    """The bytes are not in the chunked coding. The text says where."""


class ChunkedDecoder:
    """Takes the bytes as they come and gives back those of the body. `done` after the last chunk and the trailers."""

    __slots__ = ("_held", "_left", "_trailer_bytes", "_trailers", "done")

    def __init__(self) -> None:
        self._held = b""
        self._left = 0  # bytes of the current chunk still to come, its CRLF included
        self._trailers = False
        self._trailer_bytes = 0
        self.done = False

    def feed(self, data: bytes) -> tuple[list[bytes], bytes]:
        """The pieces of the body in these bytes, and what stands behind the end of the body. Raises BadChunk."""
        if self._held:
            data = self._held + data
            self._held = b""
        pieces: list[bytes] = []
        at = 0
        while not self.done:
            if self._left:
                at = self._chunk(data, at, pieces)
                if self._left:
                    break
            else:
                end = data.find(b"\r\n", at)
                if end < 0:
                    self._hold(data[at:])
                    return pieces, b""
                self._line(data[at:end])
                at = end + 2
        return pieces, data[at:] if self.done else b""

    def _chunk(self, data: bytes, at: int, pieces: list[bytes]) -> int:
        """Take what there is of the current chunk, and its CRLF."""
        if self._left > 2:
            piece = data[at : at + self._left - 2]
            if piece:
                pieces.append(piece)
            self._left -= len(piece)
            at += len(piece)
        if self._left <= 2:
            end = data[at : at + self._left]
            if end != b"\r\n"[2 - self._left :][: len(end)]:
                raise BadChunk("a chunk is not followed by CRLF")
            self._left -= len(end)
            at += len(end)
        return at

    def _line(self, line: bytes) -> None:
        if self._trailers:
            self._trailer_bytes += len(line) + 2
            if not line:
                self.done = True
            elif _TRAILER_LINE.fullmatch(line) is None or self._trailer_bytes > _TRAILERS_MAX_BYTES:
                raise BadChunk("a trailer is malformed, or there are too many")
            return
        match = _SIZE_LINE.fullmatch(line)
        if match is None or len(line) > _SIZE_LINE_MAX_BYTES:
            raise BadChunk("a chunk has a bad size line")
        size = int(match[1], 16)
        if size:
            self._left = size + 2
        else:
            self._trailers = True

    def _hold(self, part: bytes) -> None:
        """Keep a line that has no end yet, unless it cannot become one."""
        if len(part) > (_TRAILERS_MAX_BYTES if self._trailers else _SIZE_LINE_MAX_BYTES):
            raise BadChunk("a line of the chunked body is too long")
        if b"\n" in part:
            raise BadChunk("a line of the chunked body ends without CR")
        self._held = part
