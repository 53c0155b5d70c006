"""A whole bench of one rewrite in both tiers: what the report has to stand on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from edge.bench import prices, subjects
from edge.bench.cost import LambdaUse
from edge.bench.measure import Plan
from edge.bench.power import Basis
from edge.bench.recommendation import Tier
from edge.bench.results import Results
from edge.bench.session import Options, Session
from edge.bench.subjects import Settings
from edge.bench.workload import Asked
from edge.model.function import EventType
from edge.model.path_pattern import PathPattern
from edge.model.request import Request
from tests.bench.conftest import REWRITE, WORKLOAD


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


@pytest.mark.parametrize("event", [EventType.ORIGIN_REQUEST, EventType.ORIGIN_RESPONSE])
async def test_a_function_that_runs_on_misses_is_measured_and_billed_by_the_share_of_misses(
    tmp_path: Path, event: EventType
) -> None:
    """In the rounds its answers come from the cache: it has requests of its own, and the bill has its runs."""
    member = "response" if event is EventType.ORIGIN_RESPONSE else "request"
    code = f"def handler(event, context):\n    return event['Records'][0]['cf']['{member}']\n"
    (tmp_path / "auth.py").write_text(code)
    found = subjects.of_files([str(tmp_path / "auth.py")], Settings(event_type=event))
    plan = Plan(rounds=2, seconds=0.05, rate=100, warm_up=len(WORKLOAD.asked))
    options = Options(plan, prices.load(), engine="native", concurrency=100, cold_starts=1, target_ms=0.0)
    results = await Session(found, WORKLOAD, options).run()
    _, lambdas = results.measured
    (stage,) = lambdas.stages
    assert (stage.event_type, stage.runs, stage.failed) == (event, 40, 0)
    assert len(stage.warm_ms) >= 39
    (use,) = results.costs["Lambda@Edge"].uses
    assert isinstance(use, LambdaUse)
    assert use.runs == results.cache["Lambda@Edge"].origin_requests / len(WORKLOAD.asked)
    assert {line.price for line in results.costs["Lambda@Edge"].monthly.lines} >= {
        "lambda_edge_requests",
        "lambda_edge_gb_seconds",
    }
    (verdict,) = results.verdicts
    assert verdict.recommendation.tier is Tier.LAMBDA_EDGE
    assert any("misses" in note for note in results.notes)


async def test_a_function_that_no_round_came_to_is_named(tmp_path: Path) -> None:
    """The workload asks for it at its end only, and rounds are short."""
    (tmp_path / "rewrite.js").write_text(REWRITE.code)
    found = subjects.of_files([str(tmp_path / "rewrite.js")], Settings(event_type=EventType.VIEWER_REQUEST))
    bare, with_function = found.variants
    whole = with_function.distribution
    late = replace(whole.behaviors[-1], path_pattern=PathPattern("/late"))
    distribution = replace(whole, behaviors=(late, bare.distribution.behaviors[-1]))
    asked = (*WORKLOAD.asked, Asked(1.0, Request("GET", "/late", None, found.template.headers)))
    plan = Plan(rounds=1, seconds=0.05, rate=50, warm_up=1)
    options = Options(plan, prices.load(), engine="native", target_ms=0.0)
    some = replace(found, variants=(bare, replace(with_function, distribution=distribution)))
    results = await Session(some, replace(WORKLOAD, asked=asked), options).run()
    assert "CloudFront Functions: rewrite runs at viewer-request in the workload, but ran in no round" in "\n".join(
        results.notes
    )
