"""Power tuning: what a Lambda@Edge function takes and costs at each memory size, and which size to take.

Source: Lambda Developer Guide, "Configure Lambda function memory": CPU is in proportion to memory, 1,769 MB are one
vCPU. Where the provider holds a function to that share, sizes are measured. Where it does not, they are modelled from
the duration at a whole CPU, as if all of it were CPU time of one thread: too long for a function that waits. The three
strategies are those of AWS Lambda Power Tuning.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from edge.bench import cost
from edge.bench.confidence import mean
from edge.bench.cost import LambdaUse
from edge.bench.prices import Prices
from edge.model import quotas
from edge.runtimes.lambda_edge.log_lines import billed_ms

SIZES_MB = (128, 256, 512, 1_024, 1_769, 3_008)


class Basis(StrEnum):
    """Where a number comes from; no report mixes two without saying so."""

    MEASURED = "measured here"
    SIMULATED = "simulated"
    MODELLED = "modelled"


class Point(NamedTuple):
    """One memory size: mean duration, and US dollars for a million runs."""

    memory_mb: int
    duration_ms: float
    usd_per_million: float


@dataclass(frozen=True, slots=True)
class Sweep:
    """A function at every size, in ascending order."""

    function: str
    points: tuple[Point, ...]
    basis: Basis

    @property
    def cheapest(self) -> Point:
        """Strategy "cost"."""
        return min(self.points, key=lambda point: (point.usd_per_million, point.duration_ms))

    @property
    def fastest(self) -> Point:
        """Strategy "speed": of sizes that are equally fast (to a hundredth), the cheapest."""
        least = min(point.duration_ms for point in self.points)
        fast = [point for point in self.points if point.duration_ms <= least * 1.01]
        return min(fast, key=lambda point: point.usd_per_million)

    @property
    def balanced(self) -> Point:
        """Strategy "balanced": duration and cost, each as a share of its highest, weigh the same."""
        slowest = max(point.duration_ms for point in self.points) or 1.0
        dearest = max(point.usd_per_million for point in self.points) or 1.0
        return min(self.points, key=lambda point: point.duration_ms / slowest + point.usd_per_million / dearest)


def cpu_share(memory_mb: int) -> float:
    """The part of one vCPU that a single thread can have, at most 1."""
    return min(1.0, memory_mb / quotas.LAMBDA_MEMORY_MB_PER_VCPU)


def billed_mean_ms(durations_ms: Sequence[float], *, slower: float = 1.0) -> float:
    """The mean of what each run is billed, if each took `slower` times as long."""
    return mean([billed_ms(duration_ms * slower, None) for duration_ms in durations_ms])


def modelled(function: str, durations_ms: Sequence[float], prices: Prices, sizes: Sequence[int] = SIZES_MB) -> Sweep:
    """A sweep from durations at a whole CPU."""
    points = tuple(_point(function, size, durations_ms, prices, slower=1 / cpu_share(size)) for size in sizes)
    return Sweep(function, points, Basis.MODELLED)


async def measured(
    function: str,
    durations_at: Callable[[int], Awaitable[Sequence[float]]],
    prices: Prices,
    sizes: Sequence[int] = SIZES_MB,
) -> Sweep:
    """A sweep of what `durations_at` gives for each size: the durations of warm runs in milliseconds, under a provider
    that limits CPU."""
    points = [_point(function, size, await durations_at(size), prices) for size in sizes]
    return Sweep(function, tuple(points), Basis.MEASURED)


def _point(
    function: str, memory_mb: int, durations_ms: Sequence[float], prices: Prices, *, slower: float = 1.0
) -> Point:
    use = LambdaUse(function, billed_mean_ms(durations_ms, slower=slower), memory_mb)
    return Point(memory_mb, mean(durations_ms) * slower, cost.per_million([use], prices))
