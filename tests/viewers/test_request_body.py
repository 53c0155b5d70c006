"""The body of a request while it arrives."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from edge.model.body import BodyBroken, BodyStream
from edge.viewers.chunked import BadChunk
from edge.viewers.request_body import RequestBody

Everything = Callable[[object], Awaitable[bytes]]


class Source:
    """Remembers what the body asked of its connection."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def pause_reading(self) -> None:
        self.asked.append("pause")

    def resume_reading(self) -> None:
        self.asked.append("resume")

    def send_continue(self) -> None:
        self.asked.append("continue")


@pytest.fixture
def source() -> Source:
    return Source()


def body_of(source: Source, length: int | None, *, expects_continue: bool = False) -> RequestBody:
    return RequestBody(source, length, expects_continue=expects_continue)


async def test_it_is_a_body_stream(source: Source) -> None:
    """With the announced length, None for a chunked body."""
    assert isinstance(body_of(source, 5), BodyStream)
    assert (body_of(source, 5).length, body_of(source, None).length) == (5, None)


async def test_bytes_come_out_as_they_come_in(source: Source, everything: Everything) -> None:
    """The reader may be there before the bytes; what stands behind the body is given back."""
    body = body_of(source, 5)
    reading = asyncio.ensure_future(everything(body))
    await asyncio.sleep(0)
    assert body.feed(b"ab") == b""
    await asyncio.sleep(0)
    assert not body.arrived
    assert body.feed(b"cdeGET /") == b"GET /"
    assert await reading == b"abcde"
    assert body.arrived


async def test_chunks_are_undone(source: Source, everything: Everything) -> None:
    """The reader sees the body and not its coding."""
    body = body_of(source, None)
    assert body.feed(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\nGET /") == b"GET /"
    assert await everything(body) == b"abcde"


async def test_a_bad_chunk_is_the_connections_business(source: Source) -> None:
    """It is told where the bytes come in."""
    with pytest.raises(BadChunk):
        body_of(source, None).feed(b"zz\r\n")


async def test_a_viewer_who_leaves(source: Source) -> None:
    """What came is read, and then the body is broken, with the reason."""
    body = body_of(source, 5)
    body.feed(b"ab")
    body.fail("gone")
    assert await anext(body) == b"ab"
    with pytest.raises(BodyBroken, match="gone"):
        await anext(body)


async def test_nothing_can_go_wrong_after_the_end(source: Source, everything: Everything) -> None:
    """A viewer who leaves after his last byte has sent a whole body."""
    body = body_of(source, 5)
    body.feed(b"abcde")
    body.fail("gone")
    assert await everything(body) == b"abcde"


async def test_a_slow_reader_makes_the_viewer_wait(source: Source) -> None:
    """Reading from the connection stops at 64 KiB, and goes on when the reader has caught up."""
    body = body_of(source, 200_000)
    body.feed(b"a" * 60_000)
    assert source.asked == []
    body.feed(b"b" * 60_000)
    assert source.asked == ["pause"]
    await anext(body)
    assert source.asked == ["pause"]
    await anext(body)
    assert source.asked == ["pause", "resume"]


async def test_continue_is_sent_when_somebody_begins_to_read(source: Source, everything: Everything) -> None:
    """Once, and not before."""
    body = body_of(source, 5, expects_continue=True)
    assert not body.invited
    reading = asyncio.ensure_future(everything(body))
    await asyncio.sleep(0)
    assert source.asked[0] == "continue"
    assert body.invited
    body.feed(b"abc")
    await asyncio.sleep(0)
    body.feed(b"de")
    assert await reading == b"abcde"
    assert source.asked.count("continue") == 1


async def test_a_viewer_who_does_not_wait_needs_no_continue(source: Source, everything: Everything) -> None:
    """The bytes are there already."""
    body = body_of(source, 5, expects_continue=True)
    body.feed(b"abcde")
    assert await everything(body) == b"abcde"
    assert source.asked == []


async def test_a_closed_body_drops_what_comes(source: Source, everything: Everything) -> None:
    """It still knows where it ends."""
    body = body_of(source, 100_005)
    body.feed(b"a" * 100_000)
    body.close()
    assert source.asked == ["pause", "resume"]
    assert body.feed(b"abcdeGET /") == b"GET /"
    assert body.arrived
    assert await everything(body) == b""
