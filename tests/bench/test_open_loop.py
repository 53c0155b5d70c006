"""Open-loop load: latency counts from when a request was due."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable

import pytest

from edge.bench import open_loop
from edge.bench.edge_under_test import EdgeUnderTest
from edge.bench.workload import Asked, Workload
from edge.model.served import Served


class StallingEdge:
    """Answers at once, in virtual time; the first request takes a second."""

    def __init__(self, inner: EdgeUnderTest) -> None:
        self.now_s = 100.0
        self._inner = inner
        self._stall_s = 1.0

    def now_ns(self) -> int:
        self.now_s += 0.000_1  # so that waiting comes to an end
        return round(self.now_s * 1e9)

    def begin(self, asked: Asked) -> Served | Awaitable[Served]:
        self.now_s += self._stall_s
        self._stall_s = 0.0
        return self._inner.begin(asked)


async def test_a_stall_is_counted_for_every_request_that_was_due_meanwhile(
    edge: Callable[..., EdgeUnderTest], workload: Workload
) -> None:
    inner = edge()
    same = (workload.asked[0],) * 6
    await inner.serve(same[0])
    stalling = StallingEdge(inner)
    answered = await open_loop.send(stalling, same, [0, 0.25, 0.5, 0.75, 1.002, 1.01], now_ns=stalling.now_ns)
    latencies = sorted(one.latency_ns / 1e9 for one in answered)
    assert latencies[2:] == pytest.approx([0.25, 0.5, 0.75, 1.0], abs=0.01)
    assert latencies[:2] == pytest.approx([0, 0], abs=0.01)


async def test_requests_that_wait_do_not_hold_up_those_behind_them(
    edge: Callable[..., EdgeUnderTest], workload: Workload
) -> None:
    inner, gate, begun = edge(), asyncio.Event(), []

    class Waiting:
        async def begin(self, asked: Asked) -> Served:
            begun.append(asked)
            if len(begun) == 3:
                gate.set()
            await gate.wait()
            return await inner.serve(asked)

    answered = await open_loop.send(Waiting(), workload.asked[:3], [0, 0, 0])
    assert [one.status for one in answered] == [200, 200, 200]


def test_arrivals_are_those_of_viewers_who_do_not_know_of_each_other() -> None:
    times = list(itertools.islice(open_loop.due_times(50, seed=1), 2_001))
    gaps = [later - one for one, later in itertools.pairwise(times)]
    mean = sum(gaps) / len(gaps)
    spread = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5
    assert mean == pytest.approx(1 / 50, rel=0.1)
    assert spread == pytest.approx(mean, rel=0.15)
