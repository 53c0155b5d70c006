"""Query strings, raw."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.model import query_string
from edge.model.query_string import Parameter


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (None, ()),
        ("", ()),
        ("a", (("a", None),)),
        ("a=", (("a", ""),)),
        ("=a", (("", "a"),)),
        ("a=1&a=2&A=3", (("a", "1"), ("a", "2"), ("A", "3"))),
        ("b=1&a=2", (("b", "1"), ("a", "2"))),
        ("a=b=c", (("a", "b=c"),)),
        ("a=1;b=2", (("a", "1;b=2"),)),
        ("a=%20+%2f", (("a", "%20+%2f"),)),
        ("?a=1", (("?a", "1"),)),
        ("a=1&&b=2&", (("a", "1"), ("b", "2"))),
    ],
)
def test_only_ampersands_separate(query: str | None, expected: tuple[Parameter, ...]) -> None:
    """Order, case and duplicates stay, and nothing is decoded."""
    assert query_string.parse(query) == expected


@given(st.text("ab=&;%+?", max_size=20))
def test_what_was_taken_apart_comes_back(query: str) -> None:
    """But for empty pieces."""
    whole = "&".join(piece for piece in query.split("&") if piece)
    assert query_string.render(query_string.parse(query)) == whole


names = st.text("abc;%", min_size=1, max_size=3)


@given(st.lists(st.tuples(names, st.one_of(st.none(), st.text("abc=;", max_size=3)))))
def test_what_is_written_is_read(parameters: list[Parameter]) -> None:
    """In its order: that is what the cache key is made of."""
    assert query_string.parse(query_string.render(parameters)) == tuple(parameters)
