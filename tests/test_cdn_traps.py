"""Every trap of the CDN that we know of has a number, and a test whose name says it.

A trap is a set-up that does something else than its author thinks. Each has a test of the rule that it is about, and
most are cases of tests/conformance too, which run in virtual time and over sockets.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

TESTS = Path(__file__).parent

FILES = {
    "configuration/test_resolve.py": [5],
    "end_to_end/test_admin.py": [27, 28],
    "exchange/test_errors.py": [1, 2, 4, 6, 23, 29],
    "exchange/test_hit_and_miss.py": [33],
    "origins/test_bucket.py": [24],
    "rules": [0, *range(1, 4), *range(6, 24), 25, 26, *range(30, 33), 34, 35],
}
"""Where the tests of a trap are, by file or folder of tests/."""

LAST = 35

NOT_OVER_SOCKETS = {
    20: "the origin of the cases speaks no TLS",
    24: "a folder plays the bucket: tests/origins",
    30: "a function URL is an origin of AWS: tests/rules",
    33: "the steps of a case come one after the other: tests/exchange, tests/end_to_end",
}
"""Traps that are no cases of tests/conformance, and why."""


def test_each_number_has_a_test() -> None:
    """None is left out."""
    named = {number for numbers in FILES.values() for number in numbers}
    assert named == set(range(LAST + 1))


@pytest.mark.parametrize("place", FILES)
def test_the_tests_are_there(place: str) -> None:
    """By their names."""
    path = TESTS / place
    files = [path] if path.is_file() else sorted(path.glob("test_*.py"))
    text = "\n".join(file.read_text() for file in files)
    found = {int(number) for number in re.findall(r"^(?:async )?def test_trap_(\d+)_", text, re.MULTILINE)}
    assert set(FILES[place]) <= found


def test_the_others_are_cases_that_run_over_sockets_too() -> None:
    """With their numbers in their ids."""
    files = sorted((TESTS / "conformance" / "cases").glob("*.yaml"))
    cases = [one for file in files for one in yaml.safe_load(file.read_text())]
    found = {int(match.group(1)) for one in cases if (match := re.match(r"trap-(\d+)-", one["id"]))}
    assert found == set(range(LAST + 1)) - NOT_OVER_SOCKETS.keys()
