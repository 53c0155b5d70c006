"""HTTP dates."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.model import http_date

NOVEMBER = 784_111_777.0


@pytest.mark.parametrize(
    "text",
    ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"],
    ids=["imf-fixdate", "rfc-850", "asctime"],
)
def test_the_three_forms_of_a_date(text: str) -> None:
    """RFC 9110 section 5.6.7."""
    assert http_date.parse(text) == NOVEMBER


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, None),
        ("", None),
        ("0", None),
        ("-1", None),
        ("soon", None),
        ("Sun, 06 Foo 1994 08:49:37 GMT", None),
        ("Sun, 06 Nov 1994", None),
        ("Sun, 06 Nov 1994 10:49:37 +0200", NOVEMBER),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
    ],
)
def test_other_texts(text: str | None, expected: float | None) -> None:
    """`Expires: 0` and its like are no dates; offsets are understood."""
    assert http_date.parse(text) == expected


def test_dates_are_written_in_the_preferred_form() -> None:
    """In whole seconds."""
    assert http_date.render(NOVEMBER) == http_date.render(NOVEMBER + 0.9) == "Sun, 06 Nov 1994 08:49:37 GMT"


@given(st.integers(0, 250_000_000_000))
def test_what_is_written_is_read(second: int) -> None:
    """Up to the year 9892."""
    assert http_date.parse(http_date.render(second)) == second


@given(st.text())
def test_no_text_is_too_broken(text: str) -> None:
    """Origins send anything."""
    assert http_date.parse(text) is None or isinstance(http_date.parse(text), float)


parts = ["Sun", ",", " ", "06", "Nov", "1994", "08:49:37", "GMT", "-", "+0200", "99", "99999999999", ":", "61:61:61"]


@given(st.lists(st.sampled_from(parts), max_size=10).map("".join))
def test_no_heap_of_pieces_is_too_broken(text: str) -> None:
    """The same, for text that is nearly a date."""
    assert http_date.parse(text) is None or isinstance(http_date.parse(text), float)
