"""Wildcards in patterns."""

from __future__ import annotations

import re

import pytest

from edge.model import wildcards


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("a*b*c", "a1b2b3c", True),
        ("a*b*c", "a1b2b3", False),
        ("a*ab*b", "aab", False),
        ("a*ab*b", "aabb", True),
        ("*?", "", False),
        ("*?", "a", True),
        ("a.c", "abc", False),
        ("(a)|[b]*", "(a)|[b]\n", True),
    ],
)
def test_what_a_pattern_fits(pattern: str, text: str, fits: bool) -> None:
    assert (wildcards.compiled(pattern).fullmatch(text) is not None) is fits


def test_an_expression_has_no_groups() -> None:
    """Several may stand in one expression, each in a group of its own."""
    assert re.compile(wildcards.expression("(a)*(b)*?")).groups == 0


@pytest.mark.parametrize("pattern", ["*a*a*a*a*a*a*a*a*b", "/*/*/*/*/*.jpg", "*a?a?*a?a?*c"])
def test_no_text_takes_more_time_than_its_length_deserves(pattern: str) -> None:
    """A search that looks back would not come to an end in this world."""
    for piece in ("a", "/a", "a/"):
        assert wildcards.compiled(pattern).fullmatch("/" + piece * 4_000) is None
