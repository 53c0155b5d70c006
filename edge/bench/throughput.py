"""The highest rate at which latency stays within a target."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from edge.bench import open_loop
from edge.bench.edge_under_test import EdgeUnderTest
from edge.bench.latency import Latencies
from edge.bench.workload import Asked

_HIGHEST_RATE = 20_000.0
_LOWEST_RATE = 1.0


class Throughput(NamedTuple):
    """Requests a second at which the 99th percentile is within `target_s`; 0 when it never is."""

    rate: float
    target_s: float


async def highest_rate(holds: Callable[[float], Awaitable[bool]], *, start: float = 100.0, steps: int = 4) -> float:
    """The highest rate that `holds`, found by doubling (or halving) from `start` and then `steps` of bisection."""
    low, high = 0.0, start
    if await holds(start):
        while high < _HIGHEST_RATE and await holds(high * 2):
            high *= 2
        low, high = high, high * 2
    else:
        while high > _LOWEST_RATE:
            low = high / 2
            if await holds(low):
                break
            low, high = 0.0, low
    for _ in range(steps if low else 0):
        middle = (low + high) / 2
        low, high = (middle, high) if await holds(middle) else (low, middle)
    return low


async def within(
    edge: EdgeUnderTest, asked: Sequence[Asked], target_s: float, *, seconds: float = 0.5, seed: int = 1
) -> Throughput:
    """The highest open-loop rate at which 99 of 100 requests are answered within the target, and none fails."""
    requests = itertools.cycle(asked)

    async def holds(rate: float) -> bool:
        due = list(itertools.takewhile(lambda at: at < seconds, open_loop.due_times(rate, seed)))
        answered = await open_loop.send(edge, list(itertools.islice(requests, len(due))), due)
        edge.take_runs()
        late = Latencies(one.latency_ns for one in answered).percentile_s(99) > target_s
        return not late and all(one.status < 500 for one in answered)

    return Throughput(await highest_rate(holds), target_s)
