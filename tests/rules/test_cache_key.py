"""What is in the cache key."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.model.cache_key import CacheKey
from edge.model.distribution import Behavior
from edge.model.headers import Headers
from edge.model.managed_policies import cache_policy
from edge.model.policies import ALL_NAMES, CachePolicy, ForwardedValues, Names, Selection
from edge.model.request import Request
from edge.rules import cache_key

WHITELIST, ALL_EXCEPT = Selection.WHITELIST, Selection.ALL_EXCEPT


def key(target: str = "/", headers: dict[str, str] | None = None, method: str = "GET", **policy: Any) -> CacheKey:
    path, mark, query = target.partition("?")
    request = Request(method, path, query if mark else None, Headers((headers or {}).items()))
    behavior = Behavior("site", cache_policy=CachePolicy("id", "name", **policy))
    return cache_key.build("E1", behavior, request)


def test_get_and_head_share_a_key_and_options_has_its_own() -> None:
    """HEAD is answered from a cached GET."""
    assert key(method="GET") == key(method="HEAD")
    assert key(method="GET") != key(method="OPTIONS")


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


@pytest.mark.parametrize(
    ("gzip", "brotli", "sent", "expected"),
    [
        (True, True, "gzip, deflate, br", "br,gzip"),
        (True, True, "br;q=1.0, gzip;q=0.5", "br,gzip"),
        (True, True, "gzip", "gzip"),
        (True, True, "br", "br"),
        (True, True, "deflate", ""),
        (True, True, "gzip;q=0, br", "br"),
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
