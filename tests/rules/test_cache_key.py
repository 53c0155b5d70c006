"""What is in the cache key."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.model.cache_key import CacheKey
from edge.model.distribution import Behavior, Distribution, PublicKey
from edge.model.edge_location import EdgeLocation
from edge.model.headers import Headers
from edge.model.managed_policies import cache_policy
from edge.model.origin import Origin
from edge.model.policies import ALL_NAMES, CachePolicy, ForwardedValues, Names, Selection
from edge.model.request import Request
from edge.model.viewer import Viewer
from edge.rules import cache_key, origin_request

WHITELIST, ALL_EXCEPT = Selection.WHITELIST, Selection.ALL_EXCEPT
SITE = Distribution("E1", "d1.cloudfront.net", {}, ())


def key(target: str = "/", sent: dict[str, str] | None = None, method: str = "GET", **policy: Any) -> CacheKey:
    path, mark, query = target.partition("?")
    request = Request(method, path, query if mark else None, Headers((sent or {}).items()))
    behavior = Behavior("site", cache_policy=CachePolicy("id", "name", **policy))
    return cache_key.build("E1", behavior, request)


@pytest.mark.parametrize(("method", "keyed"), [("GET", "GET"), ("HEAD", "GET"), ("OPTIONS", "OPTIONS")])
def test_get_and_head_share_a_key_and_options_has_its_own(method: str, keyed: str) -> None:
    """HEAD is answered from a cached GET."""
    assert key(method=method).method == keyed


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (Names(), ""),
        (ALL_NAMES, "b=1&a=2&B=3&b=4&c"),
        (Names(WHITELIST, ("b", "c")), "b=1&b=4&c"),
        (Names(ALL_EXCEPT, ("b",)), "a=2&B=3&c"),
    ],
    ids=["none", "all", "whitelist", "all-except"],
)
def test_query_strings(names: Names, expected: str) -> None:
    """Selected parameters, order and case kept."""
    assert key("/?b=1&a=2&B=3&b=4&c", query_strings=names).query == expected


def test_trap_12_the_order_of_parameters_counts() -> None:
    """Two orders are two objects; `;` does not separate."""
    assert key("/?a=1&b=2", query_strings=ALL_NAMES) != key("/?b=2&a=1", query_strings=ALL_NAMES)
    assert key("/?a=1;b=2", query_strings=Names(WHITELIST, ("b",))).query == ""


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (Names(), ()),
        (ALL_NAMES, (("a", "2"), ("b", "1"))),
        (Names(WHITELIST, ("b",)), (("b", "1"),)),
        (Names(ALL_EXCEPT, ("b",)), (("a", "2"),)),
    ],
    ids=["none", "all", "whitelist", "all-except"],
)
def test_cookies(names: Names, expected: tuple[tuple[str, str], ...]) -> None:
    """Selected cookies, sorted by name; names that start with $ are dropped."""
    assert key("/", {"Cookie": "b=1; $Version=1; a=2; broken"}, cookies=names).cookies == expected


def test_headers_are_keyed_by_value() -> None:
    """Names in any case, values as they are; absent and empty differ."""
    names = Names(WHITELIST, ("x-a",))
    assert key("/", {"X-A": "v"}, headers=names) == key("/", {"x-a": "v"}, headers=names)
    assert key("/", {"X-A": "v"}, headers=names) != key("/", {"X-A": "V"}, headers=names)
    assert key("/", {}, headers=names) != key("/", {"X-A": ""}, headers=names)


def test_several_lines_of_a_header_are_one_value() -> None:
    """Joined by a comma; the order of different headers does not count."""
    policy = CachePolicy("id", "name", headers=Names(WHITELIST, ("x-a", "x-b")))
    behavior = Behavior("site", cache_policy=policy)
    one, two = (("X-A", "1"), ("X-B", "2"), ("X-A", "3")), (("X-B", "2"), ("X-A", "1"), ("X-A", "3"))
    first, second = (cache_key.build("E1", behavior, Request("GET", "/", None, Headers(lines))) for lines in (one, two))
    assert first == second
    assert first.headers == (("x-a", "1, 3"), ("x-b", "2"))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Request("GET", "/a"), Request("GET", "/A")),
        (Request("GET", "/a"), Request("GET", "/a/")),
        (Request("GET", "/%61"), Request("GET", "/a")),
        (Request("GET", "/a/../b"), Request("GET", "/b")),
        (Request("GET", "//a"), Request("GET", "/a")),
    ],
)
def test_paths_are_keyed_as_they_were_sent(first: Request, second: Request) -> None:
    """Nothing is decoded, normalised or folded."""
    behavior = Behavior("site", cache_policy=cache_policy("CachingOptimized"))
    assert cache_key.build("E1", behavior, first) != cache_key.build("E1", behavior, second)


def test_the_host_is_no_part_of_the_key() -> None:
    """The distribution is, and not the alias under which it was asked, unless a policy lists Host."""
    one, two = {"Host": "www.example.org"}, {"Host": "d1.cloudfront.net"}
    assert key("/", one) == key("/", two)
    host = Names(WHITELIST, ("host",))
    assert key("/", one, headers=host) != key("/", two, headers=host)
    behavior = Behavior("site", cache_policy=CachePolicy("id", "name"))
    assert cache_key.build("E1", behavior, Request("GET", "/")) != cache_key.build("E2", behavior, Request("GET", "/"))


def test_the_scheme_is_keyed_only_as_a_header() -> None:
    """HTTP and HTTPS share an object unless CloudFront-Forwarded-Proto is listed."""
    one, two = {"CloudFront-Forwarded-Proto": "http"}, {"CloudFront-Forwarded-Proto": "https"}
    proto = Names(WHITELIST, ("cloudfront-forwarded-proto",))
    assert key("/", one) == key("/", two)
    assert key("/", one, headers=proto) != key("/", two, headers=proto)


def test_a_star_is_a_literal_in_policies() -> None:
    """In header, query string and cookie names alike; wildcards belong to ForwardedValues."""
    star = Names(WHITELIST, ("*",))
    found = key("/?a=1&*=2", {"X-A": "1", "Cookie": "a=1; *=2"}, headers=star, query_strings=star, cookies=star)
    assert (found.headers, found.query, found.cookies) == ((), "*=2", (("*", "2"),))
    assert key("/", {"Cookie": "s1=1"}, cookies=Names(ALL_EXCEPT, ("s?",))).cookies == (("s1", "1"),)


@pytest.mark.parametrize(
    ("gzip", "brotli", "sent", "expected"),
    [
        (True, True, "gzip, deflate, br", "br,gzip"),
        (True, True, "br;q=1.0, gzip;q=0.5", "br,gzip"),
        (True, True, "gzip", "gzip"),
        (True, True, "br", "br"),
        (True, True, "deflate", ""),
        (True, True, "gzip;q=0, br", "br"),
        (True, True, "gzip; Q = 0.0, br;q=0.00", ""),
        (True, True, "gzip;q=0.000, br;q=0.001", "br"),
        (True, False, "gzip, br", "gzip"),
        (False, True, "gzip, br", "br"),
        (True, False, "br", ""),
        (True, True, None, ""),
        (False, False, "gzip, br", ""),
    ],
)
def test_accept_encoding(gzip: bool, brotli: bool, sent: str | None, expected: str) -> None:
    """The table of the Accept-Encoding page."""
    headers = {} if sent is None else {"Accept-Encoding": sent}
    assert key("/", headers, gzip=gzip, brotli=brotli).accept_encoding == expected


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ({}, (("accept-encoding", "gzip, br"),)),
        ({"gzip": True}, ()),
        ({"brotli": True}, ()),
    ],
    ids=["flags-off", "gzip", "brotli"],
)
def test_accept_encoding_is_an_ordinary_header_when_both_flags_are_off(
    policy: dict[str, bool], expected: tuple[tuple[str, str], ...]
) -> None:
    """Listed, it is keyed as it was sent; with a flag the normalised value alone counts."""
    names = Names(WHITELIST, ("accept-encoding",))
    assert key("/", {"Accept-Encoding": "gzip, br"}, headers=names, **policy).headers == expected


@pytest.mark.parametrize(
    ("sent", "compress", "listed", "expected"),
    [
        ("gzip, br", True, (), ("gzip", ())),
        ("gzip, br", False, (), ("gzip", ())),
        ("br", True, (), ("", ())),
        ("gzip, br", True, ("accept-encoding",), ("", (("accept-encoding", "gzip, br"),))),
        ("gzip, br", True, ("*",), ("", ())),
    ],
    ids=["compress", "no-compress", "brotli-only", "listed", "all-headers"],
)
def test_legacy_settings_know_gzip_only(
    sent: str, compress: bool, listed: tuple[str, ...], expected: tuple[str, tuple[tuple[str, str], ...]]
) -> None:
    """Whether CloudFront compresses or the origin does; listed, Accept-Encoding is a header like any other."""
    behavior = Behavior("site", compress=compress, forwarded_values=ForwardedValues(headers=listed))
    found = cache_key.build("E1", behavior, Request("GET", "/", None, Headers((("Accept-Encoding", sent),))))
    assert (found.accept_encoding, found.headers) == expected


@pytest.mark.parametrize(
    ("legacy", "expected"),
    [
        (ForwardedValues(), ("", (), ())),
        (ForwardedValues(query_string=True), ("b=1&a=2", (), ())),
        (ForwardedValues(query_string=True, query_string_keys=("a",)), ("a=2", (), ())),
        (ForwardedValues(headers=("x-a",)), ("", (("x-a", "v"),), ())),
        (ForwardedValues(cookies=Names(WHITELIST, ("s*", "?"))), ("", (), (("c", "3"), ("sid", "1")))),
    ],
    ids=["nothing", "query", "query-keys", "header", "cookie-wildcards"],
)
def test_legacy_forwarded_values(legacy: ForwardedValues, expected: tuple[Any, Any, Any]) -> None:
    """What is forwarded is keyed, but for the query string keys."""
    request = Request("GET", "/", "b=1&a=2", Headers((("X-A", "v"), ("Cookie", "sid=1; other=2; c=3"))))
    found = cache_key.build("E1", Behavior("site", forwarded_values=legacy), request)
    assert (found.query, found.headers, found.cookies) == expected


names = st.builds(Names, st.sampled_from([Selection.NONE, WHITELIST, ALL_EXCEPT, Selection.ALL]), st.just(("a", "b")))


@given(st.text("ab=&;%", max_size=20), names)
def test_a_query_selected_twice_is_the_same(query: str, selection: Names) -> None:
    """Selecting is idempotent: the key of what the origin gets is the key."""
    once = cache_key.select_query(selection, query)
    assert cache_key.select_query(selection, once) == once


@given(st.permutations(["a=1", "b=2", "c=3"]))
def test_the_order_of_cookies_does_not_count(order: list[str]) -> None:
    """Cookies are sorted by name."""
    policy = cache_policy("Amplify")
    behavior = Behavior("site", cache_policy=policy)
    request = Request("GET", "/", None, Headers((("Cookie", "; ".join(order)),)))
    assert cache_key.build("E1", behavior, request).cookies == (("a", "1"), ("b", "2"), ("c", "3"))


tokens = st.text("abAB=&;,% ", max_size=8)
some_names = st.lists(st.sampled_from(["a", "b", "A"]), max_size=2, unique=True).map(tuple)
selections = st.builds(Names, st.sampled_from([Selection.NONE, WHITELIST, ALL_EXCEPT, Selection.ALL]), some_names)
header_selections = st.one_of(
    st.just(Names()), st.builds(Names, st.just(WHITELIST), some_names.map(lambda kept: tuple(x.lower() for x in kept)))
)
policies = st.builds(
    CachePolicy,
    st.just("id"),
    st.just("name"),
    headers=header_selections,
    cookies=selections,
    query_strings=selections,
    gzip=st.booleans(),
    brotli=st.booleans(),
)
header_lines = st.lists(
    st.tuples(st.sampled_from(["A", "B", "X-Other", "Cookie", "Accept-Encoding", "User-Agent"]), tokens), max_size=5
)


@given(policies, header_lines, tokens, st.sampled_from(["X-Unkeyed", "User-Agent", "Host", "Range"]), tokens)
def test_a_header_that_is_not_keyed_changes_nothing(
    policy: CachePolicy, lines: list[tuple[str, str]], query: str, name: str, value: str
) -> None:
    """Two requests that differ only in such a header are the same object."""
    behavior = Behavior("site", cache_policy=policy)
    request = Request("GET", "/", query, Headers(lines))
    other = request._replace(headers=request.headers.plus(((name, value),)))
    assert cache_key.build("E1", behavior, request) == cache_key.build("E1", behavior, other)


@given(policies, header_lines, tokens, st.randoms(use_true_random=False))
def test_the_order_of_different_headers_does_not_count(
    policy: CachePolicy, lines: list[tuple[str, str]], query: str, chance: Random
) -> None:
    """Lines of one name keep their order among themselves; those of different names may stand anyhow."""
    behavior = Behavior("site", cache_policy=policy)
    names = list(dict.fromkeys(name for name, _ in lines))
    chance.shuffle(names)
    grouped = [line for name in names for line in lines if line[0] == name]
    one, two = (Request("GET", "/", query, Headers(each)) for each in (lines, grouped))
    assert cache_key.build("E1", behavior, one) == cache_key.build("E1", behavior, two)


@given(policies, header_lines, tokens)
def test_everything_in_the_key_goes_to_the_origin(
    policy: CachePolicy, lines: list[tuple[str, str]], query: str
) -> None:
    """What the origin gets has the key of what the viewer sent, whatever the cache policy."""
    behavior = Behavior("site", cache_policy=policy)
    request = Request("GET", "/", query, Headers(lines))
    sent = origin_request.build(
        request, behavior, Origin("site", "o.example"), Viewer("192.0.2.1"), SITE, EdgeLocation(), "id", None
    )
    path, mark, forwarded = sent.target.partition("?")
    again = Request(sent.method, path, forwarded if mark else None, sent.headers)
    assert cache_key.build("E1", behavior, again) == cache_key.build("E1", behavior, request)


def test_signed_cookies_are_never_in_the_key() -> None:
    """Not with all cookies in it either; without trusted keys they are cookies like any other."""
    lines = (("Cookie", "b=2; CloudFront-Policy=p; CloudFront-Signature=s; CloudFront-Key-Pair-Id=K1; a=1"),)
    request = Request("GET", "/", None, Headers(lines))
    every = Names(Selection.ALL)
    signed = {"K1": PublicKey("K1", "k", "")}
    modern = Behavior("site", cache_policy=CachePolicy("c", "c", cookies=every), trusted_keys=signed)
    legacy = Behavior("site", forwarded_values=ForwardedValues(cookies=every), trusted_keys=signed)
    for behavior in (modern, legacy):
        assert cache_key.build("E1", behavior, request).cookies == (("a", "1"), ("b", "2"))
        assert len(cache_key.build("E1", replace(behavior, trusted_keys={}), request).cookies) == 5
