"""How many runs would be cold on AWS, how many environments there would be at once, and how many events throttled.

Source: Lambda Developer Guide, "Understanding Lambda function scaling". Modelled, not measured: the workload's times go
through the same pool of execution environments that runs functions here (`edge/environments/`), with AWS's limits, in
virtual time. Lambda@Edge runs in the Region that is nearest to each viewer, each with environments of its own, so that
traffic from many places finds fewer of them warm: requests are drawn evenly for `regions`. Choices where AWS is silent
(idle expiry, lifetime) are those of `edge/model/quotas.py`.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterable
from typing import NamedTuple

from edge.environments.pool import AWS_LIMITS, Limits, Pool, Throttle
from edge.environments.states import Move, State

_FUNCTION = "f"


class ColdStarts(NamedTuple):
    """Of all events. `environments_peak` is the most at once in one Region."""

    runs: int
    cold: int
    throttled: int
    environments_peak: int

    @property
    def cold_share(self) -> float:
        """Of the events that ran, 0 to 1."""
        return self.cold / self.runs if self.runs else 0.0


def simulate(
    arrivals_s: Iterable[float],
    *,
    duration_s: float,
    init_s: float,
    limits: Limits = AWS_LIMITS,
    regions: int = 1,
    seed: int = 1,
) -> ColdStarts:
    """Events at these times (ascending), each of which takes `duration_s`, after `init_s` in a new environment."""
    chance = random.Random(seed)
    regional = [_Region(limits) for _ in range(regions)]
    for now in arrivals_s:
        regional[chance.randrange(regions)].event(now, duration_s, init_s)
    parts = [region.result() for region in regional]
    return ColdStarts(
        sum(part.runs for part in parts),
        sum(part.cold for part in parts),
        sum(part.throttled for part in parts),
        max(part.environments_peak for part in parts),
    )


class _Region:
    def __init__(self, limits: Limits) -> None:
        self._pool = Pool(limits)
        self._next_moves: list[tuple[float, int, float]] = []
        self._alive = self._peak = 0
        self._runs = self._cold = self._throttled = 0

    def event(self, now: float, duration_s: float, init_s: float) -> None:
        self._catch_up(now)
        admitted = self._pool.admit(_FUNCTION, now)
        if isinstance(admitted, Throttle):
            self._throttled += 1
            return
        self._runs += 1
        if admitted.state is State.STARTING:
            self._cold += 1
            self._alive += 1
            self._peak = max(self._peak, self._alive)
            heapq.heappush(self._next_moves, (now + init_s, admitted.id, duration_s))
        else:
            heapq.heappush(self._next_moves, (now + duration_s, admitted.id, 0.0))

    def result(self) -> ColdStarts:
        return ColdStarts(self._runs, self._cold, self._throttled, self._peak)

    def _catch_up(self, now: float) -> None:
        """What happens to environments up to now."""
        while self._next_moves and self._next_moves[0][0] <= now:
            at, id, duration_s = heapq.heappop(self._next_moves)
            if self._pool.get(id).state is State.STARTING:
                self._pool.move(id, Move.INIT_DONE, at)
                self._pool.begin(id, at)
                heapq.heappush(self._next_moves, (at + duration_s, id, 0.0))
            else:
                self._pool.move(id, Move.DONE, at)
        for stopping in self._pool.sweep(now):
            self._pool.move(stopping.id, Move.STOPPED, now)
            self._alive -= 1
