"""A clock that stands still."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from edge.testing import VirtualClock


def test_it_begins_with_2026_and_stands_still() -> None:
    """Every test has the same time."""
    clock = VirtualClock()
    assert clock.now() == clock.now() == datetime(2026, 1, 1, tzinfo=UTC).timestamp()


def test_it_moves_when_the_test_moves_it() -> None:
    """By seconds, minutes, hours and days."""
    clock = VirtualClock(0)
    clock.advance(days=1, hours=1, minutes=1, seconds=1.5)
    assert clock.now() == 86_400 + 3_600 + 60 + 1.5


@pytest.mark.parametrize(
    "moment", [86_400, "1970-01-02", "1970-01-02T00:00:00Z", "1970-01-02T01:00:00+01:00", datetime(1970, 1, 2)]
)
def test_it_can_be_set(moment: float | str | datetime) -> None:
    """To epoch seconds, ISO 8601 text or a datetime; UTC when nothing else is said."""
    clock = VirtualClock()
    clock.set(moment)
    assert clock.now() == 86_400
    assert repr(clock) == "<VirtualClock 1970-01-02T00:00:00+00:00>"
