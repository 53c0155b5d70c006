"""benchmarks/soak.py: halves are compared, failures are counted."""

from __future__ import annotations

from benchmarks.load import Measured
from benchmarks.soak import Window, verdict

MIB = 1024 * 1024


def window(rate: float, p99_us: float, memory_mb: int, *, refused: int = 0, kind: str = "hits") -> Window:
    return Window(kind, Measured(rate, 100, p99_us, 0, refused), memory_mb * MIB)


def test_what_stays_flat_is_one() -> None:
    assert "| hits | 4 | 1.00 | 1.00 | 0 |" in verdict([window(100, 10, 80)] * 4)


def test_a_tail_and_a_memory_that_grow_are_told() -> None:
    told = verdict([window(100, 10, 80), window(100, 10, 90), window(80, 30, 100), window(80, 30, 130)])
    assert "| hits | 4 | 0.80 | 3.00 | 0 |" in told
    assert "80 MB after the first window, 130 MB after the last, +30 MB in the second half" in told


def test_failures_are_counted_for_each_kind() -> None:
    told = verdict([window(1, 1, 1), window(1, 1, 1, refused=3, kind="misses")])
    assert "| misses | 1 | 1.00 | 1.00 | 3 |" in told
