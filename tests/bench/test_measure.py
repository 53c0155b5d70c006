"""Rounds: every variant gets the same requests at the same times, in turn."""

from __future__ import annotations

from collections.abc import Callable

from edge.bench.edge_under_test import EdgeUnderTest
from edge.bench.measure import Plan, measure
from edge.bench.workload import Workload
from edge.model.function import CloudFrontFunction, EventType
from tests.bench.conftest import REWRITE

MakeEdge = Callable[..., EdgeUnderTest]
PLAN = Plan(rounds=3, seconds=0.02, rate=1_000, warm_up=5)
THROWS = CloudFrontFunction("throws", "function handler(event) { throw new Error('no'); }")


async def test_each_variant_answers_the_same_requests(edge: MakeEdge, workload: Workload) -> None:
    edges = [edge(name="baseline"), edge((EventType.VIEWER_REQUEST, REWRITE), name="CloudFront Functions")]
    baseline, functions = await measure(edges, workload.asked, PLAN)
    assert baseline.requests == functions.requests > 0
    assert (baseline.added_s, len(functions.added_s)) == ((), 3)
    assert [stage.runs for stage in functions.stages] == [functions.requests]
    assert baseline.stages == ()
    assert functions.errors == 0


async def test_the_order_turns_from_round_to_round(edge: MakeEdge, workload: Workload) -> None:
    told: list[str] = []
    await measure([edge(name="a"), edge(name="b")], workload.asked, PLAN, told.append)
    rounds = [what for what in told if what.startswith("round")]
    assert [what[-1] for what in rounds] == ["a", "b", "b", "a", "a", "b"]


async def test_what_happened_during_the_warm_up_is_not_counted(edge: MakeEdge, workload: Workload) -> None:
    (only,) = await measure([edge((EventType.VIEWER_REQUEST, REWRITE))], workload.asked, PLAN)
    assert only.stages[0].runs == only.latencies.count == only.requests


async def test_percentiles_lie_within_their_intervals(edge: MakeEdge, workload: Workload) -> None:
    (only,) = await measure([edge()], workload.asked, PLAN)
    assert all(each.low <= each.value <= each.high for each in only.percentiles_s)


async def test_requests_that_a_function_fails_are_errors(edge: MakeEdge, workload: Workload) -> None:
    (only,) = await measure([edge((EventType.VIEWER_REQUEST, THROWS))], workload.asked, PLAN)
    assert only.errors == only.requests
    assert only.stages[0].failed == only.requests
