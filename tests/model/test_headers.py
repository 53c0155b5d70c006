"""Header lines as they stand on the wire."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.model.headers import NO_HEADERS, Headers, Line, encoded

SEVERAL = Headers((("X-A", "1"), ("Server", "nginx"), ("x-a", "2"), ("Empty", "")))

latin = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=8)
lines = st.lists(st.tuples(st.sampled_from(["X-A", "x-a", "X-B", "Content-Length", "Connection"]), latin), max_size=6)


def test_names_are_found_in_any_case() -> None:
    """The first of several lines is the one that `get` gives."""
    assert (SEVERAL.get("x-a"), SEVERAL.get("server"), SEVERAL.get("empty")) == ("1", "nginx", "")
    assert SEVERAL.get("x-b") is None
    assert "x-a" in SEVERAL
    assert "x-b" not in SEVERAL
    assert SEVERAL.names() == {"x-a", "server", "empty"}


def test_all_lines_of_a_name_are_one_list() -> None:
    """In order, and joined as RFC 9110 says."""
    assert (SEVERAL.all("x-a"), SEVERAL.joined("x-a")) == (("1", "2"), "1, 2")
    assert (SEVERAL.all("x-b"), SEVERAL.joined("x-b")) == ((), None)
    assert SEVERAL.joined("empty") == ""


def test_replacing_leaves_one_line_at_the_first_place() -> None:
    """Written as given; at the end when there was none."""
    assert SEVERAL.replaced("X-a", "3").lines == (("X-a", "3"), ("Server", "nginx"), ("Empty", ""))
    assert NO_HEADERS.replaced("X-A", "1").lines == (("X-A", "1"),)


def test_removing_what_is_not_there_changes_nothing() -> None:
    """Not even the object: what was worked out once for it stays."""
    assert SEVERAL.without("x-b") is SEVERAL
    assert SEVERAL.without("x-a", "x-b").lines == (("Server", "nginx"), ("Empty", ""))


def test_lines_are_selected_by_their_lower_case_names() -> None:
    """In their order."""
    assert SEVERAL.where(lambda name: name == "x-a").lines == (("X-A", "1"), ("x-a", "2"))


def test_headers_are_never_changed_in_place() -> None:
    """Every operation makes new ones, also after the first lookup has built the index."""
    before = SEVERAL.lines
    SEVERAL.get("x-a")
    longer = SEVERAL.plus((("X-B", "9"),))
    SEVERAL.replaced("X-A", "3")
    SEVERAL.without("x-a")
    assert SEVERAL.lines == before
    assert longer.get("x-b") == "9"


def test_equal_lines_are_equal_headers() -> None:
    """Case and order included; they can be keys."""
    same, other = Headers(list(SEVERAL)), Headers((("x-a", "1"),))
    assert {SEVERAL: 1}[same] == 1
    assert Headers((("X-A", "1"),)) != other
    assert other != (("x-a", "1"),)
    assert (len(SEVERAL), len(NO_HEADERS)) == (4, 0)
    assert repr(other) == "Headers([('x-a', '1')])"


def test_the_wire_has_every_line_with_its_end() -> None:
    """And what frames a message is left to whoever sends it."""
    framed = Headers((("Content-Length", "4"), ("X-A", "é"), ("connection", "close"), ("Transfer-Encoding", "chunked")))
    assert framed.wire() == (b"Content-Length: 4\r\nX-A: \xe9\r\nconnection: close\r\nTransfer-Encoding: chunked\r\n")
    assert framed.unframed() == b"X-A: \xe9\r\n"
    assert NO_HEADERS.wire() == b""


def test_what_is_not_latin_1_is_replaced() -> None:
    """User code may put any text into a header; one character must not cost the whole answer."""
    assert encoded((("X-A", "a\u20acb"),)) == b"X-A: a?b\r\n"


@pytest.mark.parametrize("make", [Headers.wire, Headers.unframed])
def test_the_bytes_are_made_once(make: object) -> None:
    """A stored object's headers cost nothing on a hit."""
    assert callable(make)
    assert make(SEVERAL) is make(SEVERAL)


@given(lines)
def test_untouched_values_keep_their_bytes(lines: list[Line]) -> None:
    """Whatever bytes came in go out."""
    expected = b"".join(name.encode() + b": " + value.encode("latin-1") + b"\r\n" for name, value in lines)
    assert Headers(lines).wire() == expected


@given(lines, st.sampled_from(["x-a", "x-b", "X-New"]), latin)
def test_after_replacing_there_is_one(lines: list[Line], name: str, value: str) -> None:
    """And every other line is as it was."""
    headers = Headers(lines)
    replaced = headers.replaced(name, value)
    lower = name.lower()
    assert replaced.all(lower) == (value,)
    assert replaced.without(lower) == headers.without(lower)


@given(lines, st.sampled_from(["x-a", "x-b", "connection"]))
def test_lines_are_there_or_not(lines: list[Line], name: str) -> None:
    """All ways of asking agree."""
    headers = Headers(lines)
    there = any(each.lower() == name for each, _ in lines)
    assert (name in headers) is (headers.get(name) is not None) is (headers.joined(name) is not None) is there
    assert bool(headers.all(name)) is (name in headers.names()) is there
    assert name not in headers.without(name)


def test_any_of_several_names_is_asked_for_at_once() -> None:
    headers = Headers((("If-None-Match", '"a"'), ("Accept", "*/*")))
    assert headers.has_any(frozenset({"range", "if-none-match"}))
    assert not headers.has_any(frozenset({"range", "if-match"}))
    assert not Headers().has_any(frozenset({"range"}))
