"""benchmarks/run.py: what it says of what it measured."""

from __future__ import annotations

from benchmarks import run
from benchmarks.load import Measured
from benchmarks.run import Series


def series(*rates: float, busy: float = 1.0, refused: int = 0) -> Series:
    return Series([Measured(rate, 100.0, 300.0, 0, refused) for rate in rates], [busy] * len(rates))


OPTIONS = run.parse(["--rounds", "2", "--seconds", "1"])


def test_the_ratio_is_ours_over_theirs() -> None:
    results = {"hit": {"edge": series(40.0, 50.0), "nginx": series(80.0, 100.0)}}
    assert "| hit | nginx | 0.50 (0.50-0.50) |" in run.table(results, OPTIONS)


def test_a_system_that_was_not_kept_busy_is_measured_by_the_second_of_cpu_time() -> None:
    """The load generator can be the limit; then requests per second say nothing about the server."""
    results = {"hit": {"edge": series(40.0), "nginx": series(80.0, busy=0.5)}}
    ratios = run.report(results, OPTIONS)["scenarios"]["hit"]["nginx"]["ratios"]
    assert (ratios["requests_per_s"]["median"], ratios["per_cpu_s"]["median"]) == (0.5, 0.25)


def test_a_measurement_with_errors_is_called_void() -> None:
    results = {"hit": {"edge": series(40.0), "nginx": series(80.0, refused=3)}}
    assert "nginx VOID: 0 broken, 3 refused" in run.table(results, OPTIONS)


def test_the_tail_is_told_as_a_multiple_of_the_median() -> None:
    results = {"hit": {"edge": series(40.0)}}
    assert run.report(results, OPTIONS)["scenarios"]["hit"]["edge"]["p99_over_p50"]["median"] == 3.0
