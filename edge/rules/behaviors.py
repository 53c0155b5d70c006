"""Which behavior a path belongs to: the first whose pattern matches, the default at last.

Source: CloudFront Developer Guide, "All distribution settings reference", Path pattern. Query strings do not count.
The path is normalised (RFC 3986 dot segments, repeated slashes) for matching only; everything else gets it as the
viewer wrote it. Choice where nothing is documented: percent-encoded characters, `%2E` among them, stay as they are.
"""

from __future__ import annotations

import re

from edge.model.distribution import Behavior

_SLASHES = re.compile(r"/{2,}")

_MEMO_MAX = 256
_memo: dict[int, tuple[tuple[Behavior, ...], re.Pattern[str]]] = {}
"""All patterns of a distribution as one, by identity of the behaviors. Each entry holds its behaviors, so that their id
is not given away."""


def match(behaviors: tuple[Behavior, ...], path: str) -> Behavior:
    """The behavior for a raw path. The last of `behaviors` is the default one."""
    if len(behaviors) == 1:
        return behaviors[0]
    if "//" in path or "/." in path:
        path = normalised(path)
    known = _memo.get(id(behaviors))
    patterns = _all_patterns(behaviors) if known is None else known[1]
    found = patterns.fullmatch(path)
    return behaviors[-1 if found is None else (found.lastindex or 0) - 1]


def _all_patterns(behaviors: tuple[Behavior, ...]) -> re.Pattern[str]:
    """One regular expression, with a group for each pattern: the first that matches is the one that is found."""
    if len(_memo) >= _MEMO_MAX:
        _memo.clear()
    groups = "|".join(f"({behavior.path_pattern.regex})" for behavior in behaviors[:-1])
    patterns = re.compile(groups, re.DOTALL)
    _memo[id(behaviors)] = (behaviors, patterns)
    return patterns


def normalised(path: str) -> str:
    """A path without `.` and `..` segments and repeated slashes."""
    kept: list[str] = []
    segments = _SLASHES.sub("/", path).split("/")[1:]
    for segment in segments:
        if segment == "..":
            if kept:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    # A path that ends in a dot segment names a folder.
    tail = "/" if segments[-1] in (".", "..") and kept else ""
    return "/" + "/".join(kept) + tail
