"""Which behavior a path belongs to: the first whose pattern matches, the default at last.

Source: CloudFront Developer Guide, "All distribution settings reference", Path pattern. Query strings do not count.
The path is normalised (RFC 3986 dot segments, repeated slashes) for matching only; everything else gets it as the
viewer wrote it. Choice where nothing is documented: percent-encoded characters, `%2E` among them, stay as they are.
"""

from __future__ import annotations

import re

from edge.model.distribution import Behavior

_SLASHES = re.compile(r"/{2,}")

_MEMO_MAX = 4096
_memo: dict[tuple[int, str], tuple[tuple[Behavior, ...], Behavior]] = {}
"""Earlier answers by identity of the behaviors. Each entry holds its behaviors, so that their id is not given away."""


def match(behaviors: tuple[Behavior, ...], path: str) -> Behavior:
    """The behavior for a raw path. The last of `behaviors` is the default one."""
    key = (id(behaviors), path)
    known = _memo.get(key)
    if known is not None:
        return known[1]
    found = _first(behaviors, path)
    if len(_memo) >= _MEMO_MAX:
        _memo.clear()
    _memo[key] = (behaviors, found)
    return found


def _first(behaviors: tuple[Behavior, ...], path: str) -> Behavior:
    if "//" in path or "/." in path:
        path = normalised(path)
    for behavior in behaviors[:-1]:
        if behavior.path_pattern.matches(path):
            return behavior
    return behaviors[-1]


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
