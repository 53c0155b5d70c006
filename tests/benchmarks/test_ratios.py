"""benchmarks/ratios.py"""

from __future__ import annotations

from benchmarks.ratios import Spread, ratio, spread


def test_a_spread_is_the_median_with_the_lowest_and_the_highest() -> None:
    assert spread([3.0, 1.0, 10.0]) == Spread(3.0, 1.0, 10.0)


def test_a_ratio_is_taken_round_by_round() -> None:
    """A round in which the machine was slow for both does not widen it."""
    assert ratio([100.0, 10.0, 50.0], [200.0, 20.0, 100.0]) == Spread(0.5, 0.5, 0.5)


def test_a_spread_reads_as_one_number_with_its_range() -> None:
    assert f"{spread([1000.0, 2000.0, 3000.0]):,.0f}" == "2,000 (1,000-3,000)"
