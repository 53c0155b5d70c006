"""What functions do to the cache: the workload, at its own times, through the real edge in virtual time.

Nothing is measured here but counts, so that hours pass in a moment; functions really run, and the origin is a stand-in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from edge.bench.edge_under_test import EdgeUnderTest
from edge.bench.workload import Asked
from edge.model.body import known_length
from edge.model.function import EventType, Function
from edge.model.result_type import ResultType
from edge.model.served import Served

_HITS = frozenset({ResultType.HIT, ResultType.REFRESH_HIT})


class VirtualTime:
    """A clock that stands still until it is set. Epoch seconds."""

    def __init__(self, now: float) -> None:
        self.at = now

    def now(self) -> float:
        """The time it was set to."""
        return self.at


@dataclass(frozen=True, slots=True)
class CacheEffect:
    """Of all requests: how many were answered how, how many asked the origin, mean bytes to the viewer with heads, and
    the runs of each function. `keys` is how many objects the cache held apart."""

    requests: int
    results: Mapping[ResultType, int]
    origin_requests: int
    mean_bytes_out: float
    runs: Mapping[tuple[EventType, Function], int]
    keys: int

    @property
    def hit_ratio(self) -> float:
        """Hits and refresh hits of all requests, 0 to 1."""
        return sum(count for result, count in self.results.items() if result in _HITS) / self.requests

    def runs_per_request(self, event_type: EventType, function: Function) -> float:
        """How often a function runs for each viewer request."""
        return self.runs.get((event_type, function), 0) / self.requests


async def study(
    edge: EdgeUnderTest,
    clock: VirtualTime,
    asked: Sequence[Asked],
    tell: Callable[[int], None] = lambda done: None,
) -> CacheEffect:
    """Send the requests one after another, each at its time on the clock. `tell` hears how many are done."""
    start = clock.at
    results: Counter[ResultType] = Counter()
    keys = set()
    origin_requests = bytes_out = 0
    for number, one in enumerate(asked, 1):
        clock.at = start + one.at_s
        served = await edge.serve(one)
        results[served.result_type] += 1
        origin_requests += bool(served.trail.origins)
        bytes_out += _bytes_of(served, one)
        keys.add(served.trail.cache_key)
        tell(number)
    runs = Counter((run.event_type, run.function) for run in edge.take_runs())
    return CacheEffect(len(asked), results, origin_requests, bytes_out / len(asked), runs, len(keys - {None}))


def _bytes_of(served: Served, asked: Asked) -> int:
    head = served.response.headers.plus(served.edge_lines).wire()
    body = 0 if asked.request.method == "HEAD" else known_length(served.response.body) or 0
    return len(head) + body
