"""Promises of edge/commands/times.py."""

from __future__ import annotations

import click
import pytest

from edge.commands.times import parse_time


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1767225600", 1_767_225_600),
        ("1767225600.5", 1_767_225_600.5),
        ("2026-01-01T00:00:00Z", 1_767_225_600),
        ("2026-01-01", 1_767_225_600),
        ("2026-01-01T01:00:00+01:00", 1_767_225_600),
        ("90s", 1_090),
        ("2h", 8_200),
        ("7d", 605_800),
    ],
)
def test_times_and_durations(text: str, expected: float) -> None:
    assert parse_time(text, "--at", now=1_000) == expected


def test_anything_else_is_wrong_usage() -> None:
    with pytest.raises(click.UsageError, match="--at tomorrow"):
        parse_time("tomorrow", "--at", now=0)
