"""The decision rule: each question, each answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from edge.bench.needs import Needs
from edge.bench.recommendation import Tier, headline, recommend
from edge.model.function import EventType

SMALL = Needs(EventType.VIEWER_REQUEST, 3_072, utilization=41, memory_bytes=40_960)
BOTH = frozenset(Tier)


def test_what_needs_nothing_special_is_a_cloudfront_function() -> None:
    assert recommend(SMALL).tier is Tier.CLOUDFRONT_FUNCTIONS


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"event_type": EventType.ORIGIN_REQUEST}, "trigger"),
        ({"event_type": EventType.ORIGIN_RESPONSE}, "trigger"),
        ({"network": ("https",)}, "network"),
        ({"files": ("fs",)}, "files"),
        ({"reads_body": True}, "body"),
        ({"code_bytes": 10 * 1024 + 1}, "size"),
        ({"utilization": 71}, "time"),
        ({"utilization": 140}, "time"),
        ({"memory_bytes": 2 * 1024 * 1024 + 1}, "memory"),
    ],
)
def test_what_only_lambda_at_edge_can_do_decides_for_it(change: dict[str, Any], rule: str) -> None:
    found = recommend(replace(SMALL, **change))
    assert found.tier is Tier.LAMBDA_EDGE
    assert [reason.rule for reason in found.because] == [rule]


@pytest.mark.parametrize("change", [{"code_bytes": 10 * 1024}, {"utilization": 70}, {"memory_bytes": 2 * 1024 * 1024}])
def test_a_limit_that_is_just_held_does_not_decide(change: dict[str, Any]) -> None:
    assert recommend(replace(SMALL, **change)).tier is Tier.CLOUDFRONT_FUNCTIONS


@pytest.mark.parametrize(
    ("utilization", "word"), [(50, "there is room"), (51, "near its limit"), (71, "likely to be throttled")]
)
def test_compute_utilization_is_told_in_awss_three_bands(utilization: float, word: str) -> None:
    found = recommend(replace(SMALL, utilization=utilization))
    assert word in next(reason.sentence for reason in found.reasons if reason.rule == "time")


@pytest.mark.parametrize("change", [{"language": "SyntaxError: class"}, {"modules": ("cookie",)}])
def test_language_and_packages_are_work_and_do_not_decide(change: dict[str, Any]) -> None:
    found = recommend(replace(SMALL, **change))
    assert found.tier is Tier.CLOUDFRONT_FUNCTIONS
    assert len(found.work) == 1
    assert "Before that: " in headline(found, BOTH, 0.631, 0.1)


def test_viewer_events_of_one_behavior_are_in_one_tier() -> None:
    found = recommend(SMALL, beside_lambda_at_viewer=True)
    assert [reason.rule for reason in found.because] == ["together"]


def test_an_origin_function_may_stand_beside_anything() -> None:
    found = recommend(replace(SMALL, event_type=EventType.ORIGIN_REQUEST), beside_lambda_at_viewer=True)
    assert [reason.rule for reason in found.because] == ["trigger"]


def test_each_reason_names_the_page_that_it_rests_on() -> None:
    everything = replace(SMALL, files=("fs",), modules=("cookie",), language="class", network=("net",))
    assert all(reason.source for reason in recommend(everything, beside_lambda_at_viewer=True).reasons)


def test_the_verdict_names_the_ratio_and_every_reason() -> None:
    assert headline(recommend(SMALL), frozenset({Tier.LAMBDA_EDGE}), 0.63125625, 0.1) == (
        "This function in Lambda@Edge costs 6.3 times as much; move it: it runs at viewer-request, uses no network, "
        "reads no body, has 3.0 KB of code, uses 41 % of the compute budget, uses 40 KB of memory, "
        "uses only what CloudFront's JavaScript has."
    )


def test_the_verdict_for_lambda_at_edge_names_what_decides_and_nothing_else() -> None:
    found = recommend(replace(SMALL, network=("fetch",)))
    assert headline(found, BOTH, 0.6, 0.1) == (
        "Lambda@Edge is the place for this function: it uses the network (fetch)."
    )


def test_without_a_run_in_lambda_at_edge_there_is_no_ratio() -> None:
    assert headline(recommend(SMALL), BOTH, None, 0.1).startswith("Run it as a CloudFront Function: it runs at")
