"""Which of the viewer's headers the origin gets: the table of the custom origins page, row by row."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.model.distribution import READ_METHODS_AND_OPTIONS, Behavior
from edge.model.headers import Headers, Line
from edge.model.managed_policies import cache_policy, origin_request_policy
from edge.model.origin import Origin, OriginKind
from edge.model.policies import CachePolicy, ForwardedValues, Names, OriginRequestPolicy, Selection
from edge.model.request import Request
from edge.rules import forwarded_headers

CUSTOM = Origin("site", "origin.example.org")
S3 = Origin("bucket", "bucket.s3.us-east-1.amazonaws.com", OriginKind.S3)
LEGACY = Behavior("site", forwarded_values=ForwardedValues())
OPTIMIZED = Behavior("site", cache_policy=cache_policy("CachingOptimized"))
ALL_VIEWER = Behavior(
    "site", cache_policy=cache_policy("CachingDisabled"), origin_request_policy=origin_request_policy("AllViewer")
)

NEVER, BY_POLICY, IN_LEGACY, ALWAYS = "never", "by policy", "in legacy, or by policy", "always"
APART = "never as it came: test_origin_request.py and test_forwarded_query.py have what is sent in its place"
TABLE = {
    "Accept": BY_POLICY,
    "Accept-Charset": BY_POLICY,
    "Accept-Encoding": APART,
    "Accept-Language": BY_POLICY,
    "Authorization": BY_POLICY,
    "Cache-Control": ALWAYS,
    "Connection": NEVER,
    "Content-Encoding": ALWAYS,
    "Content-Length": ALWAYS,
    "Content-MD5": ALWAYS,
    "Content-Type": ALWAYS,
    "Cookie": APART,
    "Date": ALWAYS,
    "Expect": NEVER,
    "From": ALWAYS,
    "Host": APART,
    "If-Match": ALWAYS,
    "If-Modified-Since": ALWAYS,
    "If-None-Match": ALWAYS,
    "If-Range": ALWAYS,
    "If-Unmodified-Since": ALWAYS,
    "Keep-Alive": NEVER,
    "Max-Forwards": ALWAYS,
    "Origin": IN_LEGACY,
    "Pragma": ALWAYS,
    "Proxy-Authenticate": NEVER,
    "Proxy-Authorization": NEVER,
    "Proxy-Connection": NEVER,
    "Range": ALWAYS,
    "Referer": BY_POLICY,
    "Request-Range": ALWAYS,
    "TE": NEVER,
    "Trailer": NEVER,
    "Transfer-Encoding": APART,
    "Upgrade": APART,
    "User-Agent": APART,
    "Via": APART,
    "Warning": ALWAYS,
    "X-Amz-Cf-Id": APART,
    "X-Anything-Else": IN_LEGACY,
    "X-Edge-Location": NEVER,
    "X-Forwarded-For": APART,
    "X-Forwarded-Proto": NEVER,
    "X-HTTP-Method-Override": BY_POLICY,
    "X-Real-IP": NEVER,
}
"""Every header of the page, and those of HTTP that it leaves out."""


def request(*lines: Line, method: str = "GET") -> Request:
    return Request(method, "/", None, Headers((("Host", "viewer.example"), *lines)))


def sent(name: str, behavior: Behavior, method: str = "GET") -> bool:
    lines = forwarded_headers.selected(request((name, "value"), method=method), behavior, conditionals=True)
    assert lines in ([], [(name, "value")])
    return bool(lines)


def keyed(*names: str) -> Behavior:
    return Behavior("site", cache_policy=CachePolicy("id", "name", headers=Names(Selection.WHITELIST, names)))


def listed(selection: Selection, *names: str) -> Behavior:
    policy = OriginRequestPolicy("id", "name", Names(selection, names))
    return Behavior("site", cache_policy=CachePolicy("id", "name"), origin_request_policy=policy)


@pytest.mark.parametrize(("name", "goes"), TABLE.items())
def test_the_table_of_headers(name: str, goes: str) -> None:
    """Without a policy that selects it, with one of each kind, and with legacy settings."""
    assert sent(name, OPTIMIZED) is (goes == ALWAYS)
    assert sent(name, LEGACY) is (goes in (ALWAYS, IN_LEGACY))
    selecting = [
        keyed(name.lower()),
        listed(Selection.WHITELIST, name.lower()),
        listed(Selection.ALL_EXCEPT, "x-not-this"),
        ALL_VIEWER,
        Behavior("site", forwarded_values=ForwardedValues(headers=(name.lower(),))),
        Behavior("site", forwarded_values=ForwardedValues(headers=("*",))),
    ]
    assert {sent(name, behavior) for behavior in selecting} == {goes not in (NEVER, APART)}


@pytest.mark.parametrize(
    ("cache", "selection", "names", "expected"),
    [
        ((), Selection.NONE, (), ""),
        ((), Selection.ALL_VIEWER, (), "abc"),
        ((), Selection.ALL_VIEWER_AND_WHITELIST_CLOUDFRONT, ("cloudfront-viewer-city",), "abc"),
        ((), Selection.WHITELIST, ("x-b",), "b"),
        ((), Selection.ALL_EXCEPT, ("x-b",), "ac"),
        (("x-a",), Selection.NONE, (), "a"),
        (("x-a",), Selection.ALL_VIEWER, (), "abc"),
        (("x-a",), Selection.ALL_VIEWER_AND_WHITELIST_CLOUDFRONT, ("cloudfront-viewer-city",), "abc"),
        (("x-a",), Selection.WHITELIST, ("x-b",), "ab"),
        (("x-a",), Selection.ALL_EXCEPT, ("x-a", "x-b"), "ac"),
    ],
)
def test_the_table_of_policies_together(
    cache: tuple[str, ...], selection: Selection, names: tuple[str, ...], expected: str
) -> None:
    """The cache policy's headers always go on, even those that the origin request policy blocks."""
    kind = Selection.WHITELIST if cache else Selection.NONE
    behavior = Behavior(
        "site",
        cache_policy=CachePolicy("c", "c", headers=Names(kind, cache)),
        origin_request_policy=OriginRequestPolicy("o", "o", Names(selection, names)),
    )
    lines = forwarded_headers.selected(
        request(("X-A", "a"), ("X-B", "b"), ("X-C", "c"), ("Host", "x")), behavior, conditionals=True
    )
    assert "".join(value for _, value in lines) == expected


@pytest.mark.parametrize(
    ("method", "cached", "stays"),
    [
        ("GET", READ_METHODS_AND_OPTIONS, False),
        ("HEAD", READ_METHODS_AND_OPTIONS, False),
        ("OPTIONS", READ_METHODS_AND_OPTIONS, False),
        ("OPTIONS", frozenset({"GET", "HEAD"}), True),
        ("DELETE", READ_METHODS_AND_OPTIONS, True),
        ("PATCH", READ_METHODS_AND_OPTIONS, True),
        ("POST", READ_METHODS_AND_OPTIONS, True),
        ("PUT", READ_METHODS_AND_OPTIONS, True),
    ],
)
@pytest.mark.parametrize("legacy", [True, False], ids=["legacy", "policy"])
def test_trap_10_authorization_stays_on_what_is_never_cached(
    method: str, cached: frozenset[str], stays: bool, legacy: bool
) -> None:
    """Everywhere else a policy has to let it through."""
    behavior = Behavior(
        "site",
        cached_methods=cached,
        cache_policy=None if legacy else OPTIMIZED.cache_policy,
        forwarded_values=ForwardedValues() if legacy else None,
    )
    assert sent("Authorization", behavior, method) is stays


def test_what_connection_names_ends_here() -> None:
    """Hop-by-hop headers, even where a policy forwards everything."""
    lines = (("Connection", "close, X-Hop"), ("X-Hop", "1"), ("connection", "HTTP2-Settings"), ("HTTP2-Settings", "A"))
    found = forwarded_headers.selected(request(*lines, ("X-End", "1")), ALL_VIEWER, conditionals=True)
    assert found == [("X-End", "1")]


@pytest.mark.parametrize(
    "name", ["Range", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range", "If-Unmodified-Since"]
)
def test_conditions_can_be_held_back(name: str) -> None:
    """By the switch, and where CloudFront's own conditions stand in their place; a policy does not help."""
    found = forwarded_headers.selected(request((name, "x"), ("X-A", "1")), ALL_VIEWER, conditionals=False)
    assert found == [("X-A", "1")]


@pytest.mark.parametrize("behavior", [OPTIMIZED, LEGACY, ALL_VIEWER, listed(Selection.ALL_EXCEPT, "host")])
def test_cloudfront_headers_go_on(behavior: Behavior) -> None:
    """They are only there where a policy lists them."""
    assert sent("CloudFront-Viewer-Country", behavior)


def test_lines_keep_their_order_case_and_repetitions() -> None:
    """Bytes nobody touches reach the origin as they came."""
    lines = (("x-B", "2"), ("X-a", "1"), ("X-B", "3"), ("Date", ""))
    assert forwarded_headers.selected(request(*lines), ALL_VIEWER, conditionals=True) == list(lines)


HOST_POLICY = origin_request_policy("HostHeaderOnly")
EXCEPT_HOST = origin_request_policy("AllViewerExceptHostHeader")


@pytest.mark.parametrize(
    ("behavior", "custom", "s3"),
    [
        (OPTIMIZED, "origin", "origin"),
        (LEGACY, "origin", "origin"),
        (keyed("host"), "viewer", "origin"),
        (ALL_VIEWER, "viewer", "viewer"),
        (Behavior("s", cache_policy=OPTIMIZED.cache_policy, origin_request_policy=HOST_POLICY), "viewer", "viewer"),
        (Behavior("s", cache_policy=OPTIMIZED.cache_policy, origin_request_policy=EXCEPT_HOST), "origin", "origin"),
        (Behavior("s", forwarded_values=ForwardedValues(headers=("host",))), "viewer", "origin"),
        (Behavior("s", forwarded_values=ForwardedValues(headers=("*",))), "viewer", "origin"),
    ],
    ids=["default", "legacy", "keyed", "AllViewer", "HostHeaderOnly", "except-host", "legacy-host", "legacy-all"],
)
def test_trap_13_whose_host_the_origin_sees(behavior: Behavior, custom: str, s3: str) -> None:
    """Its own, unless a policy forwards the viewer's; S3 answers that with 403, but gets it all the same."""
    names = {"origin": CUSTOM.domain_name, "viewer": "viewer.example"}
    assert forwarded_headers.host(request(), behavior, CUSTOM) == names[custom]
    assert forwarded_headers.host(request(), behavior, S3) == (names | {"origin": S3.domain_name})[s3]


def test_a_request_without_host_gets_the_origins() -> None:
    """HTTP/1.0 need not send one."""
    assert forwarded_headers.host(Request("GET", "/"), ALL_VIEWER, CUSTOM) == "origin.example.org"


def test_a_host_that_a_function_chose_wins() -> None:
    """Over the viewer's, and for S3 too."""
    for origin in (CUSTOM, S3):
        assert forwarded_headers.host(request(), ALL_VIEWER, replace(origin, host_header="chosen.example")) == (
            "chosen.example"
        )


@pytest.mark.parametrize(
    ("behavior", "agent", "expected"),
    [
        (OPTIMIZED, "curl/8", "Amazon CloudFront"),
        (OPTIMIZED, None, "Amazon CloudFront"),
        (LEGACY, "curl/8", "Amazon CloudFront"),
        (ALL_VIEWER, "curl/8", "curl/8"),
        (ALL_VIEWER, None, "Amazon CloudFront"),
        (keyed("user-agent"), "curl/8", "curl/8"),
        (listed(Selection.WHITELIST, "user-agent"), "curl/8", "curl/8"),
        (listed(Selection.ALL_EXCEPT, "user-agent"), "curl/8", "Amazon CloudFront"),
        (Behavior("s", forwarded_values=ForwardedValues(headers=("user-agent",))), "curl/8", "curl/8"),
    ],
)
def test_trap_11_the_user_agent_is_cloudfront(behavior: Behavior, agent: str | None, expected: str) -> None:
    """Unless a policy selects the viewer's; there is always one."""
    lines = () if agent is None else (("User-Agent", agent),)
    assert forwarded_headers.user_agent(request(*lines), behavior) == expected


def test_custom_headers_take_the_place_of_the_viewers() -> None:
    """All lines of that name, in any case, go; the origin's settings come last."""
    lines = [("Host", "o"), ("x-key", "guess"), ("X-A", "1"), ("X-KEY", "again")]
    found = forwarded_headers.overwritten(lines, (("X-Key", "secret"), ("X-New", "n")))
    assert found.lines == (("Host", "o"), ("X-A", "1"), ("X-Key", "secret"), ("X-New", "n"))


behaviors = st.sampled_from([OPTIMIZED, LEGACY, ALL_VIEWER, keyed("x-edge-a", "te"), listed(Selection.ALL_EXCEPT, "a")])
lines = st.lists(st.tuples(st.one_of(st.sampled_from([*TABLE, "X-Edge-A"]), st.text(min_size=1)), st.text()))


@given(behaviors, lines, st.booleans())
def test_nothing_is_made_up(behavior: Behavior, found: list[Line], conditionals: bool) -> None:
    """Whatever the viewer sends, the origin gets some of these lines in this order, and none that is hop-by-hop."""
    selected = forwarded_headers.selected(
        Request("GET", "/", None, Headers(found)), behavior, conditionals=conditionals
    )
    remaining = iter(found)
    assert all(line in remaining for line in selected)
    assert not any(TABLE.get(name) in (NEVER, APART) for name, _ in selected)
