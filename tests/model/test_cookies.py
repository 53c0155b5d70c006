"""The Cookie request header as pairs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.model import cookies
from edge.model.cookies import Cookie
from edge.model.headers import Headers


def parse(*lines: str) -> tuple[Cookie, ...]:
    return cookies.parse(Headers(("Cookie", line) for line in lines))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((), ()),
        (("",), ()),
        (("a=1",), (("a", "1"),)),
        (("b=2; a=1",), (("b", "2"), ("a", "1"))),
        (("b=2;a=1 ; ",), (("b", "2"), ("a", "1"))),
        (("b=2", "a=1"), (("b", "2"), ("a", "1"))),
        (("a=1; a=2; A=3",), (("a", "1"), ("a", "2"), ("A", "3"))),
        (("a=",), (("a", ""),)),
        (("a=b=c",), (("a", "b=c"),)),
        (('a="x y"',), (("a", '"x y"'),)),
        (("$Version=1; a=1; $Path=/",), (("a", "1"),)),
        (("broken; a=1; =2",), (("a", "1"),)),
    ],
)
def test_pairs_in_order(lines: tuple[str, ...], expected: tuple[Cookie, ...]) -> None:
    """Case and duplicates stay; names with `$`, and what is no pair, are left out."""
    assert parse(*lines) == expected


tokens = st.text("abAB=%", min_size=1, max_size=4)


@given(st.lists(st.tuples(st.text("abAB%", min_size=1, max_size=4), tokens)))
def test_what_is_written_is_read(pairs: list[Cookie]) -> None:
    """Round trip, in order."""
    assert parse(cookies.render(pairs)) == tuple(pairs)


@given(st.lists(st.text("ab=; $", max_size=12), max_size=3))
def test_reading_again_changes_nothing(lines: list[str]) -> None:
    """What goes to the origin is read there as it was here."""
    once = parse(*lines)
    assert parse(cookies.render(once)) == once
