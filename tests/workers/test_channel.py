"""Frames between two processes."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from edge.model.body import BodyBroken
from edge.workers import channel_body
from edge.workers.channel import Channel, Gone, Kind
from edge.workers.channel_body import ChannelBody

Pair = tuple[Channel, Channel]
Until = Callable[[Callable[[], bool]], Awaitable[None]]
MIB = 1024 * 1024


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    """Both ends."""
    loop = asyncio.get_running_loop()
    channels = []
    for end in socket.socketpair():
        end.setblocking(False)
        channels.append((await loop.create_connection(Channel, sock=end))[1])
    yield channels[0], channels[1]
    for channel in channels:
        channel.close()


class Pieces:
    """A body that counts how far it was read. It breaks off at its end with `broken`."""

    def __init__(self, *pieces: bytes, broken: str = "") -> None:
        self.length = sum(map(len, pieces))
        self._pieces = pieces
        self._broken = broken
        self.taken = 0
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            self.taken += 1
            yield piece
        if self._broken:
            raise BodyBroken(self._broken)

    def close(self) -> None:
        self.closed = True


async def test_values_come_in_their_order(pair: Pair) -> None:
    """Small ones and large ones."""
    here, there = pair
    sent = [1, "two", b"x" * 3 * MIB, ("four",)]
    for value in sent:
        here.send(value)
    assert [await there.value() for _ in sent] == sent


async def test_what_was_sent_arrives_before_the_end_of_the_other_side_is_told(pair: Pair) -> None:
    here, there = pair
    here.send("last words")
    await here.finish()
    assert await there.value() == "last words"
    with pytest.raises(Gone):
        await there.value()


async def test_the_other_side_is_missed_at_once(pair: Pair, until: Until) -> None:
    """Also while nobody waits for anything from it."""
    here, there = pair
    missed: list[bool] = []
    there.lost = lambda: missed.append(True)
    here.close()
    await until(lambda: bool(missed))


async def test_a_body_goes_over_in_pieces(pair: Pair) -> None:
    here, there = pair
    over: list[bool] = []
    body = ChannelBody(there, 8, over.append)
    source = Pieces(b"half", b"half")
    _, pieces = await asyncio.gather(channel_body.send(here, source), _read(body))
    assert pieces == [b"half", b"half"]
    assert over == [True]
    assert source.closed
    here.send("the next")
    assert await there.value() == "the next"


async def test_a_body_that_breaks_off_breaks_off_there_too(pair: Pair) -> None:
    """The channel is good for the next one."""
    here, there = pair
    over: list[bool] = []
    await channel_body.send(here, Pieces(b"half", broken="the origin went away"))
    with pytest.raises(BodyBroken, match="the origin went away"):
        await _read(ChannelBody(there, 8, over.append))
    assert over == [True]


async def test_a_body_whose_process_is_gone(pair: Pair) -> None:
    here, there = pair
    over: list[bool] = []
    here.close()
    with pytest.raises(BodyBroken, match="is gone"):
        await _read(ChannelBody(there, 8, over.append))
    assert over == [False]


async def test_who_reads_slowly_holds_the_sender_back(pair: Pair, until: Until) -> None:
    """However large a body is, little of it is on its way."""
    here, there = pair
    source = Pieces(*[b"x" * (MIB // 4)] * 400)
    sending = asyncio.ensure_future(channel_body.send(here, source))
    await until(lambda: source.taken > 4)
    for _ in range(200):
        await asyncio.sleep(0)
    assert source.taken < 40
    assert sum(map(len, await _read(ChannelBody(there, source.length, lambda whole: None)))) == 100 * MIB
    await sending


async def test_who_stops_reading_stops_the_sender(pair: Pair) -> None:
    """The viewer has left."""
    here, there = pair
    source = Pieces(*[b"x" * MIB] * 100)
    sending = asyncio.ensure_future(channel_body.send(here, source))
    body = ChannelBody(there, source.length, lambda whole: None if whole else there.close())
    assert await anext(aiter(body))
    body.close()
    with pytest.raises(Gone):
        await sending
    assert source.closed


async def _read(body: ChannelBody) -> list[bytes]:
    return [piece async for piece in body]


def test_kinds_are_bytes() -> None:
    """A frame begins with one."""
    assert all(0 < kind < 256 for kind in Kind)
