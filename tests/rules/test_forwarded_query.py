"""Which query parameters and cookies the origin gets: the table of the two policies together, cell by cell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.model import cookies, query_string
from edge.model.distribution import Behavior
from edge.model.headers import Headers
from edge.model.managed_policies import cache_policy, origin_request_policy
from edge.model.policies import ALL_NAMES, NO_NAMES, CachePolicy, ForwardedValues, Names, OriginRequestPolicy, Selection
from edge.model.request import Request
from edge.rules import cache_key, forwarded_query

ALLOW_A, ALLOW_B = Names(Selection.WHITELIST, ("a",)), Names(Selection.WHITELIST, ("b",))
BLOCK_A, BLOCK_B = Names(Selection.ALL_EXCEPT, ("a",)), Names(Selection.ALL_EXCEPT, ("b",))
BLOCK_A_AND_B = Names(Selection.ALL_EXCEPT, ("a", "b"))


def behavior(keyed: Names, added: Names | None) -> Behavior:
    """The same selections for query strings and for cookies; None for no origin request policy."""
    policy = None if added is None else OriginRequestPolicy("o", "o", cookies=added, query_strings=added)
    keys = CachePolicy("c", "c", cookies=keyed, query_strings=keyed)
    return Behavior("site", cache_policy=keys, origin_request_policy=policy)


def legacy(query: bool = False, cookies: Names = NO_NAMES, keys: tuple[str, ...] = ()) -> Behavior:
    values = ForwardedValues(query_string=query, query_string_keys=keys, cookies=cookies)
    return Behavior("site", forwarded_values=values)


def with_query(query: str | None) -> Request:
    return Request("GET", "/", query)


def with_cookies(*lines: str) -> Request:
    return Request("GET", "/", None, Headers(("Cookie", line) for line in lines))


@pytest.mark.parametrize(
    ("keyed", "added", "expected"),
    [
        (NO_NAMES, None, ""),
        (NO_NAMES, NO_NAMES, ""),
        (NO_NAMES, ALL_NAMES, "abc"),
        (NO_NAMES, ALLOW_B, "b"),
        (NO_NAMES, BLOCK_B, "ac"),
        (ALL_NAMES, None, "abc"),
        (ALL_NAMES, NO_NAMES, "abc"),
        (ALL_NAMES, ALL_NAMES, "abc"),
        (ALL_NAMES, ALLOW_B, "abc"),
        (ALL_NAMES, BLOCK_B, "abc"),
        (ALLOW_A, None, "a"),
        (ALLOW_A, NO_NAMES, "a"),
        (ALLOW_A, ALL_NAMES, "abc"),
        (ALLOW_A, ALLOW_B, "ab"),
        (ALLOW_A, BLOCK_B, "ac"),
        (ALLOW_A, BLOCK_A, "abc"),
        (ALLOW_A, BLOCK_A_AND_B, "ac"),
        (BLOCK_A, None, "bc"),
        (BLOCK_A, NO_NAMES, "bc"),
        (BLOCK_A, ALL_NAMES, "abc"),
        (BLOCK_A, ALLOW_A, "abc"),
        (BLOCK_A_AND_B, ALLOW_B, "bc"),
        (BLOCK_A, BLOCK_B, "c"),
        (BLOCK_A, BLOCK_A, "bc"),
    ],
)
def test_the_table_of_policies_together(keyed: Names, added: Names | None, expected: str) -> None:
    """The same for query strings and for cookies."""
    both = behavior(keyed, added)
    query = forwarded_query.query(with_query("a=1&b=2&c=3"), both)
    header = forwarded_query.cookie_header(with_cookies("a=1; b=2; c=3"), both)
    assert "".join(name for name, _ in query_string.parse(query)) == expected
    assert header == ("; ".join(f"{name}={'abc'.index(name) + 1}" for name in expected) or None)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (None, None),
        ("", None),
        ("c=3", None),
        ("b=2&a=1", "b=2&a=1"),
        ("a=1&c=3&b=2&c=4&a=5", "a=1&b=2&a=5"),
        ("a", "a"),
        ("a=", "a="),
        ("a=b=c", "a=b=c"),
        ("A=1&a=1", "a=1"),
        ("a=%2F%20+&b=%61", "a=%2F%20+&b=%61"),
        ("%61=1", None),
        ("a=1;b=2", "a=1;b=2"),
        ("c=1;a=2", None),
        ("&&a=1&&b=2&", "a=1&b=2"),
        ("=1&a=2", "a=2"),
    ],
)
def test_what_an_allow_list_leaves_of_a_query_string(query: str | None, expected: str | None) -> None:
    """Order, duplicates, case and encoding stay; only `&` separates."""
    allowed = Names(Selection.WHITELIST, ("a", "b"))
    assert forwarded_query.query(with_query(query), behavior(allowed, None)) == expected


@pytest.mark.parametrize("query", ["", "b=2&a=1", "&&a=1&&", "a=1&a=1", "%", "a=ö"])
def test_a_whole_query_string_goes_on_as_it_was_sent(query: str) -> None:
    """When everything is selected nothing is taken apart."""
    for everything in (behavior(ALL_NAMES, None), behavior(NO_NAMES, ALL_NAMES), legacy(query=True)):
        assert forwarded_query.query(with_query(query), everything) == query


@pytest.mark.parametrize(
    ("values", "expected"),
    [(legacy(), None), (legacy(query=True), "b=1&a=2"), (legacy(query=True, keys=("a",)), "b=1&a=2")],
    ids=["off", "on", "keys"],
)
def test_legacy_query_strings_go_on_whole(values: Behavior, expected: str | None) -> None:
    """All parameters or none: the keys are for the cache key alone."""
    assert forwarded_query.query(with_query("b=1&a=2"), values) == expected


def test_trap_12_caching_optimized_drops_the_query_string() -> None:
    """And the cookies."""
    optimized = Behavior("site", cache_policy=cache_policy("CachingOptimized"))
    assert forwarded_query.query(with_query("a=1"), optimized) is None
    assert forwarded_query.cookie_header(with_cookies("a=1"), optimized) is None


def test_all_viewer_brings_both_to_the_origin() -> None:
    """Without putting them in the key."""
    everything = Behavior(
        "site",
        cache_policy=cache_policy("CachingOptimized"),
        origin_request_policy=origin_request_policy("AllViewer"),
    )
    request = Request("GET", "/", "a=1", Headers((("Cookie", "b=2"),)))
    assert forwarded_query.query(request, everything) == "a=1"
    assert forwarded_query.cookie_header(request, everything) == "b=2"
    key = cache_key.build("E1", everything, request)
    assert (key.query, key.cookies) == ("", ())


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((), None),
        (("",), None),
        (("b=2; a=1",), "a=1; b=2"),
        (("b=2;a=1",), "a=1; b=2"),
        (("b=2", "a=1"), "a=1; b=2"),
        (("a=2; a=1",), "a=2; a=1"),
        (("B=1; a=2; b=3",), "B=1; a=2; b=3"),
        (("a=1=2",), "a=1=2"),
        (('a="x y"',), 'a="x y"'),
        (("a=",), "a="),
        (("$Version=1; a=1",), "a=1"),
        (("broken",), None),
        (("=1",), None),
    ],
)
def test_cookies_are_sorted_by_name(lines: tuple[str, ...], expected: str | None) -> None:
    """One Cookie header; of two of one name the order stays. Names with `$`, and what is no pair, are left out."""
    for everything in (behavior(ALL_NAMES, None), behavior(NO_NAMES, ALL_NAMES), legacy(cookies=ALL_NAMES)):
        assert forwarded_query.cookie_header(with_cookies(*lines), everything) == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("sid",), "sid=1"),
        (("s*",), "sid=1; state=2"),
        (("s?d",), "sid=1"),
        (("*",), "other=3; sid=1; state=2"),
        (("S*",), None),
        (("s.d",), None),
    ],
)
def test_legacy_cookie_names_may_hold_wildcards(names: tuple[str, ...], expected: str | None) -> None:
    """`*` and `?`, and no other."""
    values = legacy(cookies=Names(Selection.WHITELIST, names))
    assert forwarded_query.cookie_header(with_cookies("sid=1; state=2; other=3"), values) == expected


@pytest.mark.parametrize("star", [Names(Selection.WHITELIST, ("s*",)), Names(Selection.ALL_EXCEPT, ("*",))])
def test_a_star_in_a_policy_is_a_star(star: Names) -> None:
    """A literal, in the key and on the way to the origin."""
    request = with_cookies("sid=1; s*=2; *=3")
    both = behavior(star, None)
    keyed = cache_key.build("E1", both, request).cookies
    assert forwarded_query.cookie_header(request, both) == cookies.render(keyed)
    assert "*=3" not in cookies.render(keyed)


some_names = st.lists(st.sampled_from("abc"), max_size=2, unique=True).map(tuple)
kinds = st.sampled_from([Selection.NONE, Selection.WHITELIST, Selection.ALL_EXCEPT, Selection.ALL])
selections = st.builds(Names, kinds, some_names)


@given(selections, selections, st.text("abc=&;%", max_size=20))
def test_the_origin_gets_parameters_in_the_viewers_order(keyed: Names, added: Names, query: str) -> None:
    """Never one that the viewer did not send, and none twice."""
    sent = iter(query_string.parse(query))
    found = query_string.parse(forwarded_query.query(with_query(query), behavior(keyed, added)))
    assert all(parameter in sent for parameter in found)


@given(selections, selections, st.sampled_from("abcd"))
def test_what_the_cache_policy_allows_always_goes_on(keyed: Names, added: Names, name: str) -> None:
    """Only a second block list can take a name away, and then it is on neither list's rest."""
    if forwarded_query.selects(keyed, name) and not forwarded_query.forwards(keyed, added, name):
        assert (keyed.selection, added.selection) == (Selection.ALL_EXCEPT, Selection.ALL_EXCEPT)
        assert name in added.names
