"""Findings, and the names that are meant."""

from __future__ import annotations

import pytest

from edge.configuration.finding import ConfigurationError, error, nearest, note, warning


@pytest.mark.parametrize(
    ("name", "known", "words"),
    [
        ("Enabld", ["Enabled", "Origins"], "did you mean Enabled?"),
        ("CACHINGDISABLED", ["CachingDisabled"], "did you mean CachingDisabled?"),
        ("zzz", ["b", "a"], "there are a, b"),
        ("zzz", [f"{n:02}" for n in range(13)], "there are 00, 01, 02, 03, 04, 05, 06, 07, 08, 09, 10, 11, ..."),
        ("zzz", [], "there are none"),
    ],
)
def test_the_nearest_name_is_offered_or_all_that_there_are(name: str, known: list[str], words: str) -> None:
    assert nearest(name, known) == words


def test_an_error_puts_errors_first_and_says_the_first() -> None:
    raised = ConfigurationError(note("n", "a", "x"), warning("w", "b", "y"), error("e", "site.yaml:3", "wrong"))
    assert [finding.rule for finding in raised.findings] == ["e", "n", "w"]
    assert str(raised) == "site.yaml:3: wrong"
