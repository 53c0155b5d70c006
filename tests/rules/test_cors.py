"""The CORS part of a response headers policy."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge.model.distribution import READ_METHODS_AND_OPTIONS, Behavior, Distribution
from edge.model.headers import Headers, Line
from edge.model.managed_policies import cache_policy, response_headers_policy
from edge.model.origin import Origin
from edge.model.policies import Cors
from edge.model.request import Request
from edge.rules import cors
from edge.testing import Playbook

SHOP = "https://shop.example.org"
PLAIN: tuple[Line, ...] = (("Content-Type", "text/html"),)
OPEN = Cors(allow_origins=("*",), allow_methods=("GET", "HEAD"), allow_headers=("*",))
LISTED = replace(OPEN, allow_origins=(SHOP, "*.example.com"))


def added(
    policy: Cors, *sent: Line, method: str = "GET", held: tuple[Line, ...] = PLAIN, origin: str | None = SHOP
) -> tuple[Line, ...]:
    lines = sent if origin is None else (("Origin", origin), *sent)
    return cors.apply(policy, Request(method, "/", None, Headers(lines)), Headers(held)).lines


@pytest.mark.parametrize(
    ("pattern", "origin", "allowed"),
    [
        ("http://*.example.org", "http://www.example.org", True),
        ("http://*.example.org", "http://test.example.org", True),
        ("http://*.example.org", "https://test.example.org", False),
        ("http://*.example.org", "https://test.example.org:123", False),
        ("http://*.example.org", "http://test.example.org:123", False),
        ("*.example.org", "test.example.org", True),
        ("*.example.org", "test.test.example.org", True),
        ("*.example.org", ".example.org", True),
        ("*.example.org", "http://test.example.org", True),
        ("*.example.org", "https://test.example.org", True),
        ("*.example.org", "http://test.example.org:123", False),
        ("*.example.org", "https://test.example.org:123", False),
        ("*.example.org", "https://example.org", False),
        ("*.example.org", "https://evilexample.org", False),
        ("*.example.org", "https://test.example.org.evil.net", False),
        ("example.org", "http://example.org", True),
        ("example.org", "https://example.org", True),
        ("example.org", "https://www.example.org", False),
        ("example.org", "https://exampleXorg", False),
        ("http://example.org", "http://example.org", True),
        ("http://example.org", "https://example.org", False),
        ("http://example.org", "http://example.org:123", False),
        ("http://example.org:*", "http://example.org:123", True),
        ("http://example.org:*", "http://example.org", True),
        ("http://example.org:*", "https://example.org:123", False),
        ("http://example.org:*", "http://example.org:x", False),
        ("http://example.org:1*3", "http://example.org:123", True),
        ("http://example.org:1*3", "http://example.org:1893", True),
        ("http://example.org:1*3", "http://example.org:13", True),
        ("http://example.org:1*3", "http://example.org:124", False),
        ("http://example.org:1*3", "http://example.org", False),
        ("*.example.org:1*", "test.example.org:123", True),
        ("*.example.org:1*", "test.example.org", False),
    ],
)
def test_the_table_of_wildcards_for_allow_origin(pattern: str, origin: str, allowed: bool) -> None:
    """AWS's examples, and their neighbours. An origin that is allowed is echoed."""
    assert cors.allow_origin(("https://other.example.net", pattern), origin) == (origin if allowed else None)


def test_a_star_allows_everybody() -> None:
    """The header says `*` then, and nothing varies."""
    assert added(OPEN) == (*PLAIN, ("Access-Control-Allow-Origin", "*"))


def test_a_listed_origin_is_echoed_and_the_response_varies() -> None:
    """Vary: Origin keeps browsers' caches apart."""
    assert added(LISTED) == (*PLAIN, ("Access-Control-Allow-Origin", SHOP), ("Vary", "Origin"))


@pytest.mark.parametrize(
    ("vary", "expected"),
    [
        ((("Vary", "Accept-Encoding"),), "Accept-Encoding, Origin"),
        ((("Vary", "origin"),), "origin"),
        ((("Vary", "A"), ("Vary", "B")), "A, B, Origin"),
    ],
)
def test_vary_is_added_to(vary: tuple[Line, ...], expected: str) -> None:
    """What varies already goes on varying, and Origin is named once."""
    assert [value for name, value in added(LISTED, held=vary) if name == "Vary"] == [expected]


@pytest.mark.parametrize("origin", [None, "https://elsewhere.example.net"])
def test_others_get_no_cors_headers(origin: str | None) -> None:
    """A request without Origin is not a CORS request, and one from elsewhere is not allowed."""
    assert added(LISTED, origin=origin) == PLAIN


def test_trap_14_the_policy_answers_although_the_object_was_cached_without_origin() -> None:
    """The headers are made for each request, whoever's request filled the cache."""
    assert added(OPEN, origin=None) == PLAIN
    assert ("Access-Control-Allow-Origin", "*") in added(OPEN)


PREFLIGHT = (("Access-Control-Request-Method", "PUT"),)


def test_a_preflight_learns_what_is_allowed() -> None:
    """Methods, headers and max age come with OPTIONS; exposed headers do not."""
    policy = replace(
        LISTED, allow_headers=("X-One", "X-Two"), allow_credentials=True, expose_headers=("X-Three",), max_age_s=600
    )
    assert added(policy, *PREFLIGHT, method="OPTIONS", held=()) == (
        ("Access-Control-Allow-Origin", SHOP),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Allow-Methods", "GET, HEAD"),
        ("Access-Control-Allow-Headers", "X-One, X-Two"),
        ("Access-Control-Max-Age", "600"),
        ("Vary", "Origin"),
    )


def test_an_actual_request_learns_what_is_exposed() -> None:
    """Exposed headers come with everything but a preflight; what only a preflight asks does not."""
    policy = replace(OPEN, allow_credentials=True, expose_headers=("X-Three", "X-Four"), max_age_s=600)
    assert added(policy, held=()) == (
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Expose-Headers", "X-Three, X-Four"),
    )
    assert added(policy, method="OPTIONS", held=()) == added(policy, held=())


def test_all_is_the_seven_methods() -> None:
    """In the order of the managed policies."""
    policy = replace(OPEN, allow_methods=("ALL",), allow_headers=())
    assert added(policy, *PREFLIGHT, method="OPTIONS", held=()) == (
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Allow-Methods", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"),
    )


HELD = (("Access-Control-Allow-Origin", "https://a.example"), ("access-control-max-age", "5"))


def test_without_override_any_cors_header_of_the_origin_stops_the_policy() -> None:
    """Even one that the policy would not set."""
    assert added(OPEN, held=HELD) == HELD
    assert added(OPEN, held=HELD[1:]) == HELD[1:]


def test_with_override_the_policy_replaces_the_same_headers() -> None:
    """Other CORS headers of the origin stay."""
    policy = replace(OPEN, origin_override=True)
    assert added(policy, held=HELD) == (HELD[1], ("Access-Control-Allow-Origin", "*"))


def test_with_override_an_origin_that_is_not_allowed_changes_nothing() -> None:
    """The policy has no headers to put in place of the origin's."""
    assert added(replace(LISTED, origin_override=True), held=HELD, origin="https://elsewhere.example.net") == HELD


def test_trap_15_a_preflight_where_options_is_not_allowed_is_a_403() -> None:
    """The edge refuses it before the origin is asked, and the policy is on the 403 too."""
    policy = response_headers_policy("CORS-With-Preflight")
    behavior = Behavior("site", cache_policy=cache_policy("CachingOptimized"), response_headers_policy=policy)
    site = Distribution("E1", "d1.cloudfront.net", {"site": Origin("site", "site.example.org")}, (behavior,))
    preflight = {"Origin": "https://app.example", "Access-Control-Request-Method": "PUT"}
    talk = Playbook(site).request("OPTIONS", "/a", preflight)
    assert (talk.status, talk.asked) == (403, None)
    allowed = replace(site, behaviors=(replace(behavior, allowed_methods=READ_METHODS_AND_OPTIONS),))
    assert Playbook(allowed).request("OPTIONS", "/a", preflight).origin_answers(204).status == 204
