"""The chunked coding, undone strictly."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.viewers.chunked import BadChunk, ChunkedDecoder


def decode(*parts: bytes) -> tuple[bytes, bytes, bool]:
    decoder = ChunkedDecoder()
    body = rest = b""
    for part in parts:
        pieces, behind = decoder.feed(part)
        body += b"".join(pieces)
        rest += behind
    return body, rest, decoder.done


@pytest.mark.parametrize(
    ("wire", "body", "rest"),
    [
        (b"0\r\n\r\n", b"", b""),
        (b"5\r\nabcde\r\n0\r\n\r\n", b"abcde", b""),
        (b"005\r\nabcde\r\nA\r\n0123456789\r\n0\r\n\r\nGET /", b"abcde0123456789", b"GET /"),
        (b"a\r\n0123456789\r\n000\r\n\r\n", b"0123456789", b""),
        (b"5;name=value;other\r\nabcde\r\n0;x\r\n\r\n", b"abcde", b""),
        (b"5\r\nabcde\r\n0\r\nX-Sum: 1\r\nY:\r\n\r\nrest", b"abcde", b"rest"),
        (b"4\r\n\r\n\r\n\r\n0\r\n\r\n", b"\r\n\r\n", b""),
    ],
)
def test_bodies(wire: bytes, body: bytes, rest: bytes) -> None:
    """The bytes of the chunks, without sizes, extensions and trailers; what follows is given back."""
    assert decode(wire) == (body, rest, True)
    assert decode(*(wire[at : at + 1] for at in range(len(wire)))) == (body, rest, True)


@pytest.mark.parametrize(
    "wire",
    [
        b"zz\r\n",
        b"0x5\r\n",
        b"+5\r\n",
        b"-5\r\n",
        b"\r\n",
        b" 5\r\n",
        b"5 \r\n",
        b"5 ;a\r\n",
        b"5\n",
        b"5;a\nb\r\n",
        b"5;\x00\r\n",
        b"fffffffffffffffff\r\n",
        b"5\r\nabcde\n0\r\n\r\n",
        b"5\r\nabcdef\r\n0\r\n\r\n",
        b"5\r\nabcde\rX",
        b"5\r\nabcde0\r\n\r\n",
        b"5;" + b"a" * 2_000,
        b"5;" + b"a" * 2_000 + b"\r\n",
        b"0\r\nX y\r\n\r\n",
        b"0\r\n X: y\r\n\r\n",
        b"0\r\nX: \x00\r\n\r\n",
        b"0\r\n" + b"X: y\r\n" * 2_000,
        b"0\r\nX: " + b"y" * 9_000,
    ],
)
def test_what_is_not_in_the_chunked_coding(wire: bytes) -> None:
    """It is refused however it is cut."""
    with pytest.raises(BadChunk):
        decode(wire)
    with pytest.raises(BadChunk):
        decode(*(wire[at : at + 1] for at in range(len(wire))))


def test_a_body_that_has_not_come_to_its_end() -> None:
    """It is not done, and the bytes that came are there."""
    assert decode(b"5\r\nab") == (b"ab", b"", False)
    assert decode(b"5\r\nabcde\r\n0\r\n") == (b"abcde", b"", False)


@given(chunks=st.lists(st.binary(min_size=1, max_size=40), max_size=8), cuts=st.lists(st.integers(0, 400), max_size=12))
def test_cuts_do_not_matter(chunks: list[bytes], cuts: list[int]) -> None:
    """A valid body decodes to the same bytes wherever the network cuts it."""
    wire = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\nnext"
    bounds = [0, *sorted(min(cut, len(wire)) for cut in cuts), len(wire)]
    parts = [wire[start:end] for start, end in pairwise(bounds)]
    assert decode(*parts) == (b"".join(chunks), b"next", True)
