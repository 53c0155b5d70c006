"""Brotli and gzip for the Compress ask: what the rules decided is done here.

Brotli runs at quality 5 and gzip at 6: the middle that web servers use for content compressed as it is asked for.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator
from typing import Literal, Protocol

import brotli

from edge.model.body import Body, BodyStream, Tunnel

Encoding = Literal["br", "gzip"]
_IN_LINE_MAX_BYTES = 32 * 1024
_BROTLI_QUALITY = 5
_GZIP_LEVEL = 6
_GZIP_WINDOW = 31  # zlib's largest window, in gzip's framing


class _Compressor(Protocol):
    def process(self, data: bytes) -> bytes: ...

    def finish(self) -> bytes: ...


class _Gzip:
    def __init__(self) -> None:
        self._zlib = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
        self.process = self._zlib.compress

    def finish(self) -> bytes:
        return self._zlib.flush()


def _compressor(encoding: Encoding) -> _Compressor:
    if encoding == "gzip":
        return _Gzip()
    made: _Compressor = brotli.Compressor(quality=_BROTLI_QUALITY)
    return made


def compress_bytes(data: bytes, encoding: Encoding) -> bytes:
    """All of a body at once."""
    compressor = _compressor(encoding)
    return compressor.process(data) + compressor.finish()


class CompressedStream:
    """A stream, compressed as it flows. Its length is not known beforehand."""

    length = None

    def __init__(self, source: BodyStream, encoding: Encoding) -> None:
        self._source = source
        self._encoding: Encoding = encoding

    async def __aiter__(self) -> AsyncIterator[bytes]:
        compressor = _compressor(self._encoding)
        async for piece in self._source:
            if compressed := compressor.process(piece):
                yield compressed
        yield compressor.finish()

    def close(self) -> None:
        """Let go of the source."""
        self._source.close()


async def compress(body: Body, encoding: Encoding) -> Body:
    """A body in the given encoding. Large ones are done in a thread, so that other viewers do not wait."""
    if isinstance(body, Tunnel):
        return body
    if isinstance(body, bytes):
        if len(body) <= _IN_LINE_MAX_BYTES:
            return compress_bytes(body, encoding)
        return await asyncio.to_thread(compress_bytes, body, encoding)
    return CompressedStream(body, encoding)
