"""Promises of edge/logs/metrics.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from edge.logs.metrics import Metrics
from edge.model.distribution import ALL_METHODS, Distribution
from edge.model.function import CloudFrontFunction, EventType, JavaScriptRuntime, Returned, Threw, Throttled, Usage
from edge.testing import Playbook


def values(metrics: Metrics) -> dict[str, str]:
    """Name and labels -> value."""
    lines = [line.rpartition(" ") for line in metrics.text(7).splitlines() if not line.startswith("#")]
    return {name: value for name, _, value in lines}


ID = '{DistributionId="E1EXAMPLE",Region="Global"}'


def test_requests_bytes_and_rates_under_cloudfronts_names(distribution: Distribution) -> None:
    metrics = Metrics(lambda: ("E1", "d1.cloudfront.net"))
    behavior = replace(distribution.behaviors[0], allowed_methods=ALL_METHODS)
    play = Playbook(replace(distribution, behaviors=(behavior,)))
    metrics.count(play.get("/a").origin_answers(200, "hello").served, 5, True)
    metrics.count(play.get("/a").served, 5, True)
    metrics.count(play.request("POST", "/a", body=b"123").origin_answers(200).served, 0, True)
    metrics.count(play.get("/gone").origin_answers(404).served, 0, True)
    metrics.count(play.get("/bad").origin_answers(503).served, 0, True)
    found = values(metrics)
    assert found[f"cloudfront_requests_total{ID}"] == "5"
    assert found[f"cloudfront_bytes_downloaded_total{ID}"] == "10"
    assert found[f"cloudfront_bytes_uploaded_total{ID}"] == "3"
    assert found[f"cloudfront_4xx_error_rate{ID}"] == "20.0"
    assert found[f"cloudfront_5xx_error_rate{ID}"] == "20.0"
    assert found[f"cloudfront_total_error_rate{ID}"] == "40.0"
    assert found[f"cloudfront_404_error_rate{ID}"] == "20.0"
    assert found[f"cloudfront_cache_hit_rate{ID}"] == "50.0"
    assert f"cloudfront_origin_latency{ID}" in found
    assert found['edge_results_total{x_cache="Miss"}'] == "2"
    assert found["edge_cache_objects"] == "7"


def test_functions(distribution: Distribution) -> None:
    metrics = Metrics()
    function = CloudFrontFunction("gate", "", JavaScriptRuntime.JS_2_0)
    behavior = replace(distribution.behaviors[0], functions={EventType.VIEWER_REQUEST: function})
    outcomes: list[Any] = [
        Returned({"statusCode": 204}, usage=Usage(20, 1.0, 0)),
        Returned({"statusCode": "none"}, usage=Usage(30, 1.0, 0)),
        Threw("TypeError"),
        Throttled("too many"),
    ]
    run: Callable[[Any], Any] = lambda call: outcomes.pop(0)  # noqa: E731
    play = Playbook(replace(distribution, behaviors=(behavior,)), functions=run)
    for _ in range(4):
        metrics.count(play.get("/a").served, 0, True)
    found = values(metrics)
    gate = '{FunctionName="gate",Region="Global"}'
    assert found[f"cloudfront_function_invocations_total{gate}"] == "4"
    assert found[f"cloudfront_function_validation_errors_total{gate}"] == "1"
    assert found[f"cloudfront_function_execution_errors_total{gate}"] == "1"
    assert found[f"cloudfront_function_throttles_total{gate}"] == "1"
    assert found[f"cloudfront_function_compute_utilization{gate}"] == "12.5"


def test_every_metric_has_its_help_and_type() -> None:
    lines = Metrics().text(0).splitlines()
    names = {line.split("{")[0].split(" ")[0] for line in lines if not line.startswith("#")}
    assert names <= {line.split(" ")[2] for line in lines if line.startswith("# HELP")}
    assert names <= {line.split(" ")[2] for line in lines if line.startswith("# TYPE")}


def test_each_distribution_counts_for_itself(distribution: Distribution) -> None:
    metrics = Metrics()
    for id in ("E1", "E2", "E2"):
        site = replace(distribution, id=id)
        metrics.count(Playbook(site).get("/a").origin_answers(200, "hello").served, 5, True)
    found = values(metrics)
    assert found['cloudfront_requests_total{DistributionId="E1",Region="Global"}'] == "1"
    assert found['cloudfront_requests_total{DistributionId="E2",Region="Global"}'] == "2"
    assert found['edge_responses_total{status="200"}'] == "3"


def test_execution_environments() -> None:
    """What events met, and what lives now."""
    counts = {"cold": 3, "warm": 40, "restored": 1, "throttled": 2, "busy": 1, "waiting": 2}
    found = values(Metrics(environments=lambda: counts))
    assert found['edge_lambda_starts_total{kind="cold"}'] == "3"
    assert found['edge_lambda_starts_total{kind="restored"}'] == "1"
    assert found['edge_lambda_environments{state="waiting"}'] == "2"
    assert found['edge_lambda_environments{state="busy"}'] == "1"
