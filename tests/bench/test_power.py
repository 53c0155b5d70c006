"""Power tuning: the curve, and the three strategies."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from edge.bench import power, prices
from edge.bench.power import Basis, Point, Sweep

PRICES = prices.load()
SWEEP = Sweep(
    "f", (Point(128, 80, 1.2), Point(512, 20, 1.3), Point(1_024, 10, 1.8), Point(3_008, 9.95, 4.0)), Basis.MEASURED
)


@pytest.mark.parametrize(("memory_mb", "share"), [(128, 0.0724), (1_769, 1.0), (3_008, 1.0)])
def test_cpu_is_in_proportion_to_memory_up_to_one_for_one_thread(memory_mb: int, share: float) -> None:
    assert power.cpu_share(memory_mb) == pytest.approx(share, abs=1e-4)


def test_the_strategies_choose_as_power_tuning_does() -> None:
    assert (SWEEP.cheapest.memory_mb, SWEEP.fastest.memory_mb, SWEEP.balanced.memory_mb) == (128, 1_024, 512)


def test_a_model_takes_longer_with_less_memory_and_costs_the_same_gb_seconds() -> None:
    sweep = power.modelled("f", [20.0], PRICES, sizes=(1_769, 128))
    whole, small = sweep.points
    assert sweep.basis is Basis.MODELLED
    assert (whole.duration_ms, small.duration_ms) == (20.0, pytest.approx(276.4, abs=0.1))
    assert small.usd_per_million == pytest.approx(whole.usd_per_million, rel=0.01)


def test_short_runs_are_billed_a_whole_millisecond_each() -> None:
    assert power.billed_mean_ms([0.2, 0.4, 1.1]) == pytest.approx(4 / 3)
    assert power.billed_mean_ms([0.2, 0.4], slower=10) == 3


async def test_sizes_are_measured_where_cpu_is_limited() -> None:
    async def durations_at(memory_mb: int) -> Sequence[float]:
        return [12_800 / memory_mb]

    sweep = await power.measured("f", durations_at, PRICES, sizes=(128, 256))
    assert sweep.basis is Basis.MEASURED
    assert [point.duration_ms for point in sweep.points] == [100, 50]
