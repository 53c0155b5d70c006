"""Strategies for Hypothesis: what they make is valid, and CloudFront lets it through."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.testing import cloudfront_function, distribution, strategies
from edge.testing.strategies import events, requests, responses

passes = cloudfront_function(code="function handler(event) { return event.response || event.request; }")
few = settings(max_examples=50, derandomize=True)


@few
@given(requests())
def test_a_function_that_changes_nothing_changes_nothing(request: dict[str, Any]) -> None:
    """For any request: the same target, method, headers and cookies come out."""
    result = passes.viewer_request(**request)
    assert result.error is None
    assert result.request.target == request["target"].removesuffix("?")
    assert result.request.cookies == request.get("cookies", {})


@few
@given(responses())
def test_any_response_may_pass(response: dict[str, Any]) -> None:
    """And the function runs for all of them."""
    result = passes.viewer_response(**response)
    assert (result.error, result.skipped) == (None, False)


@few
@given(requests())
def test_any_request_gets_an_answer_from_a_distribution(request: dict[str, Any]) -> None:
    """CloudFront itself has nothing against them."""
    site = distribution(cache_policy="CachingDisabled", origin_request_policy="AllViewer")
    site.origin.any().replies(200)
    assert site.request(**{"method": "GET", **request}).status == 200


@pytest.mark.parametrize("event_type", ["viewer-request", "viewer-response"])
def test_events_are_what_the_console_takes(event_type: str) -> None:
    """A run on an event is a run on the request that it stands for."""

    @few
    @given(events(event_type))
    def check(event: dict[str, Any]) -> None:
        result = passes.run(event)
        assert result.error is None
        assert result.event["request"] == event["request"]
        assert result.event.get("response") == event.get("response")

    check()


@pytest.mark.parametrize(
    ("strategy", "wanted"),
    [
        (strategies.uris(), lambda uri: "%" in uri),
        (strategies.querystrings(), lambda text: text.count("a=") > 1),
        (strategies.headers(), lambda lines: len({name.lower() for name, _ in lines}) < len(lines)),
        (strategies.viewers(), lambda viewer: ":" in viewer["ip"] and "country" in viewer),
    ],
)
def test_the_odd_cases_are_among_them(strategy: st.SearchStrategy[Any], wanted: Any) -> None:
    """Percent-encoding, repeated names, IPv6."""
    from hypothesis import find

    assert wanted(find(strategy, wanted))
