"""How sure a number is: its value and an interval, by bootstrap over rounds.

Requests within a round disturb each other, rounds hardly do: so rounds are what is drawn again (Efron, 1979). With few
rounds an interval is wide, and rightly so.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

RESAMPLES = 2_000


@dataclass(frozen=True, slots=True)
class Interval:
    """The median of the rounds, and the bounds of its 95 % confidence interval."""

    value: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether there is a difference at all."""
        return self.low > 0 or self.high < 0


def interval(rounds: Sequence[float], *, seed: int = 1, level: float = 0.95) -> Interval:
    """The interval of at least one round. One round alone has no interval: its bounds are its value."""
    chance = random.Random(seed)
    drawn = sorted(median(chance.choices(rounds, k=len(rounds))) for _ in range(RESAMPLES))
    tail = (1 - level) / 2
    low, high = drawn[int(tail * RESAMPLES)], drawn[min(RESAMPLES - 1, int((1 - tail) * RESAMPLES))]
    return Interval(median(rounds), low, high)


def difference(ours: Sequence[float], theirs: Sequence[float], *, seed: int = 1) -> Interval:
    """Ours less theirs, round by round: what disturbs the machine in one round disturbs both."""
    return interval([mine - other for mine, other in zip(ours, theirs, strict=True)], seed=seed)


def mean(values: Sequence[float]) -> float:
    """The mean; 0 of nothing."""
    return fmean(values) if values else 0.0
