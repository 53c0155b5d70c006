"""Path patterns: their characters and length, and those that an earlier one covers.

Source: CloudFront Developer Guide, "All distribution settings reference", Path pattern. The first pattern that matches
wins, so one that comes after a wider one is never used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from edge.configuration.finding import Finding, error, warning
from edge.configuration.positions import Place
from edge.configuration.shapes.distribution_config import DistributionConfigShape
from edge.model import quotas

_SOURCE = 'CloudFront Developer Guide, "All distribution settings reference", Path pattern'
_ALLOWED = re.compile(r"[A-Za-z0-9_\-.*$/~\"'@:+&?]+")


def check(config: DistributionConfigShape, place: Place) -> Iterator[Finding]:
    """Every pattern by itself, and against those before it."""
    patterns = [behavior.PathPattern for behavior in config.CacheBehaviors]
    fitting = [pattern for pattern in patterns if len(pattern) <= quotas.PATH_PATTERN_MAX_CHARS]
    for index, pattern in enumerate(patterns):
        where = place.at("CacheBehaviors", index, "PathPattern")
        if not _ALLOWED.fullmatch(pattern):
            bad = "".join(sorted({character for character in pattern if not _ALLOWED.fullmatch(character)}))
            message = f"{pattern!r} may not hold {bad!r}" if bad else "must not be empty"
            yield error("path_patterns.characters", where, message, _SOURCE)
        if len(pattern) > quotas.PATH_PATTERN_MAX_CHARS:
            message = f"has {len(pattern)} characters, and at most {quotas.PATH_PATTERN_MAX_CHARS} are allowed"
            yield error("path_patterns.length", where, message, _SOURCE)
            continue
        wider = next((earlier for earlier in patterns[:index] if earlier in fitting and covers(earlier, pattern)), None)
        if wider is not None:
            message = f"{pattern!r} is never reached: {wider!r} comes before it and matches all that it matches"
            yield warning("path_patterns.covered", where, f"{message}; put it first", _SOURCE)
    everything = next((index for index, one in enumerate(patterns) if one in fitting and covers(one, "*")), None)
    if everything is not None:
        message = f"{patterns[everything]!r} matches every path, so the default behavior is never reached"
        yield warning(
            "path_patterns.default_covered", place.at("CacheBehaviors", everything, "PathPattern"), message, _SOURCE
        )


def covers(wide: str, narrow: str) -> bool:
    """Whether every path that `narrow` matches is matched by `wide`. Sure when True; in rare cases of several
    wildcards in a row it is True in fact and not seen."""
    return _covers(_anchored(wide), _anchored(narrow))


def _anchored(pattern: str) -> str:
    """With its leading slash, and each run of `*` as one."""
    return re.sub(r"\*+", "*", pattern if pattern.startswith("/") else f"/{pattern}")


@lru_cache(maxsize=65_536)
def _covers(wide: str, narrow: str) -> bool:
    """`*` in `wide` takes any piece of `narrow`, wildcards included; `?` takes one character or one `?`."""
    if not wide:
        return not narrow
    if wide[0] == "*":
        return any(_covers(wide[1:], narrow[start:]) for start in range(len(narrow) + 1))
    if not narrow or narrow[0] == "*":
        return False
    return (wide[0] == "?" or wide[0] == narrow[0]) and _covers(wide[1:], narrow[1:])
