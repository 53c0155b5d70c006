"""Points in time and durations, as the commands take them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import click

_UNITS_S = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def parse_time(text: str, option: str, *, now: float) -> float:
    """Epoch seconds from ISO 8601, epoch seconds, or a duration from now (90s, 15m, 2h, 7d). Raises UsageError."""
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    duration = re.fullmatch(r"(\d+)([smhd])", text)
    if duration is not None:
        return now + int(duration[1]) * _UNITS_S[duration[2]]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(
            f"{option} {text}: write epoch seconds, ISO 8601 (2026-01-31T12:00:00Z) or a duration (2h)"
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
