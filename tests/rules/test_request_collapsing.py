"""Who uses the cache, and who may wait for another's fetch."""

from __future__ import annotations

import pytest

from edge.model.distribution import Behavior
from edge.model.headers import Headers
from edge.model.managed_policies import cache_policy, origin_request_policy
from edge.model.policies import ALL_NAMES, ForwardedValues
from edge.model.request import Request
from edge.model.response import Response
from edge.rules import request_collapsing

OPTIMIZED = Behavior("site", cache_policy=cache_policy("CachingOptimized"))


def request(method: str = "GET", **headers: str) -> Request:
    return Request(method, "/", None, Headers((name.replace("_", "-"), value) for name, value in headers.items()))


@pytest.mark.parametrize(
    ("method", "behavior", "uses"),
    [
        ("GET", OPTIMIZED, True),
        ("HEAD", OPTIMIZED, True),
        ("POST", OPTIMIZED, False),
        ("OPTIONS", OPTIMIZED, False),
        ("OPTIONS", Behavior("s", cache_policy=OPTIMIZED.cache_policy, cached_methods=frozenset({"OPTIONS"})), True),
        ("GET", Behavior("s", cache_policy=cache_policy("CachingDisabled")), False),
        ("GET", Behavior("s", forwarded_values=ForwardedValues()), True),
        ("GET", Behavior("s", forwarded_values=ForwardedValues(headers=("*",))), False),
    ],
)
def test_who_uses_the_cache(method: str, behavior: Behavior, uses: bool) -> None:
    """Cached methods, where caching is not off."""
    assert request_collapsing.uses_cache(request(method), behavior) is uses


def test_a_websocket_handshake_has_no_part_in_the_cache() -> None:
    """It is a GET that cannot be stored."""
    assert not request_collapsing.uses_cache(request(upgrade="websocket"), OPTIMIZED)


@pytest.mark.parametrize(
    "behavior",
    [
        Behavior("s", cache_policy=cache_policy("Amplify")),
        Behavior("s", cache_policy=OPTIMIZED.cache_policy, origin_request_policy=origin_request_policy("AllViewer")),
        Behavior("s", forwarded_values=ForwardedValues(cookies=ALL_NAMES)),
    ],
    ids=["cache-policy", "origin-request-policy", "legacy"],
)
def test_forwarded_cookies_switch_collapsing_off(behavior: Behavior) -> None:
    """By whatever setting the cookies reach the origin."""
    assert not request_collapsing.applies(request(), behavior)


def test_who_may_lead_a_fetch() -> None:
    """HEAD, range and conditional requests cannot fill the cache, so nobody waits for them."""
    assert request_collapsing.applies(request(), OPTIMIZED)
    for alone in (request("HEAD"), request(range="bytes=0-1"), request(if_none_match='"x"')):
        assert not request_collapsing.applies(alone, OPTIMIZED)


@pytest.mark.parametrize(("method", "asked"), [("GET", "GET"), ("HEAD", "GET"), ("OPTIONS", "OPTIONS")])
def test_what_asks_for_a_part_can_be_made_to_ask_for_the_whole(method: str, asked: str) -> None:
    """Without range and conditions; other headers stay."""
    found = request_collapsing.whole(request(method, range="bytes=0-1", if_none_match='"x"', accept="text/html"))
    assert (found.method, found.headers.names()) == (asked, {"accept"})


@pytest.mark.parametrize(
    ("method", "status", "fills"), [("GET", 200, True), ("GET", 206, False), ("HEAD", 200, False), ("GET", 404, True)]
)
def test_what_fills_the_cache(method: str, status: int, fills: bool) -> None:
    """Whole answers to GET."""
    assert request_collapsing.fills(request(method), Response(status)) is fills
