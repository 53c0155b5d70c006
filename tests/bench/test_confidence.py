"""An interval is as wide as the rounds disagree."""

from __future__ import annotations

import random

import pytest

from edge.bench import confidence
from edge.bench.confidence import Interval


def test_rounds_that_agree_give_a_narrow_interval_around_their_median() -> None:
    found = confidence.interval([10.0, 10.1, 9.9, 10.0, 10.0])
    assert found.value == 10.0
    assert 9.9 <= found.low <= 10.0 <= found.high <= 10.1


def test_one_round_has_no_interval() -> None:
    assert confidence.interval([3.0]) == Interval(3.0, 3.0, 3.0)


def test_one_seed_gives_one_interval() -> None:
    rounds = [random.Random(5).gauss(10, 2) for _ in range(9)]
    assert confidence.interval(rounds, seed=3) == confidence.interval(rounds, seed=3)


def test_a_disturbance_of_both_in_one_round_is_no_difference() -> None:
    found = confidence.difference([11.0, 51.0, 12.0], [10.0, 50.0, 11.0])
    assert found == Interval(1.0, 1.0, 1.0)
    assert found.excludes_zero


@pytest.mark.parametrize(
    ("found", "expected"),
    [(Interval(1, 0.1, 2), True), (Interval(1, -0.1, 2), False), (Interval(-1, -2, -0.1), True)],
)
def test_an_interval_around_zero_is_no_difference(found: Interval, expected: bool) -> None:
    assert found.excludes_zero is expected


def test_most_intervals_hold_the_true_value() -> None:
    chance = random.Random(11)
    held = 0
    for _ in range(40):
        found = confidence.interval([chance.gauss(10, 1) for _ in range(12)])
        held += found.low <= 10 <= found.high
    assert held >= 34
