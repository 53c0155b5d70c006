"""The request that the origin gets, whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import pytest

from edge.model.distribution import Behavior, Distribution
from edge.model.edge_location import EdgeLocation
from edge.model.headers import Headers, Line
from edge.model.managed_policies import cache_policy, origin_request_policy
from edge.model.origin import Origin, OriginKind, OriginRequest
from edge.model.policies import ALL_NAMES, CachePolicy, ForwardedValues, Names, OriginRequestPolicy, Selection
from edge.model.request import Request
from edge.model.stored_object import StoredObject
from edge.model.switches import Switches
from edge.model.viewer import HttpVersion, Viewer
from edge.rules import origin_request

CUSTOM = Origin("site", "origin.example.org")
S3 = Origin("bucket", "bucket.s3.us-east-1.amazonaws.com", OriginKind.S3)
VIEWER = Viewer("198.51.100.7", 50000, "https", "2.0")
EDGE = EdgeLocation(via_host="3f0123456789abcdef0123456789abcd.cloudfront.net")
SITE = Distribution("E1", "d1.cloudfront.net", {}, ())
ID = "x" * 54 + "=="
DATE = "Sun, 06 Nov 1994 08:49:37 GMT"

OPTIMIZED = Behavior("site", cache_policy=cache_policy("CachingOptimized"))
LEGACY = Behavior("site", forwarded_values=ForwardedValues())
ALL_VIEWER = Behavior(
    "site", cache_policy=cache_policy("CachingDisabled"), origin_request_policy=origin_request_policy("AllViewer")
)


def sent(
    *lines: Line,
    method: str = "GET",
    target: str = "/",
    body: bytes = b"",
    behavior: Behavior = OPTIMIZED,
    origin: Origin = CUSTOM,
    viewer: Viewer = VIEWER,
    distribution: Distribution = SITE,
    expired: StoredObject | None = None,
) -> OriginRequest:
    path, mark, query = target.partition("?")
    request = Request(method, path, query if mark else None, Headers((("Host", "viewer.example"), *lines)), body)
    return origin_request.build(request, behavior, origin, viewer, distribution, EDGE, ID, expired)


def stored(**changes: Any) -> StoredObject:
    headers = Headers((("ETag", '"1"'), ("Last-Modified", DATE)))
    return replace(StoredObject(200, headers, b"", stored_at=0, fresh_until=0), **changes)


@pytest.mark.parametrize("origin", [CUSTOM, S3], ids=["custom", "s3"])
def test_what_every_origin_request_has(origin: Origin) -> None:
    """Host, User-Agent, Via, X-Forwarded-For and X-Amz-Cf-Id, whatever the viewer sent; and nothing else."""
    lines = sent(("Accept", "*/*"), ("User-Agent", "curl/8"), ("Cookie", "a=1"), origin=origin).headers.lines
    assert lines == (
        ("Host", origin.domain_name),
        ("User-Agent", "Amazon CloudFront"),
        ("Via", "2.0 3f0123456789abcdef0123456789abcd.cloudfront.net (CloudFront)"),
        ("X-Forwarded-For", "198.51.100.7"),
        ("X-Amz-Cf-Id", ID),
    )


@pytest.mark.parametrize(
    ("origin_path", "target", "behavior", "expected"),
    [
        ("", "/", OPTIMIZED, "/"),
        ("/production", "/index.html", OPTIMIZED, "/production/index.html"),
        ("", "/a/b/..?c=1", OPTIMIZED, "/a/b/.."),
        ("", "/%7Euser/a%2Fb", OPTIMIZED, "/%7Euser/a%2Fb"),
        ("", "/a?b=2&a=1", ALL_VIEWER, "/a?b=2&a=1"),
        ("/p", "/a?", ALL_VIEWER, "/p/a?"),
    ],
)
def test_the_target_is_origin_path_and_path_as_sent(
    origin_path: str, target: str, behavior: Behavior, expected: str
) -> None:
    """Nothing is decoded or normalised; of the query what the policies let through."""
    assert sent(target=target, behavior=behavior, origin=replace(CUSTOM, path=origin_path)).target == expected


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"])
def test_method_and_body_go_on(method: str) -> None:
    """The body with what describes it, under any policy."""
    found = sent(("Content-Type", "text/css"), ("Content-Length", "2"), method=method, body=b"{}")
    assert (found.method, found.body) == (method, b"{}")
    assert (found.headers.get("content-type"), found.headers.get("content-length")) == ("text/css", "2")


@pytest.mark.parametrize("version", ["1.0", "1.1", "2.0", "3.0"])
def test_via_says_what_the_viewer_spoke(version: HttpVersion) -> None:
    """And comes after the proxies that the request has passed."""
    viewer = replace(VIEWER, http_version=version)
    here = f"{version} {EDGE.via_host} (CloudFront)"
    assert sent(viewer=viewer).headers.all("via") == (here,)
    assert sent(("Via", "1.1 a"), ("via", "1.0 b"), viewer=viewer).headers.all("via") == (f"1.1 a, 1.0 b, {here}",)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((), "198.51.100.7"),
        (("192.0.2.4",), "192.0.2.4, 198.51.100.7"),
        (("192.0.2.4,192.0.2.3",), "192.0.2.4,192.0.2.3, 198.51.100.7"),
        (("192.0.2.4", "not an address"), "192.0.2.4, not an address, 198.51.100.7"),
    ],
)
@pytest.mark.parametrize("behavior", [OPTIMIZED, LEGACY, ALL_VIEWER], ids=["policy", "legacy", "all-viewer"])
def test_the_viewers_address_ends_x_forwarded_for(given: tuple[str, ...], expected: str, behavior: Behavior) -> None:
    """What the viewer claims comes first, and is not checked; one line in any case."""
    found = sent(*(("X-Forwarded-For", value) for value in given), behavior=behavior)
    assert found.headers.all("x-forwarded-for") == (expected,)


def test_ipv6_viewers_are_named_bare() -> None:
    """Without brackets or port."""
    viewer = Viewer("2001:db8:85a3::8a2e:370:7334", 50000)
    assert sent(viewer=viewer).headers.get("x-forwarded-for") == "2001:db8:85a3::8a2e:370:7334"


@pytest.mark.parametrize("name", ["Via", "X-Forwarded-For", "X-Amz-Cf-Id", "User-Agent", "Host"])
@pytest.mark.parametrize("behavior", [LEGACY, ALL_VIEWER], ids=["legacy", "all-viewer"])
def test_what_cloudfront_sets_stands_there_once(name: str, behavior: Behavior) -> None:
    """Also where every header of the viewer goes on."""
    assert len(sent((name, "theirs"), behavior=behavior).headers.all(name.lower())) == 1


def test_a_request_id_from_outside_is_dropped() -> None:
    """X-Amz-Cf-Id is CloudFront's own."""
    assert sent(("X-Amz-Cf-Id", "theirs"), behavior=ALL_VIEWER).headers.get("x-amz-cf-id") == ID


def accepting(gzip: bool, brotli: bool, *listed: str, added: str = "") -> Behavior:
    policy = CachePolicy("c", "c", headers=Names(Selection.WHITELIST, listed), gzip=gzip, brotli=brotli)
    extra = OriginRequestPolicy("o", "o", Names(Selection.WHITELIST, (added,))) if added else None
    return Behavior("site", cache_policy=policy, origin_request_policy=extra)


BOTH, NEITHER = accepting(True, True), accepting(False, False)
GZIP, BROTLI = accepting(True, False), accepting(False, True)


@pytest.mark.parametrize(
    ("behavior", "given", "expected"),
    [
        (BOTH, "gzip, deflate, br, zstd", "br,gzip"),
        (BOTH, "br", "br"),
        (BOTH, "gzip;q=0.5", "gzip"),
        (BOTH, "GZIP", "gzip"),
        (BOTH, "deflate", "identity"),
        (BOTH, "", "identity"),
        (BOTH, None, None),
        (GZIP, "gzip, br", "gzip"),
        (GZIP, "br", "identity"),
        (BROTLI, "gzip, br", "br"),
        (BROTLI, "gzip", "identity"),
        (NEITHER, "gzip, br", None),
        (accepting(False, False, "accept-encoding"), "gzip, zstd", "gzip, zstd"),
        (accepting(False, False, added="accept-encoding"), "gzip, zstd", "gzip, zstd"),
        (accepting(True, True, "accept-encoding"), "gzip, zstd", "gzip"),
        (accepting(True, True, added="accept-encoding"), "gzip, zstd", "gzip"),
        (ALL_VIEWER, "gzip, zstd", "gzip, zstd"),
        (LEGACY, "gzip, br", "gzip"),
        (replace(LEGACY, compress=True), "gzip, br", "gzip"),
        (Behavior("s", forwarded_values=ForwardedValues(headers=("accept-encoding",))), "gzip, br", "gzip, br"),
        (Behavior("s", forwarded_values=ForwardedValues(headers=("*",))), "gzip, br", "gzip, br"),
    ],
)
def test_accept_encoding(behavior: Behavior, given: str | None, expected: str | None) -> None:
    """Normalised where a flag is on, whatever lists it; else a header like any other."""
    lines = () if given is None else (("Accept-Encoding", given),)
    assert sent(*lines, behavior=behavior).headers.all("accept-encoding") == (() if expected is None else (expected,))


def test_cookies_are_one_header() -> None:
    """Sorted, in one line, where a policy forwards them."""
    assert sent(("Cookie", "b=2"), ("Cookie", "a=1"), behavior=ALL_VIEWER).headers.all("cookie") == ("a=1; b=2",)


def test_an_expired_object_adds_its_validators() -> None:
    """In place of the conditions, and the range, of the viewer."""
    asked = (("If-None-Match", '"theirs"'), ("If-Modified-Since", "then"), ("Range", "bytes=0-1"), ("If-Range", "x"))
    headers = sent(*asked, expired=stored()).headers
    assert headers.all("if-none-match") == ('"1"',)
    assert headers.all("if-modified-since") == (DATE,)
    assert "range" not in headers
    assert "if-range" not in headers


@pytest.mark.parametrize(
    ("expired", "behavior"),
    [
        (None, OPTIMIZED),
        (stored(headers=Headers()), OPTIMIZED),
        (stored(must_ask_origin=True), OPTIMIZED),
        (stored(status=404), OPTIMIZED),
        (stored(), Behavior("s", cache_policy=CachePolicy("c", "c", cookies=ALL_NAMES))),
    ],
    ids=["nothing-stored", "no-validators", "vary-star", "an-error", "cookies-forwarded"],
)
def test_without_validators_the_viewers_conditions_go_on(expired: StoredObject | None, behavior: Behavior) -> None:
    """A 304 is then an answer to the viewer."""
    assert sent(("If-None-Match", '"theirs"'), behavior=behavior, expired=expired).headers.all("if-none-match") == (
        '"theirs"',
    )


def test_a_switch_keeps_the_viewers_conditions_here() -> None:
    """Whether policies forward them by default is not documented."""
    site = replace(SITE, switches=Switches(forward_conditionals=False))
    headers = sent(("If-None-Match", '"1"'), ("Range", "bytes=0-1"), distribution=site).headers
    assert "if-none-match" not in headers
    assert "range" not in headers


def test_100_continue_is_answered_by_the_edge() -> None:
    """Expect never reaches the origin."""
    for behavior in (OPTIMIZED, LEGACY, ALL_VIEWER):
        found = sent(("Expect", "100-continue"), ("Content-Length", "1"), method="POST", behavior=behavior)
        assert "expect" not in found.headers


HANDSHAKE = (
    ("Connection", "keep-alive, Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ("Sec-WebSocket-Version", "13"),
)


def test_a_websocket_handshake_goes_on_as_one() -> None:
    """With its key and version, given a policy that forwards them."""
    headers = sent(*HANDSHAKE, behavior=ALL_VIEWER).headers
    assert (headers.all("connection"), headers.all("upgrade")) == (("Upgrade",), ("websocket",))
    assert headers.get("sec-websocket-key") == "dGhlIHNhbXBsZSBub25jZQ=="
    assert headers.get("sec-websocket-version") == "13"
    assert "sec-websocket-key" not in sent(*HANDSHAKE, behavior=OPTIMIZED).headers


@pytest.mark.parametrize("protocol", ["h2c", "TLS/1.3", ""])
def test_no_other_protocol_is_switched_to(protocol: str) -> None:
    """Connection, Upgrade and what Connection names are dropped."""
    lines = (("Connection", "Upgrade, HTTP2-Settings"), ("Upgrade", protocol), ("HTTP2-Settings", "AAMAAABk"))
    assert sent(*lines, behavior=ALL_VIEWER).headers.names().isdisjoint({"connection", "upgrade", "http2-settings"})


def test_the_origins_custom_headers_win() -> None:
    """Over the viewer's of the same name."""
    origin = replace(CUSTOM, custom_headers=(("X-Key", "secret"),))
    found = sent(("x-key", "guess"), ("X-A", "1"), behavior=ALL_VIEWER, origin=origin).headers
    assert found.all("x-key") == ("secret",)
    assert found.get("x-a") == "1"


@pytest.mark.parametrize(
    ("policy", "viewer", "expected"),
    [
        ("http-only", "https", "http"),
        ("http-only", "http", "http"),
        ("https-only", "http", "https"),
        ("https-only", "https", "https"),
        ("match-viewer", "http", "http"),
        ("match-viewer", "https", "https"),
    ],
)
def test_the_origin_protocol_policy(
    policy: Literal["http-only", "https-only", "match-viewer"], viewer: Literal["http", "https"], expected: str
) -> None:
    """HTTP, HTTPS, or what the viewer speaks."""
    origin = replace(CUSTOM, protocol_policy=policy)
    assert origin_request.scheme(origin, replace(VIEWER, scheme=viewer)) == expected


def test_cloudfront_headers_go_on_with_the_rest() -> None:
    """They were added only because a policy lists them."""
    line = ("CloudFront-Viewer-Country", "DE")
    for behavior in (OPTIMIZED, LEGACY, ALL_VIEWER):
        assert line in sent(line, behavior=behavior).headers.lines
