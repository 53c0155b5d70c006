"""The body of a request while it arrives."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from edge.model.body import BodyBroken, BodyStream
from edge.viewers.received_body import ReceivedBody

Everything = Callable[[object], Awaitable[bytes]]
Until = Callable[[Callable[[], bool]], Awaitable[None]]


class Ears:
    """What a connection hears from a body."""

    def __init__(self) -> None:
        self.taken: list[int] = []
        self.wanted = 0

    def want(self) -> None:
        self.wanted += 1

    def body(self, length: int | None) -> ReceivedBody:
        return ReceivedBody(length, taken=self.taken.append, wanted=self.want)


@pytest.fixture
def ears() -> Ears:
    return Ears()


async def test_it_is_a_body_stream(ears: Ears) -> None:
    """With the length that was announced."""
    assert isinstance(ears.body(3), BodyStream)
    assert [ears.body(length).length for length in (None, 3)] == [None, 3]


async def test_bytes_leave_when_they_are_read(ears: Ears, everything: Everything) -> None:
    """Not before: the viewer may send as many more."""
    body = ears.body(None)
    body.feed(b"abc")
    body.feed(b"")
    body.feed(b"de")
    assert ears.taken == []
    assert await anext(body) == b"abc"
    assert ears.taken == [3]
    body.end()
    assert await everything(body) == b"de"
    assert ears.taken == [3, 2]


async def test_a_reader_waits(ears: Ears, everything: Everything, until: Until) -> None:
    """And the connection is told once that somebody wants bytes."""
    body = ears.body(None)
    reading = asyncio.create_task(everything(body))
    await until(lambda: body.waits)
    body.feed(b"a")
    await until(lambda: ears.taken == [1] and body.waits)
    body.end()
    assert await reading == b"a"
    assert ears.wanted == 1
    assert not body.waits


async def test_whether_it_begins(ears: Ears) -> None:
    """Known with the first bytes, the end, or a failure."""
    full, empty, failed, closed = (ears.body(None) for _ in range(4))
    full.feed(b"a")
    empty.end()
    failed.fail("gone")
    closed.close()
    assert [await body.begins() for body in (full, empty, failed, closed)] == [True, False, True, False]


@pytest.mark.parametrize("sent", [b"ab", b"abcd"])
async def test_another_length_than_announced(ears: Ears, sent: bytes) -> None:
    """Nobody takes the body for whole."""
    body = ears.body(3)
    body.feed(sent)
    body.end()
    with pytest.raises(BodyBroken, match="than was announced"):
        _ = [piece async for piece in body]


async def test_a_viewer_who_leaves(ears: Ears, everything: Everything) -> None:
    """What came can be read, and then the reader is told."""
    body = ears.body(None)
    body.feed(b"abc")
    body.fail("the viewer left")
    assert await everything(body) == b"abcBROKEN"


async def test_nobody_can_leave_after_the_end(ears: Ears, everything: Everything) -> None:
    """The body is whole."""
    body = ears.body(None)
    body.feed(b"abc")
    body.end()
    body.fail("the viewer left")
    assert await everything(body) == b"abc"


async def test_a_closed_body_drops_what_comes(ears: Ears, everything: Everything) -> None:
    """The viewer is not held back for it."""
    body = ears.body(None)
    body.feed(b"abc")
    body.close()
    body.feed(b"de")
    assert ears.taken == [3, 2]
    assert await everything(body) == b""
