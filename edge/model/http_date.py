"""HTTP dates (RFC 9110 section 5.6.7) to epoch seconds and back."""

from __future__ import annotations

from calendar import timegm
from email.utils import formatdate, parsedate_tz
from functools import lru_cache


def parse(text: str | None) -> float | None:
    """Epoch seconds of an HTTP date in any of its three forms, None for anything else."""
    if not text:
        return None
    parts = parsedate_tz(text)
    if parts is None:
        return None
    try:
        return float(timegm((*parts[:6], 0, 0, 0)) - (parts[9] or 0))
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=8)
def _render(second: int) -> str:
    return formatdate(second, usegmt=True)


def render(at: float) -> str:
    """An epoch time as the preferred form, `Sun, 06 Nov 1994 08:49:37 GMT`."""
    return _render(int(at))
