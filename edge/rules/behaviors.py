"""Which behavior a path belongs to: the first whose pattern matches, the default at last.

Source: CloudFront Developer Guide, "All distribution settings reference", Path pattern. Query strings do not count.
The path is normalised (RFC 3986 dot segments, repeated slashes) for matching only; everything else gets it as the
viewer wrote it.
"""

from __future__ import annotations

import re

from edge.model.distribution import Behavior

_SLASHES = re.compile(r"/{2,}")


def match(behaviors: tuple[Behavior, ...], path: str) -> Behavior:
    """The behavior for a raw path. The last of `behaviors` is the default one."""
    if len(behaviors) > 1:
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
    tail = "/" if segments and segments[-1] in (".", "..") and kept else ""
    return "/" + "/".join(kept) + tail
