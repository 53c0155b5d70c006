"""What of an origin's response goes on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge.model.distribution import Behavior
from edge.model.headers import Headers, Line
from edge.model.managed_policies import cache_policy, origin_request_policy
from edge.model.origin import Origin, OriginKind, OriginResponse
from edge.model.policies import ALL_NAMES, CachePolicy, ForwardedValues, Names, OriginRequestPolicy, Selection
from edge.model.request import Request
from edge.model.response import Response
from edge.rules import origin_response

CUSTOM = Origin("site", "origin.example.org")
S3 = Origin("bucket", "bucket.s3.us-east-1.amazonaws.com", OriginKind.S3)
OPTIMIZED = Behavior("site", cache_policy=cache_policy("CachingOptimized"))
LEGACY = Behavior("site", forwarded_values=ForwardedValues())
ALL_VIEWER = replace(OPTIMIZED, origin_request_policy=origin_request_policy("AllViewer"))
KEYED_COOKIES = Behavior("site", cache_policy=CachePolicy("c", "c", cookies=ALL_NAMES))


def cleaned(*lines: Line, status: int = 200, behavior: Behavior = OPTIMIZED, origin: Origin = CUSTOM) -> Response:
    outcome = OriginResponse(status, "Fine", Headers(lines), b"body")
    return origin_response.clean(outcome, Request("GET", "/"), behavior, origin)


def keyed(*names: str, minimum: int = 1) -> Behavior:
    policy = CachePolicy("c", "c", minimum, headers=Names(Selection.WHITELIST, names))
    return Behavior("site", cache_policy=policy)


def adding(*names: str) -> Behavior:
    policy = OriginRequestPolicy("o", "o", Names(Selection.WHITELIST, names))
    return replace(OPTIMIZED, origin_request_policy=policy)


def test_everything_else_goes_on_as_it_came() -> None:
    """Status, reason, body, and lines in their order and case."""
    lines = (("server", "nginx"), ("Content-Length", "4"), ("X-A", "1"), ("x-a", "2"), ("Age", "5"), ("Warning", "w"))
    assert cleaned(*lines, status=299) == Response(299, Headers(lines), b"body", "Fine")


@pytest.mark.parametrize(
    "name",
    [
        "Connection",
        "Keep-Alive",
        "Proxy-Authenticate",
        "Proxy-Connection",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade",
        "Via",
        "X-Cache",
        "X-Amz-Cf-Id",
        "X-Amz-Cf-Pop",
    ],
)
def test_what_belongs_to_the_connection_or_to_cloudfront_is_removed(name: str) -> None:
    """Every line of it, in any case; for S3 too."""
    lines = ((name, "x"), ("X-A", "1"), (name.upper(), "y"))
    for origin in (CUSTOM, S3):
        assert cleaned(*lines, origin=origin).headers.lines == (("X-A", "1"),)


def test_what_connection_names_is_removed() -> None:
    """Hop-by-hop headers of the origin's own making."""
    lines = (("Connection", "close, X-Hop"), ("X-Hop", "1"), ("X-A", "1"))
    assert cleaned(*lines).headers.lines == (("X-A", "1"),)


@pytest.mark.parametrize("name", ["X-Amz-Id-2", "X-Amz-Request-Id"])
def test_ids_of_s3_are_removed(name: str) -> None:
    """A custom origin may call a header as it likes."""
    assert cleaned((name, "x"), origin=S3).headers.lines == ()
    assert cleaned((name, "x"), origin=CUSTOM).headers.lines == ((name, "x"),)
    assert cleaned(("x-amz-meta-a", "1"), ("x-amz-version-id", "2"), origin=S3).headers.names() == {
        "x-amz-meta-a",
        "x-amz-version-id",
    }


def test_a_switched_protocol_keeps_its_handshake() -> None:
    """101 is an answer to a WebSocket, whose Connection and Upgrade the viewer must see."""
    lines = (("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+"))
    assert cleaned(*lines, ("Via", "1.1 a"), status=101, behavior=ALL_VIEWER).headers.lines == lines


@pytest.mark.parametrize(
    ("behavior", "stays"),
    [
        (OPTIMIZED, False),
        (LEGACY, False),
        (KEYED_COOKIES, True),
        (Behavior("s", cache_policy=CachePolicy("c", "c", cookies=Names(Selection.WHITELIST, ("a",)))), True),
        (Behavior("s", cache_policy=CachePolicy("c", "c", cookies=Names(Selection.ALL_EXCEPT, ("a",)))), True),
        (ALL_VIEWER, True),
        (Behavior("s", forwarded_values=ForwardedValues(cookies=ALL_NAMES)), True),
        (Behavior("s", forwarded_values=ForwardedValues(cookies=Names(Selection.WHITELIST, ("a",)))), True),
    ],
    ids=["none", "legacy-none", "all", "some", "all-but", "origin-request-policy", "legacy-all", "legacy-some"],
)
def test_trap_8_set_cookie_is_stripped_unless_cookies_are_forwarded(behavior: Behavior, stays: bool) -> None:
    """All of its lines, by whatever setting cookies reach the origin."""
    lines = (("Set-Cookie", "a=1"), ("set-cookie", "b=2"))
    assert cleaned(*lines, behavior=behavior).headers.lines == (lines if stays else ())


def test_cookies_that_are_not_to_be_stored_still_reach_this_viewer() -> None:
    """`no-cache="Set-Cookie"` is about the cache alone (see test_stored_object.py)."""
    lines = (("Set-Cookie", "a=1"), ("Cache-Control", 'no-cache="Set-Cookie", max-age=60'))
    assert cleaned(*lines, behavior=KEYED_COOKIES).headers.lines == lines


MOBILE = "cloudfront-is-mobile-viewer"


@pytest.mark.parametrize(
    ("vary", "behavior", "expected"),
    [
        ("Accept-Encoding", OPTIMIZED, "Accept-Encoding"),
        ("Cookie", OPTIMIZED, "Cookie"),
        ("X-Foo", OPTIMIZED, None),
        ("accept-encoding, X-Foo, Cookie", OPTIMIZED, "accept-encoding, Cookie"),
        (
            "Accept-Charset,Accept-Language",
            keyed("accept-charset", "accept-language"),
            "Accept-Charset,Accept-Language",
        ),
        ("Accept-Charset, Accept-Language", keyed("accept-language"), "Accept-Language"),
        ("Origin", OPTIMIZED, None),
        ("Origin", adding("origin"), "Origin"),
        ("Origin", LEGACY, "Origin"),
        ("Accept", LEGACY, None),
        ("X-Foo", ALL_VIEWER, "X-Foo"),
        ("Authorization", OPTIMIZED, None),
        ("Authorization", keyed("authorization"), "Authorization"),
        ("Host", OPTIMIZED, None),
        ("Host", keyed("host"), "Host"),
        ("User-Agent", OPTIMIZED, None),
        ("User-Agent", LEGACY, None),
        ("User-Agent", keyed("user-agent"), "User-Agent"),
        ("User-Agent", keyed(MOBILE), "User-Agent"),
        ("User-Agent", adding("cloudfront-is-smarttv-viewer"), "User-Agent"),
        ("User-Agent", Behavior("s", forwarded_values=ForwardedValues(headers=(MOBILE,))), "User-Agent"),
        ("User-Agent", keyed("cloudfront-viewer-country"), None),
        ("CloudFront-Is-Mobile-Viewer", OPTIMIZED, None),
        ("CloudFront-Is-Mobile-Viewer", keyed(MOBILE), "CloudFront-Is-Mobile-Viewer"),
        ("Connection", ALL_VIEWER, None),
        ("*", keyed(minimum=0), "*"),
        ("*", keyed(minimum=1), None),
        ("*", Behavior("s", forwarded_values=ForwardedValues()), "*"),
        ("*", Behavior("s", forwarded_values=ForwardedValues(min_ttl_s=1)), None),
        ("", OPTIMIZED, None),
    ],
)
def test_trap_34_vary_keeps_what_cloudfront_forwards(vary: str, behavior: Behavior, expected: str | None) -> None:
    """Accept-Encoding and Cookie always; User-Agent where a device header goes on for it; `*` with a minimum of 0."""
    assert cleaned(("Vary", vary), ("X-A", "1"), behavior=behavior).headers.joined("vary") == expected


def test_lines_of_vary_are_one_list() -> None:
    """A line that is changed moves to the end; one that is not stays where it was."""
    both = (("Vary", "X-Foo"), ("X-A", "1"), ("vary", "Cookie"))
    assert cleaned(*both).headers.lines == (("X-A", "1"), ("Vary", "Cookie"))
    whole = (("vary", "cookie,accept-encoding"), ("X-A", "1"))
    assert cleaned(*whole).headers.lines == whole


@pytest.mark.parametrize("status", [204, 301, 304, 404, 500, 503])
def test_the_rules_are_the_same_for_every_status(status: int) -> None:
    """Redirects are not followed, errors not looked into."""
    found = cleaned(("Location", "/b"), ("Via", "1.1 a"), ("Set-Cookie", "a=1"), status=status)
    assert (found.status, found.headers.lines) == (status, (("Location", "/b"),))
