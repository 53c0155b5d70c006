"""Percentiles of durations, with three significant digits."""

from __future__ import annotations

import pytest
from hdrh.histogram import HdrHistogram

from edge.bench.latency import Latencies


def test_percentiles_are_right_to_three_digits_over_the_whole_range() -> None:
    found = Latencies(range(1_000, 1_001_000, 1_000))
    assert found.percentile_s(50) == pytest.approx(500e-6, rel=1e-3)
    assert found.percentile_s(99) == pytest.approx(990e-6, rel=1e-3)
    assert found.mean_s == pytest.approx(500.5e-6, rel=1e-3)
    assert (found.count, found.max_s) == (1_000, 1e-3)


def test_nothing_recorded_is_zero_everywhere() -> None:
    found = Latencies()
    assert (found.count, found.mean_s, found.max_s, found.percentile_s(99)) == (0, 0, 0, 0)


def test_rounds_add_up() -> None:
    found = Latencies([1_000])
    found.add(Latencies([3_000, 2_000]))
    assert (found.count, found.max_s) == (3, 3e-6)


def test_the_curve_rises_from_the_shortest_to_the_longest() -> None:
    curve = Latencies([5_000, 1_000, 9_000]).curve()
    assert curve == sorted(curve)
    assert (curve[0][0], curve[-1]) == (pytest.approx(1e-6, rel=1e-3), (9e-6, 1.0))


def test_the_encoded_form_is_hdrhistograms_own() -> None:
    again = HdrHistogram.decode(Latencies([1_000, 2_000]).encoded())
    assert again.get_total_count() == 2


def test_what_takes_more_than_a_minute_is_kept_as_the_maximum() -> None:
    assert Latencies([90_000_000_000]).max_s == 90
