"""What is told of a function's runs."""

from __future__ import annotations

import pytest

from edge.bench.edge_under_test import Run
from edge.bench.recommendation import Tier
from edge.bench.stage import stages
from edge.model.function import (
    CloudFrontFunction,
    EventType,
    LambdaFunction,
    LambdaReport,
    Returned,
    Threw,
    Throttled,
    TimedOut,
    Usage,
)

FUNCTION = CloudFrontFunction("f", "function handler(e) { return e.request; }")
LAMBDA = LambdaFunction("g", "1", "/g", "index.handler", "nodejs22.x")
REQUEST, RESPONSE = EventType.VIEWER_REQUEST, EventType.VIEWER_RESPONSE


def report(duration_ms: float, init_ms: float | None = None) -> LambdaReport:
    return LambdaReport("id", duration_ms, 0, 128, 64, init_ms)


def test_a_function_at_two_events_is_two_stages() -> None:
    runs = [Run(FUNCTION, event, 1_000, Returned(None)) for event in (REQUEST, RESPONSE, REQUEST)]
    assert [(stage.event_type, stage.runs) for stage in stages(runs)] == [(REQUEST, 2), (RESPONSE, 1)]


def test_the_tail_of_compute_utilization_is_what_counts() -> None:
    used = [*[10] * 98, 60, 60]
    runs = [Run(FUNCTION, REQUEST, 1_000, Returned(None, usage=Usage(each, 0.0, each * 100))) for each in used]
    (stage,) = stages(runs)
    assert (stage.utilization_mean, stage.utilization_p99, stage.memory_bytes) == (11, 60, 6_000)
    assert stage.tier is Tier.CLOUDFRONT_FUNCTIONS


def test_cold_runs_are_counted_and_kept_out_of_the_warm_ones() -> None:
    reports = [report(100, init_ms=150), report(1.2), report(2.8)]
    (stage,) = stages([Run(LAMBDA, REQUEST, 1_000, Returned(None, report=each)) for each in reports])
    assert (stage.cold, stage.warm_ms) == (1, (1.2, 2.8))
    assert stage.memory_bytes == 64 * 1024 * 1024


def test_failures_and_throttles_are_told_apart() -> None:
    outcomes = [Returned(None), Threw("no"), TimedOut(), Throttled("ConcurrentInvocationLimitExceeded")]
    (stage,) = stages([Run(LAMBDA, REQUEST, 1_000, outcome) for outcome in outcomes])
    assert (stage.runs, stage.failed, stage.throttled) == (4, 2, 1)


def test_logs_are_counted_as_cloudwatch_counts_them() -> None:
    (stage,) = stages([Run(FUNCTION, REQUEST, 1, Returned(None, ("añ", "b"))), Run(FUNCTION, REQUEST, 1, Returned(1))])
    assert stage.log_bytes == pytest.approx((3 + 26 + 1 + 26) / 2)


def test_store_reads_are_told_for_each_run() -> None:
    (stage,) = stages([Run(FUNCTION, REQUEST, 1, Returned(None), kvs_reads=each) for each in (0, 1)])
    assert stage.kvs_reads == 0.5


def test_percentiles_have_an_interval_over_the_rounds_in_which_the_function_ran() -> None:
    rounds = [[Run(FUNCTION, REQUEST, ms * 1_000_000, Returned(None))] for ms in (1, 3)]
    (stage,) = stages(rounds[0], [], rounds[1])
    p50 = stage.percentiles_s[0]
    assert (p50.low, p50.value, p50.high) == pytest.approx((0.001, 0.002, 0.003), rel=0.01)
