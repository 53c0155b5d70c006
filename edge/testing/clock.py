"""A clock that stands still until the test moves it."""

from __future__ import annotations

from datetime import UTC, datetime

START = datetime(2026, 1, 1, tzinfo=UTC).timestamp()


class VirtualClock:
    """Time in the hands of the test: 2026-01-01T00:00:00Z until it says otherwise."""

    __slots__ = ("time",)

    def __init__(self, time: float = START) -> None:
        self.time = time

    def now(self) -> float:
        """Epoch seconds."""
        return self.time

    def advance(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        """Let time pass."""
        self.time += seconds + 60 * (minutes + 60 * (hours + 24 * days))

    def set(self, time: float | str | datetime) -> None:
        """Go to a moment: epoch seconds, ISO 8601 text, or a datetime. Without a time zone it is UTC."""
        moment = datetime.fromisoformat(time) if isinstance(time, str) else time
        if isinstance(moment, datetime):
            moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        self.time = float(moment)

    def __repr__(self) -> str:
        return f"<VirtualClock {datetime.fromtimestamp(self.time, UTC).isoformat()}>"
