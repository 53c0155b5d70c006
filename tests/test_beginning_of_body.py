"""Promises of edge/beginning_of_body.py."""

from __future__ import annotations

from edge.beginning_of_body import read_beginning
from edge.model.body import Body
from edge.testing.playbook import Arriving


async def whole(body: Body) -> bytes:
    assert isinstance(body, Arriving) or hasattr(body, "length")
    return b"".join([piece async for piece in body])  # type: ignore[union-attr]


async def test_a_body_that_is_here_stays_as_it_is() -> None:
    assert await read_beginning(b"abc", 2) == (b"abc", b"abc")


async def test_a_short_body_becomes_bytes() -> None:
    assert await read_beginning(Arriving(b"ab", b"cd"), 10) == (b"abcd", b"abcd")


async def test_a_long_body_is_read_up_to_the_limit_and_is_whole_again() -> None:
    source = Arriving(b"ab", b"cd", b"ef", b"gh", length=8)
    beginning, body = await read_beginning(source, 3)
    assert beginning == b"abcd"
    assert not isinstance(body, bytes)
    assert body.length == 8  # type: ignore[union-attr]
    assert await whole(body) == b"abcdefgh"


async def test_letting_go_of_the_body_lets_go_of_its_source() -> None:
    source = Arriving(b"ab", b"cd")
    _, body = await read_beginning(source, 1)
    assert not isinstance(body, bytes)
    body.close()
    assert source.closed
