"""Promises of edge/shared_body.py about bodies that are written down while they arrive."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from edge.disk_cache.files import FileBody, Spool
from edge.model.body import BodyBroken
from edge.shared_body import SharedBody

MIB = 1024 * 1024


class Origin:
    """A body of many pieces, each with its number; `gate` holds it back before the last."""

    def __init__(self, pieces: int, size: int = 64 * 1024, *, breaks: bool = False) -> None:
        self.pieces, self.size, self.breaks = pieces, size, breaks
        self.length = pieces * size
        self.gate = asyncio.Event()
        self.gate.set()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for number in range(self.pieces):
            if number == self.pieces - 1:
                await self.gate.wait()
                if self.breaks:
                    raise BodyBroken("gone")
            yield bytes([number % 251]) * self.size
            await asyncio.sleep(0)

    def close(self) -> None:
        pass

    @property
    def data(self) -> bytes:
        return b"".join(bytes([number % 251]) * self.size for number in range(self.pieces))


def shared(origin: Origin, folder: Path, spool: Any = None) -> tuple[SharedBody, list[Any]]:
    told: list[Any] = []
    body = SharedBody(
        origin, keep_bytes_max=1 << 40, spool=spool or (lambda: Spool(folder)), spool_min_bytes=256 * 1024
    )
    body.when_kept(told.append)
    body.start()
    return body, told


def files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def everything(body: Any) -> bytes:
    return b"".join([piece async for piece in body])


async def test_a_large_body_is_on_disk_and_never_in_memory(tmp_path: Path) -> None:
    origin = Origin(400)  # 25 MiB
    body, told = shared(origin, tmp_path)
    most = received = 0
    async for piece in body:
        received += len(piece)
        most = max(most, sum(len(one) for one in body._pieces))
    assert (received, most <= 2 * MIB) == (origin.length, True)
    (kept,) = told
    assert isinstance(kept, FileBody)
    assert kept.path.read_bytes() == origin.data
    assert await everything(body) == origin.data  # who was told of it late reads the file


async def test_a_small_body_stays_in_memory(tmp_path: Path) -> None:
    origin = Origin(4)
    body, told = shared(origin, tmp_path)
    assert await everything(body) == origin.data
    assert told == [origin.data]
    assert files(tmp_path) == []


async def test_a_viewer_who_comes_late_reads_what_memory_has_no_longer(tmp_path: Path) -> None:
    origin = Origin(100)  # 6 MiB
    origin.gate.clear()
    body, _ = shared(origin, tmp_path)
    first = asyncio.create_task(everything(body))
    async with asyncio.timeout(10):
        while body._received_bytes < origin.length - origin.size:  # noqa: ASYNC110 -- what changes has no event
            await asyncio.sleep(0)
    assert body._dropped > 0
    late = asyncio.create_task(everything(body))
    await asyncio.sleep(0)
    origin.gate.set()
    assert await late == await first == origin.data


async def test_a_slow_viewer_does_not_hold_a_fast_one_back(tmp_path: Path) -> None:
    origin = Origin(100)
    body, _ = shared(origin, tmp_path)
    slow = aiter(body)
    beginning = await anext(slow)
    assert await everything(body) == origin.data
    assert beginning + b"".join([piece async for piece in slow]) == origin.data


async def test_a_body_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    body, told = shared(Origin(100, breaks=True), tmp_path)
    with pytest.raises(BodyBroken, match="gone"):
        await everything(body)
    assert told == [None]
    assert files(tmp_path) == []


@pytest.mark.parametrize("after", [0, 10, 50])
async def test_a_disk_that_is_full_costs_the_cache_an_object_and_no_viewer_anything(tmp_path: Path, after: int) -> None:
    """Those who are behind too."""

    class Full(Spool):
        writes = 0

        def write(self, data: bytes) -> None:
            self.writes += 1
            if self.writes > after:
                raise OSError(28, "No space left on device")
            super().write(data)

    origin = Origin(100)
    body, told = shared(origin, tmp_path, lambda: Full(tmp_path))
    slow = aiter(body)
    beginning = await anext(slow)
    fast = asyncio.create_task(everything(body))
    rest = [piece async for piece in slow]
    assert beginning + b"".join(rest) == await fast == origin.data
    assert told == [None]
    assert files(tmp_path) == []


async def test_a_disk_that_cannot_be_written_at_all(tmp_path: Path) -> None:
    def refuse() -> Spool:
        raise OSError(30, "Read-only file system")

    origin = Origin(20)
    body, told = shared(origin, tmp_path, refuse)
    assert await everything(body) == origin.data
    assert told == [None]
