"""A whole bench of one rewrite in both tiers: what the report has to stand on."""

from __future__ import annotations

from edge.bench.power import Basis
from edge.bench.recommendation import Tier
from edge.bench.results import Results
from tests.bench.conftest import WORKLOAD


def test_both_tiers_get_the_same_requests_as_the_baseline(results: Results) -> None:
    assert [each.name for each in results.measured] == ["without functions", "CloudFront Functions", "Lambda@Edge"]
    assert len({each.requests for each in results.measured}) == 1
    assert [each.errors for each in results.measured] == [0, 0, 0]


def test_each_request_runs_the_function_once(results: Results) -> None:
    _, functions, lambdas = results.measured
    assert [stage.runs for stage in (*functions.stages, *lambdas.stages)] == [functions.requests, lambdas.requests]
    assert [stage.tier for stage in (*functions.stages, *lambdas.stages)] == [*Tier]


def test_the_tiers_are_compared_before_they_are_measured(results: Results) -> None:
    assert results.agreement is not None
    assert (results.agreement.alike, results.agreement.requests) == (len(WORKLOAD.asked), len(WORKLOAD.asked))


def test_every_cold_start_is_made_in_a_new_environment(results: Results) -> None:
    (cold,) = results.cold_measured
    assert cold.latencies.count == 2
    assert cold.init_ms.value > 0
    assert results.environments_reached >= 1


def test_what_a_function_does_to_the_cache_is_counted(results: Results) -> None:
    """The rewrite makes one object of all URLs."""
    bare, functions, lambdas = results.cache.values()
    assert (functions.keys, lambdas.keys) == (1, 1)
    assert bare.keys == WORKLOAD.urls
    assert functions.hit_ratio > bare.hit_ratio


def test_what_was_not_measured_is_called_modelled(results: Results) -> None:
    """The process provider gives a function a whole CPU."""
    assert [cost.duration_basis for cost in results.costs.values()] == [None, None, Basis.MODELLED]
    assert [sweep.basis for sweep in results.sweeps] == [Basis.MODELLED]
    assert any("whole CPU" in note for note in results.notes)


def test_the_logic_is_told_to_move_to_where_it_costs_less(results: Results) -> None:
    (verdict,) = results.verdicts
    assert verdict.recommendation.tier is Tier.CLOUDFRONT_FUNCTIONS
    assert verdict.lambda_usd is not None
    assert verdict.lambda_usd > 6 * verdict.function_usd
