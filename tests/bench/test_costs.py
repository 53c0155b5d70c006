"""From what was seen of functions to what they cost on AWS."""

from __future__ import annotations

import pytest

from edge.bench import costs, prices
from edge.bench.cache_effect import CacheEffect
from edge.bench.cold_starts import ColdStarts
from edge.bench.cost import LambdaUse
from edge.bench.edge_under_test import Run
from edge.bench.power import Basis
from edge.bench.stage import Stage, stages
from edge.model.function import EventType, LambdaFunction, LambdaReport, Returned
from edge.model.result_type import ResultType
from tests.bench.conftest import REWRITE

PRICES = prices.load()
AT = EventType.VIEWER_REQUEST
ONE = LambdaFunction("one", "1", "/one", "index.handler", "nodejs22.x", memory_mb=128)
OTHER = LambdaFunction("other", "1", "/other", "index.handler", "nodejs22.x", memory_mb=1_769)


def seen(*functions: LambdaFunction) -> tuple[Stage, ...]:
    """Each ran once, warm, for 10 ms."""
    report = LambdaReport("id", 10.0, 10, 128, 64, None)
    return stages([Run(function, AT, 1_000, Returned(None, report=report)) for function in functions])


def effect(*functions: object) -> CacheEffect:
    """Each ran for every second request."""
    return CacheEffect(4, {ResultType.HIT: 4}, 0, 100.0, {(AT, one): (0.0, 1.0) for one in functions}, 1)  # type: ignore[misc]


def test_durations_at_a_whole_cpu_are_stretched_to_the_memorys_share_of_it() -> None:
    cost = costs.of_variant(seen(ONE), effect(ONE), {}, PRICES, requests_per_month=1, limits_cpu=False)
    (use,), (low,) = cost.uses, cost.uses_low
    assert isinstance(use, LambdaUse)
    assert isinstance(low, LambdaUse)
    assert (use.billed_mean_ms, low.billed_mean_ms) == (139, 10)
    assert cost.per_million > cost.per_million_low
    assert cost.duration_basis is Basis.MODELLED


def test_durations_under_their_share_stay_as_they_were_measured() -> None:
    cost = costs.of_variant(seen(ONE), effect(ONE), {}, PRICES, requests_per_month=1, limits_cpu=True)
    assert cost.uses == cost.uses_low
    assert cost.per_million == pytest.approx(0.5 * (0.60 + 1e6 * 0.010 * 0.125 * 0.00005001))
    assert cost.duration_basis is Basis.MEASURED


def test_each_function_is_billed_its_own_cold_starts() -> None:
    cold = {"one": ColdStarts(100, 10, 0, 1), "other": ColdStarts(100, 0, 0, 1)}
    cost = costs.of_variant(
        seen(ONE, OTHER),
        effect(ONE, OTHER),
        cold,
        PRICES,
        requests_per_month=1,
        limits_cpu=True,
        bills_init=True,
        init_ms={"one": 200.0, "other": 50.0},
    )
    told = [(use.cold_share, use.init_ms) for use in cost.uses if isinstance(use, LambdaUse)]
    assert told == [(0.1, 200.0), (0.0, 50.0)]


def test_without_lambda_no_duration_is_billed() -> None:
    runs = stages([Run(REWRITE, AT, 1_000, Returned(None), kvs_reads=2)])
    cost = costs.of_variant(runs, effect(REWRITE), {}, PRICES, requests_per_month=1_000_000, limits_cpu=False)
    assert cost.duration_basis is None
    assert cost.per_million == pytest.approx(0.5 * (0.10 + 2 * 0.03))
    assert cost.monthly.usd == 0  # the free tier is larger
