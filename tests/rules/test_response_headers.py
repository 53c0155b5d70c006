"""Response headers policies."""

from __future__ import annotations

import pytest

from edge.model.distribution import Behavior, Distribution
from edge.model.headers import Headers, Line
from edge.model.managed_policies import cache_policy
from edge.model.origin import Origin
from edge.model.policies import Cors, PolicyHeader, ResponseHeadersPolicy
from edge.model.request import Request
from edge.model.viewer import Viewer
from edge.rules import response_headers
from edge.testing import Playbook

HTTPS = Viewer("192.0.2.1", scheme="https")
HTTP = Viewer("192.0.2.1")
FROM_ORIGIN: tuple[Line, ...] = (
    ("Content-Type", "text/html"),
    ("X-Powered-By", "PHP"),
    ("X-Frame-Options", "DENY"),
    ("X-Team", "origin"),
)


def applied(
    *, viewer: Viewer = HTTPS, sent: tuple[Line, ...] = (), held: tuple[Line, ...] = FROM_ORIGIN, **parts: object
) -> tuple[Line, ...]:
    policy = ResponseHeadersPolicy("p", "p", **parts)  # type: ignore[arg-type]
    request = Request("GET", "/", None, Headers(sent))
    return response_headers.apply(policy, request, Headers(held), viewer).lines


@pytest.mark.parametrize("part", ["security", "custom"])
@pytest.mark.parametrize("override", [False, True])
def test_a_header_that_the_origin_did_not_send_is_added(part: str, override: bool) -> None:
    """At the end, whether it overrides or not; the value may be empty."""
    new = (PolicyHeader("X-New", "1", override), PolicyHeader("X-Empty", "", override))
    assert applied(**{part: new}) == (*FROM_ORIGIN, ("X-New", "1"), ("X-Empty", ""))


@pytest.mark.parametrize("part", ["security", "custom"])
def test_override_decides_about_a_header_that_the_origin_sent(part: str) -> None:
    """With it the policy's value takes the place, without it the origin's stays; names have no case."""
    assert applied(**{part: (PolicyHeader("x-frame-options", "SAMEORIGIN", False),)}) == FROM_ORIGIN
    replaced = applied(**{part: (PolicyHeader("x-frame-options", "SAMEORIGIN", True),)})
    assert replaced == (*FROM_ORIGIN[:2], ("x-frame-options", "SAMEORIGIN"), FROM_ORIGIN[3])


def test_headers_are_removed() -> None:
    """Whatever their case, and every line of the name."""
    held = (*FROM_ORIGIN, ("x-powered-by", "again"))
    assert applied(held=held, remove=("x-powered-by", "x-absent")) == (FROM_ORIGIN[0], *FROM_ORIGIN[2:])


def test_removing_goes_first_so_that_a_removed_and_added_header_is_there() -> None:
    """Even without override: after the removal the origin has not sent it."""
    added = applied(remove=("x-team",), custom=(PolicyHeader("X-Team", "policy", False),))
    assert added == (*FROM_ORIGIN[:3], ("X-Team", "policy"))


def test_cors_security_and_custom_headers_in_this_order() -> None:
    """Each part adds behind the one before it."""
    added = applied(
        sent=(("Origin", "https://a.example"),),
        cors=Cors(("*",), ("GET",), ()),
        security=(PolicyHeader("Referrer-Policy", "same-origin", True),),
        custom=(PolicyHeader("X-New", "1", True),),
    )
    assert added[len(FROM_ORIGIN) :] == (
        ("Access-Control-Allow-Origin", "*"),
        ("Referrer-Policy", "same-origin"),
        ("X-New", "1"),
    )


def test_removing_a_cors_header_makes_room_for_the_policys() -> None:
    """The origin's CORS header is gone before anybody asks whether there is one."""
    held = (("Access-Control-Allow-Origin", "https://b.example"),)
    added = applied(
        held=held,
        sent=(("Origin", "https://a.example"),),
        remove=("access-control-allow-origin",),
        cors=Cors(("*",), ("GET",), ()),
    )
    assert added == (("Access-Control-Allow-Origin", "*"),)


HSTS = PolicyHeader("Strict-Transport-Security", "max-age=31536000", True)


def test_hsts_is_sent_over_https_only() -> None:
    """A browser would ignore it over plain HTTP; the other security headers go with both."""
    security = (HSTS, PolicyHeader("X-Content-Type-Options", "nosniff", True))
    assert applied(viewer=HTTPS, held=(), security=security) == (
        ("Strict-Transport-Security", "max-age=31536000"),
        ("X-Content-Type-Options", "nosniff"),
    )
    assert applied(viewer=HTTP, held=(), security=security) == (("X-Content-Type-Options", "nosniff"),)


def test_an_object_that_is_hit_again_gets_the_same_headers_object() -> None:
    """Its wire bytes are made once, although the policy applies to each response."""
    policy = ResponseHeadersPolicy("p", "p", custom=(PolicyHeader("X-New", "1", True),), cors=Cors(("*",), (), ()))
    stored = Headers(FROM_ORIGIN)
    first = response_headers.apply(policy, Request("GET", "/"), stored, HTTPS)
    assert response_headers.apply(policy, Request("GET", "/other"), stored, HTTPS) is first


def test_one_object_under_two_policies_and_two_schemes() -> None:
    """What was answered for one says nothing about the other."""
    stored = Headers(FROM_ORIGIN)
    request = Request("GET", "/")
    one = ResponseHeadersPolicy("1", "1", security=(HSTS,))
    two = ResponseHeadersPolicy("2", "2", remove=("x-team",))
    assert len(response_headers.apply(one, request, stored, HTTPS)) == 5
    assert len(response_headers.apply(one, request, stored, HTTP)) == 4
    assert len(response_headers.apply(two, request, stored, HTTPS)) == 3


def test_more_objects_than_are_remembered() -> None:
    """Answers stay right after the memory of earlier ones was emptied."""
    policy = ResponseHeadersPolicy("p", "p", custom=(PolicyHeader("X-New", "1", False),))
    for number in range(2_500):
        made = response_headers.apply(policy, Request("GET", "/"), Headers((("X-Number", str(number)),)), HTTPS)
        assert made.lines == (("X-Number", str(number)), ("X-New", "1"))


def test_a_policy_that_changes_nothing_keeps_the_headers() -> None:
    """The same object comes back."""
    stored = Headers(FROM_ORIGIN)
    assert response_headers.apply(ResponseHeadersPolicy("p", "p"), Request("GET", "/"), stored, HTTPS) is stored


def test_server_and_date_that_are_removed_come_back_as_cloudfronts_own() -> None:
    policy = ResponseHeadersPolicy("p", "p", remove=frozenset({"server", "date", "x-powered-by"}))
    behavior = Behavior("site", cache_policy=cache_policy("CachingOptimized"), response_headers_policy=policy)
    site = Distribution("E1", "d1.cloudfront.net", {"site": Origin("site", "site.example.org")}, (behavior,))
    play = Playbook(site)
    sent = {"Server": "nginx", "Date": "Wed, 31 Dec 2025 00:00:00 GMT", "X-Powered-By": "PHP"}
    for talk in (play.get("/a").origin_answers(200, "hello", sent), play.get("/a")):
        assert talk.headers.get("server") == "CloudFront"
        assert talk.headers.get("date") == "Thu, 01 Jan 2026 00:00:00 GMT"
        assert "x-powered-by" not in talk.headers
