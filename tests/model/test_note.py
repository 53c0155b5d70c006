"""Notes."""

from __future__ import annotations

from edge.model.note import Note


def test_a_note_is_a_sentence_about_one_request() -> None:
    """Put together from what the rule saw."""
    assert Note("ttl.origin", "{} of {} s counts", ("max-age", 60)).sentence == "max-age of 60 s counts"


def test_braces_in_values_and_in_fixed_sentences_stay() -> None:
    """A path may hold any character."""
    assert Note("a", "asked for {}", ("/{id}",)).sentence == "asked for /{id}"
    assert Note("a", "use {name} here").sentence == "use {name} here"
