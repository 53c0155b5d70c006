"""Requests at their due times, whether those before them are done or not.

A closed loop sends when it has its answer, so a stall delays the requests behind it instead of being counted for each
of them (coordinated omission; Gil Tene, "How NOT to Measure Latency"). Here latency counts from the time at which a
request was due, so that waiting for a busy edge is part of it.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import NamedTuple, Protocol

from edge.bench.edge_under_test import finish
from edge.bench.workload import Asked
from edge.model.served import Served

_COARSE_S = 0.003
"""The event loop's timers are as coarse as a millisecond; what is left is waited for without sleeping."""
_START_S = 0.005


class Answers(Protocol):
    """What answers requests."""

    def begin(self, asked: Asked) -> Served | Awaitable[Served]: ...


class Answered(NamedTuple):
    """One request's latency from its due time to the last byte, and its status."""

    latency_ns: int
    status: int


def due_times(rate: float, seed: int) -> Iterator[float]:
    """Seconds from the start, as viewers come that do not know of each other: Poisson's arrivals at `rate`."""
    chance = random.Random(seed)
    now = 0.0
    while True:
        yield now
        now += chance.expovariate(rate)


async def send(
    edge: Answers, asked: Sequence[Asked], due_s: Sequence[float], *, now_ns: Callable[[], int] = time.perf_counter_ns
) -> list[Answered]:
    """Send each request when it is due, and wait for all answers. Results are in the order of the answers."""
    answered: list[Answered] = []
    tasks: list[asyncio.Task[None]] = []
    start_ns = now_ns() + int(_START_S * 1e9)

    async def end(begun: Awaitable[Served] | Served, due_ns: int) -> None:
        served = await finish(begun if isinstance(begun, Served) else await begun)
        answered.append(Answered(now_ns() - due_ns, served.response.status))

    for one, offset_s in zip(asked, due_s, strict=True):
        due_ns = start_ns + int(offset_s * 1e9)
        await _until(due_ns, now_ns, others=bool(tasks))
        begun = edge.begin(one)
        if isinstance(begun, Served) and isinstance(begun.response.body, bytes):
            answered.append(Answered(now_ns() - due_ns, begun.response.status))
            continue
        tasks.append(asyncio.create_task(end(begun, due_ns)))
    await asyncio.gather(*tasks)
    return answered


async def _until(due_ns: int, now_ns: Callable[[], int], *, others: bool) -> None:
    """Wait for a due time. `others` have their turn even when it has passed."""
    left_s = (due_ns - now_ns()) / 1e9
    if left_s > _COARSE_S:
        await asyncio.sleep(left_s - _COARSE_S)
    elif others and left_s <= 0:
        await asyncio.sleep(0)
    while now_ns() < due_ns:  # noqa: ASYNC110 -- no event marks a moment more exactly than the event loop's timers do
        await asyncio.sleep(0)
