"""One origin body that several viewers read while it is still arriving."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from edge.model.body import BodyBroken
from edge.shared_body import SharedBody

KIB = 1024


class Origin:
    """A body whose pieces the test sends."""

    def __init__(self, length: int | None = None) -> None:
        self.length = length
        self.closed = 0
        self.taken = 0
        self._coming: asyncio.Queue[bytes | BodyBroken | None] = asyncio.Queue()

    def sends(self, *pieces: bytes) -> None:
        for piece in pieces:
            self._coming.put_nowait(piece)

    def ends(self) -> None:
        self._coming.put_nowait(None)

    def breaks_off(self) -> None:
        self._coming.put_nowait(BodyBroken("as scripted"))

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (piece := await self._coming.get()) is not None:
            if isinstance(piece, BodyBroken):
                raise piece
            self.taken += 1
            yield piece

    def close(self) -> None:
        self.closed += 1


class Shared:
    """A shared body with its origin, and what it has told the cache."""

    def __init__(self, keep_bytes_max: int = 64 * KIB * KIB, length: int | None = None) -> None:
        self.origin = Origin(length)
        self.kept: list[bytes | None] = []
        self.body = SharedBody(self.origin, keep_bytes_max=keep_bytes_max)
        self.body.when_kept(self.kept.append)

    def begins(self) -> Shared:
        self.body.start()
        return self


async def settled() -> None:
    """Let everything run that can run without news from outside."""
    for _ in range(200):
        await asyncio.sleep(0)


async def whole(body: SharedBody) -> bytes:
    return b"".join([piece async for piece in body])


async def test_every_viewer_gets_all_of_it() -> None:
    """Whoever came before, while or after it arrived."""
    shared = Shared().begins()
    early = asyncio.create_task(whole(shared.body))
    shared.origin.sends(b"one ")
    await settled()
    amid = asyncio.create_task(whole(shared.body))
    shared.origin.sends(b"two ", b"three")
    shared.origin.ends()
    assert await early == await amid == await whole(shared.body) == b"one two three"


async def test_pieces_reach_the_viewer_as_they_come() -> None:
    """Nobody waits for the end."""
    shared = Shared().begins()
    viewer = aiter(shared.body)
    shared.origin.sends(b"one")
    assert await anext(viewer) == b"one"
    shared.origin.sends(b"two")
    assert await anext(viewer) == b"two"
    shared.origin.ends()
    with pytest.raises(StopAsyncIteration):
        await anext(viewer)


@pytest.mark.parametrize(("length", "kept"), [(0, b""), (99, b"x" * 99), (100, b"x" * 100), (101, None)])
async def test_the_cache_gets_what_is_not_too_long(length: int, kept: bytes | None) -> None:
    """Once, at the end; and the origin is let go."""
    shared = Shared(keep_bytes_max=100).begins()
    shared.origin.sends(*[b"x"] * length)
    shared.origin.ends()
    assert await whole(shared.body) == b"x" * length
    await settled()
    assert shared.kept == [kept]
    assert shared.origin.closed == 1


async def test_the_cache_is_told_at_once_when_it_is_too_long() -> None:
    """So that nobody else is sent to a body that will not be kept."""
    shared = Shared(keep_bytes_max=3).begins()
    shared.origin.sends(b"four")
    await settled()
    assert shared.kept == [None]
    shared.origin.ends()
    assert await whole(shared.body) == b"four"
    assert shared.kept == [None]


async def test_what_all_have_passed_of_a_long_body_is_dropped() -> None:
    """Its viewers get everything; one who comes too late for the beginning gets nothing."""
    shared = Shared(keep_bytes_max=1).begins()
    viewers = [asyncio.create_task(whole(shared.body)) for _ in range(2)]
    await settled()
    shared.origin.sends(b"one ", b"two")
    shared.origin.ends()
    assert await asyncio.gather(*viewers) == [b"one two"] * 2
    with pytest.raises(BodyBroken, match="beginning"):
        await whole(shared.body)


async def test_a_body_that_breaks_off_breaks_off_for_all() -> None:
    """After everything that did come; nothing is kept."""
    shared = Shared().begins()
    viewer = aiter(shared.body)
    shared.origin.sends(b"one")
    shared.origin.breaks_off()
    assert await anext(viewer) == b"one"
    with pytest.raises(BodyBroken, match="as scripted"):
        await anext(viewer)
    with pytest.raises(BodyBroken, match="as scripted"):
        await whole(shared.body)
    await settled()
    assert (shared.kept, shared.origin.closed) == ([None], 1)


async def leaves(viewer: AsyncIterator[bytes]) -> None:
    close: Callable[[], Awaitable[None]] = viewer.aclose  # type: ignore[attr-defined]
    await close()


async def test_when_the_last_viewer_leaves_the_fetch_stops() -> None:
    """And the cache gets nothing."""
    shared = Shared().begins()
    first, second = aiter(shared.body), aiter(shared.body)
    shared.origin.sends(b"one")
    assert await anext(first) == await anext(second) == b"one"
    await leaves(first)
    await settled()
    assert (shared.kept, shared.origin.closed) == ([], 0)
    await leaves(second)
    await settled()
    assert (shared.kept, shared.origin.closed) == ([None], 1)
    with pytest.raises(BodyBroken, match="nobody was reading"):
        await whole(shared.body)


async def test_a_body_is_closed_only_while_nobody_reads_it() -> None:
    """Somebody who has no use for it does not take it from others."""
    shared = Shared().begins()
    viewer = aiter(shared.body)
    shared.origin.sends(b"one")
    assert await anext(viewer) == b"one"
    shared.body.close()
    shared.origin.ends()
    with pytest.raises(StopAsyncIteration):
        await anext(viewer)
    shared.body.close()
    await settled()
    assert (shared.kept, shared.origin.closed) == ([b"one"], 1)


@pytest.mark.parametrize("begun", [True, False], ids=["while-reading", "before-it-began"])
async def test_a_body_that_nobody_wants_is_given_up(begun: bool) -> None:
    """The cache is told, the origin let go, and nobody who comes later waits for it."""
    shared = Shared().begins()
    if begun:
        await settled()
    shared.body.close()
    await settled()
    assert (shared.kept, shared.origin.closed) == ([None], 1)
    with pytest.raises(BodyBroken, match="nobody was reading"):
        await whole(shared.body)


async def test_without_viewers_the_origin_runs_a_mebibyte_ahead() -> None:
    """And goes on as soon as one reads."""
    shared = Shared().begins()
    shared.origin.sends(*[bytes(64 * KIB)] * 64)
    shared.origin.ends()
    await settled()
    assert shared.origin.taken == 17
    assert len(await whole(shared.body)) == 64 * 64 * KIB
    assert len(shared.kept[0] or b"") == 64 * 64 * KIB


async def a_fast_and_a_slow_viewer(shared: Shared, fast_has: int) -> None:
    """One has had its first piece of 64 KiB, the other `fast_has` of them."""
    fast, slow = aiter(shared.body), aiter(shared.body)
    first_pieces = asyncio.gather(anext(fast), anext(slow))
    await settled()
    shared.origin.sends(*[bytes(64 * KIB)] * 64)
    await first_pieces
    for _ in range(fast_has - 1):
        await anext(fast)
    await settled()


async def test_a_body_that_is_kept_is_as_fast_as_its_fastest_viewer() -> None:
    """It is in memory anyway."""
    shared = Shared().begins()
    await a_fast_and_a_slow_viewer(shared, fast_has=20)
    assert shared.origin.taken == 20 + 17


async def test_a_body_that_is_not_kept_is_as_slow_as_its_slowest_viewer() -> None:
    """Memory would fill up for him."""
    shared = Shared(keep_bytes_max=1).begins()
    await a_fast_and_a_slow_viewer(shared, fast_has=10)
    assert shared.origin.taken == 1 + 17


async def test_the_announced_length_is_the_origins() -> None:
    """None where it did not announce one."""
    assert (Shared(length=7).body.length, Shared().body.length) == (7, None)
