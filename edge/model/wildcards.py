"""Patterns of path patterns, signed policies and names: `*` is any run of characters, `?` is exactly one.

Each run but the last takes the least that it can, and never looks back: that finds the same matches, and the time is
bounded, however many runs there are. The text, and in policies the pattern, comes from the viewer.
"""

from __future__ import annotations

import re
from functools import lru_cache


def expression(pattern: str) -> str:
    """The regular expression of the same meaning, for a full match with re.DOTALL. It has no groups."""
    first, *runs = (re.escape(part).replace(r"\?", ".") for part in pattern.split("*"))
    if not runs:
        return first
    *middle, last = runs
    return first + "".join(f"(?>.*?{part})" for part in middle) + ".*" + last


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> re.Pattern[str]:
    """It, compiled; one that was used lately is at hand."""
    return re.compile(expression(pattern), re.DOTALL)
