"""`--json`: everything that was found, for a program; measured, simulated and modelled apart."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hdrh.histogram import HdrHistogram

from edge.bench.report_json import as_json
from edge.bench.results import Results


@pytest.fixture(scope="module")
def report(results: Results) -> dict[str, Any]:
    """As a program gets it."""
    answer: dict[str, Any] = json.loads(json.dumps(as_json(results), allow_nan=False))
    return answer


def test_a_latency_has_every_percentile_with_its_interval(report: dict[str, Any]) -> None:
    for each in report["measured"]:
        assert set(each["latency_ms"]) == {"p50", "p90", "p99", "max"}
        for name, (value, low, high) in each["latency_intervals_ms"].items():
            assert low <= value <= high
            assert value == each["latency_ms"][name]


def test_every_stage_has_its_distribution_and_what_it_used(report: dict[str, Any]) -> None:
    function, handler = (stage for each in report["measured"] for stage in each["stages"])
    assert (function["tier"], handler["tier"]) == ("CloudFront Functions", "Lambda@Edge")
    for stage in (function, handler):
        assert stage["outcomes"] == {"Returned": report["measured"][0]["requests"]}
        assert set(stage["latency_intervals_ms"]) == {"p50", "p90", "p99"}
    assert 0 < function["compute_utilization"]["mean"] <= function["compute_utilization"]["p99"] <= 100
    assert handler["memory_max_bytes"] > 1_000_000
    assert handler["duration_mean_ms"] > 0


def test_a_histogram_can_be_read_by_hdrhistograms_own_tools(report: dict[str, Any]) -> None:
    each = report["measured"][0]
    histogram = HdrHistogram.decode(each["hdr_histogram_ns"])
    assert histogram.get_total_count() == each["requests"]


def test_nothing_modelled_or_simulated_stands_among_what_was_measured(report: dict[str, Any]) -> None:
    said = json.dumps([report["measured"], report["cold_starts"], report["concurrency"]])
    assert not [word for word in ("usd", "hit_ratio", "cold_share", "regions", "billed") if word in said]


def test_the_bill_adds_up(report: dict[str, Any]) -> None:
    for cost in report["modelled"].values():
        total = sum(line["usd"] for line in cost["bill"])
        assert total == pytest.approx(cost["usd_per_month"] + cost["delivery_usd_per_month"])


def test_every_price_says_when_and_where_it_was_read(report: dict[str, Any]) -> None:
    for price in report["prices"].values():
        assert price["seen"] >= "2026"
        assert price["source"]
        assert price["certainty"] in ("sure", "likely", "guess")
    assert report["prices"]["data_out"]["steps"][-1] == [None, 0.02]
    assert report["prices"]["cloudfront_functions_runs"]["free_per_month"] == 2_000_000


def test_a_recommendation_names_each_rule(report: dict[str, Any]) -> None:
    (one,) = report["recommendations"]
    assert [rule["rule"] for rule in one["rules"]][:4] == ["trigger", "network", "body", "size"]
    assert all(rule["source"] for rule in one["rules"])
