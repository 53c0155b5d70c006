"""Brotli and gzip for the Compress ask."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.compressor import Encoding, compress, compress_bytes
from edge.model.body import BodyBroken, BodyStream, Tunnel
from edge.testing.playbook import Arriving

DECOMPRESS = {"gzip": gzip.decompress, "br": brotli.decompress}
ENCODINGS: list[Encoding] = ["gzip", "br"]
TEXT = b"<p>The same again. </p>" * 100
LARGE = bytes(range(256)) * 1024


class BreaksOff(Arriving):
    """A body whose sender goes away."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece
        raise BodyBroken("as scripted")


class WebSocket(Tunnel):
    """The origin's side of a tunnel."""

    async def read(self) -> bytes:
        return b""

    async def write(self, data: bytes) -> None:
        pass

    def close(self) -> None:
        pass


async def streamed(body: object) -> bytes:
    assert isinstance(body, BodyStream)
    return b"".join([piece async for piece in body])


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("data", [b"", b"x", TEXT, LARGE], ids=["empty", "byte", "text", "large"])
async def test_bytes_stay_bytes(data: bytes, encoding: Encoding) -> None:
    """Whatever their size; only large ones take a thread."""
    found = await compress(data, encoding)
    assert isinstance(found, bytes)
    assert DECOMPRESS[encoding](found) == data


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_text_becomes_smaller(encoding: Encoding) -> None:
    """That is what it is for."""
    assert len(compress_bytes(TEXT, encoding)) < len(TEXT) / 10


def test_gzip_is_gzip() -> None:
    """In its own framing, not zlib's; the same bytes for the same body at any time."""
    assert compress_bytes(TEXT, "gzip")[:3] == b"\x1f\x8b\x08"
    assert compress_bytes(TEXT, "gzip") == compress_bytes(TEXT, "gzip")


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("pieces", [(), (b"",), (TEXT,), (b"one", b"", b"two"), (LARGE, TEXT)])
async def test_a_stream_stays_a_stream(pieces: tuple[bytes, ...], encoding: Encoding) -> None:
    """Of unknown length, and without empty pieces, which would end a chunked message."""
    found = await compress(Arriving(*pieces, length=5), encoding)
    assert isinstance(found, BodyStream)
    assert found.length is None
    sent = [piece async for piece in found]
    assert all(sent)
    assert DECOMPRESS[encoding](b"".join(sent)) == b"".join(pieces)


@pytest.mark.parametrize("encoding", ENCODINGS)
async def test_a_stream_that_breaks_off_is_not_finished(encoding: Encoding) -> None:
    """The viewer must not take it for whole."""
    with pytest.raises(BodyBroken):
        await streamed(await compress(BreaksOff(TEXT), encoding))


async def test_closing_lets_go_of_the_source() -> None:
    """Nobody reads it any further."""
    source = Arriving(TEXT)
    found = await compress(source, "br")
    assert isinstance(found, BodyStream)
    found.close()
    assert source.closed


async def test_a_tunnel_is_left_alone() -> None:
    """There is nothing to compress in it."""
    tunnel = WebSocket()
    assert await compress(tunnel, "gzip") is tunnel


@given(st.binary(max_size=2_000), st.sampled_from(ENCODINGS))
def test_what_was_compressed_comes_back(data: bytes, encoding: Encoding) -> None:
    """Byte for byte."""
    assert DECOMPRESS[encoding](compress_bytes(data, encoding)) == data
