"""Every trap of CloudFront Functions that we know of has a number, and a test whose name says it.

A trap is something that works in a test on one's own machine and fails at CloudFront, or the other way round. Number 37
is about the control plane, which is not modelled.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent

FOLDERS = {
    "exchange": [*range(1, 4), *range(5, 13), *range(14, 29), *range(30, 33), 34, *range(43, 48), 49, 50],
    "runtimes": [4, 5, 15, *range(24, 32), 33, 34, *range(40, 44), 48],
    "events": [12, 13, 16],
    "logs": [41, 42],
    "commands": [8, 36, 45],
    "configuration": [35, 38, 39],
}
"""Where the tests of a trap are, by the folder of tests/."""

NOT_MODELLED = {37: "a stale If-Match is 412: there is no API here to update a function through"}

LAST = 50


def test_each_number_has_a_place_or_a_reason() -> None:
    """None is left out."""
    named = {number for numbers in FOLDERS.values() for number in numbers} | NOT_MODELLED.keys()
    assert named == set(range(1, LAST + 1))


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_tests_are_there(folder: str) -> None:
    """By their names, in files about functions."""
    text = "\n".join(
        path.read_text() for path in sorted((TESTS / folder).rglob("test_*.py")) if "lambda" not in path.name
    )
    found = {int(number) for number in re.findall(r"^(?:async )?def test_trap_(\d+)_", text, re.MULTILINE)}
    assert set(FOLDERS[folder]) <= found


def test_what_is_not_modelled_is_said() -> None:
    """In docs/fidelity.md."""
    fidelity = (TESTS.parent / "docs" / "fidelity.md").read_text()
    for number in NOT_MODELLED:
        assert f"trap {number}" in fidelity
