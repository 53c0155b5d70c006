"""benchmarks/exchange.py"""

from __future__ import annotations

from benchmarks import exchange


def test_every_size_is_measured_with_hits_alone() -> None:
    """A request that is not a hit would raise."""
    rows = exchange.measure([3, 10], requests=20, rounds=1)
    assert [row["objects"] for row in rows] == [3, 10]
