"""The real edge answers, and each run of a function is seen."""

from __future__ import annotations

from collections.abc import Callable

from edge.bench.edge_under_test import EdgeUnderTest, Variant, without_functions
from edge.bench.workload import Asked
from edge.model.function import CloudFrontFunction, EventType, FunctionCall, FunctionOutcome, LambdaFunction, Returned
from edge.model.headers import Headers
from edge.model.request import Request
from edge.model.result_type import ResultType
from tests.bench.conftest import REWRITE, distribution

MakeEdge = Callable[..., EdgeUnderTest]
LAMBDA = LambdaFunction("f", "1", "/nowhere", "index.handler", "nodejs22.x")


def page(path: str, body_bytes: int = 10, headers: Headers | None = None) -> Asked:
    return Asked(0, Request("GET", path, None, headers or Headers((("Host", "a.test"),))), body_bytes)


class Echo:
    async def run(self, call: FunctionCall) -> FunctionOutcome:
        return Returned(call.event["Records"][0]["cf"]["request"])


async def test_a_run_is_seen_with_its_function_event_time_and_outcome(edge: MakeEdge) -> None:
    under_test = edge((EventType.VIEWER_REQUEST, REWRITE))
    served = await under_test.serve(page("/a"))
    (run,) = under_test.take_runs()
    assert served.response.status == 200
    assert (run.function, run.event_type) == (REWRITE, EventType.VIEWER_REQUEST)
    assert run.duration_ns > 0
    assert isinstance(run.outcome, Returned)
    assert under_test.take_runs() == []


async def test_reads_of_key_value_stores_are_counted_for_each_run(edge: MakeEdge) -> None:
    code = "import cf from 'cloudfront'; async function handler(e) { await cf.kvs().get('a'); return e.request; }"
    reads = CloudFrontFunction("reads", code, key_value_store="routes")
    under_test = edge((EventType.VIEWER_REQUEST, reads), stores={"routes": {"a": "1"}})
    await under_test.serve(page("/a"))
    assert [run.kvs_reads for run in under_test.take_runs()] == [1]


async def test_lambda_functions_are_seen_at_their_events(edge: MakeEdge) -> None:
    under_test = edge((EventType.ORIGIN_REQUEST, LAMBDA), lambdas=Echo())
    await under_test.serve(page("/a"))
    assert (await under_test.serve(page("/a"))).result_type is ResultType.HIT
    assert [run.event_type for run in under_test.take_runs()] == [EventType.ORIGIN_REQUEST]


async def test_the_stand_in_for_the_origin_answers_with_the_workloads_bytes(edge: MakeEdge) -> None:
    asked = page("/big", 5_000)
    served = await edge(asked=(asked,)).serve(asked)
    assert served.response.body == b"x" * 5_000


def test_the_baseline_is_the_same_distribution_without_functions() -> None:
    whole = distribution((EventType.VIEWER_REQUEST, REWRITE))
    bare = without_functions(whole)
    assert Variant("a", whole).functions == ((EventType.VIEWER_REQUEST, REWRITE),)
    assert Variant("b", bare).functions == ()
    assert bare.behaviors[0].cache_policy == whole.behaviors[0].cache_policy
