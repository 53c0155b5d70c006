"""The Cache-Control response header as a value."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.model import cache_control
from edge.model.cache_control import ABSENT, MAX_AGE_S, CacheControl
from edge.model.headers import NO_HEADERS, Headers


def parse(*lines: str) -> CacheControl:
    return cache_control.parse(Headers(("Cache-Control", line) for line in lines))


def present(**fields: Any) -> CacheControl:
    return CacheControl(present=True, **fields)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("max-age=60", {"max_age": 60}),
        ("MAX-AGE=60", {"max_age": 60}),
        ("max-age = 60", {"max_age": 60}),
        ('max-age="60"', {"max_age": 60}),
        ("max-age=060", {"max_age": 60}),
        ("s-maxage=5, max-age=60", {"s_maxage": 5, "max_age": 60}),
        ("no-cache", {"no_cache": True}),
        ("no-store", {"no_store": True}),
        ("private", {"private": True}),
        ('private="x-a"', {"private": True}),
        ("must-revalidate", {"must_revalidate": True}),
        ("stale-while-revalidate=30", {"stale_while_revalidate": 30}),
        ("stale-if-error=0", {"stale_if_error": 0}),
        ("public, immutable, proxy-revalidate, no-transform", {}),
        ("community=UCI, max-age=9", {"max_age": 9}),
        ("", {}),
        (",,, max-age=1 ,,", {"max_age": 1}),
    ],
)
def test_the_directives_that_count(text: str, expected: dict[str, Any]) -> None:
    """Names in any case; what has no documented effect is ignored."""
    assert parse(text) == present(**expected)


@pytest.mark.parametrize("value", ["", "=", "=x", "=-1", "=1.5", "=+1", "=\u00b2", "= ", '=""', "=1s"])
def test_an_age_that_is_no_number_is_stale(value: str) -> None:
    """RFC 9111's advice, where AWS says nothing."""
    assert parse(f"max-age{value}").max_age == 0


@pytest.mark.parametrize("digits", [str(MAX_AGE_S + 1), "9" * 30, "9" * 30_000])
def test_ages_stop_at_a_hundred_years(digits: str) -> None:
    """However long the number is."""
    assert MAX_AGE_S == 3_153_600_000
    assert parse(f"max-age={digits}").max_age == MAX_AGE_S
    assert parse(f"max-age={MAX_AGE_S}").max_age == MAX_AGE_S


def test_of_duplicates_the_first_counts() -> None:
    """Within a line and across lines, which are one list."""
    assert parse("max-age=1, max-age=2").max_age == 1
    assert parse("max-age=1", "no-store, max-age=2") == present(max_age=1, no_store=True)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ('no-cache="Set-Cookie"', {"set-cookie"}),
        ('no-cache="Set-Cookie, X-A"', {"set-cookie", "x-a"}),
        ("no-cache=Set-Cookie", {"set-cookie"}),
    ],
)
def test_no_cache_with_field_names_is_about_these_fields(text: str, fields: set[str]) -> None:
    """The object itself may be stored; what follows the quoted list is still read."""
    found = parse(f"{text}, max-age=9")
    assert found == present(no_cache_fields=frozenset(fields), max_age=9)
    assert not found.forbids_caching


@pytest.mark.parametrize("text", ["no-cache", 'no-cache=""', "no-cache="])
def test_no_cache_without_names_forbids_caching(text: str) -> None:
    """An empty list names nothing, so everything is meant."""
    assert parse(text).forbids_caching


@pytest.mark.parametrize(
    ("text", "forbids"), [("no-cache", True), ("no-store", True), ("private", True), ("max-age=0", False), ("", False)]
)
def test_what_forbids_caching(text: str, forbids: bool) -> None:
    """Three directives; an age of 0 is not one of them."""
    assert parse(text).forbids_caching is forbids


@pytest.mark.parametrize(
    ("text", "age"), [("max-age=1", 1), ("s-maxage=2", 2), ("max-age=1, s-maxage=0", 0), ("public", None)]
)
def test_s_maxage_comes_before_max_age(text: str, age: int | None) -> None:
    """CloudFront is a shared cache."""
    assert parse(text).shared_max_age == age


def test_no_header_is_not_an_empty_one() -> None:
    """Maximum and default TTL depend on whether the origin sent one."""
    assert cache_control.parse(NO_HEADERS) is ABSENT
    assert not ABSENT.present
    assert parse("").present


@pytest.mark.parametrize("broken", ["max age=5", "=5", '"', "@", 'x="unclosed'])
def test_what_is_no_directive_is_skipped(broken: str) -> None:
    """Up to the next comma."""
    assert parse(f"{broken}, max-age=7").max_age == parse(f"{broken},max-age=7").max_age == 7


ages = st.one_of(st.none(), st.integers(0, MAX_AGE_S))


def rendered(control: CacheControl) -> str:
    numbers = {
        "max-age": control.max_age,
        "s-maxage": control.s_maxage,
        "stale-while-revalidate": control.stale_while_revalidate,
        "stale-if-error": control.stale_if_error,
    }
    flags = {
        "no-cache": control.no_cache,
        "no-store": control.no_store,
        "private": control.private,
        "must-revalidate": control.must_revalidate,
    }
    directives = [f"{name}={value}" for name, value in numbers.items() if value is not None]
    directives += [name for name, on in flags.items() if on]
    directives += [f'no-cache="{", ".join(control.no_cache_fields)}"'] if control.no_cache_fields else []
    return ", ".join(directives)


@given(
    st.builds(
        present,
        max_age=ages,
        s_maxage=ages,
        no_store=st.booleans(),
        private=st.booleans(),
        must_revalidate=st.booleans(),
        stale_while_revalidate=ages,
        stale_if_error=ages,
    ),
    st.one_of(
        st.builds(dict, no_cache=st.booleans()),
        st.builds(dict, no_cache_fields=st.frozensets(st.sampled_from(["set-cookie", "x-a"]), min_size=1)),
    ),
)
def test_what_is_written_is_read(control: CacheControl, no_cache: dict[str, Any]) -> None:
    """Round trip of everything that the value can say."""
    control = control._replace(**no_cache)
    assert parse(rendered(control)) == control


@given(st.lists(st.text(st.characters(max_codepoint=255)), min_size=1, max_size=3))
def test_no_text_is_too_broken(lines: list[str]) -> None:
    """Whatever origins send, there is a value, and its numbers are within bounds."""
    found = parse(*lines)
    numbers = (found.max_age, found.s_maxage, found.stale_while_revalidate, found.stale_if_error)
    assert all(number is None or 0 <= number <= MAX_AGE_S for number in numbers)


pieces = ["max-age", "no-cache", "=", '"', ",", " ", "1", "-", "\\", "\t", ";", "s-maxage=3", "private"]


@given(st.lists(st.sampled_from(pieces), max_size=12).map("".join))
def test_no_heap_of_pieces_is_too_broken(text: str) -> None:
    """The same, for text that is nearly a header."""
    assert parse(text).present
