"""Text between the wire and user code."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from edge.events.utf8 import to_user, to_wire


@given(st.text(st.characters(codec="utf-8")))
def test_what_user_code_writes_comes_back_to_user_code(text: str) -> None:
    """UTF-8 on the wire is read as UTF-8."""
    assert to_user(to_wire(text)) == text


@given(st.binary())
def test_any_bytes_can_be_shown(data: bytes) -> None:
    """Whatever the wire holds is text for user code."""
    assert isinstance(to_user(data.decode("latin-1")), str)


def test_a_lone_surrogate_becomes_a_question_mark() -> None:
    """UTF-8 has no form for it."""
    assert to_wire("a\ud800b") == "a?b"
