"""How often each point of a source ran, from what V8's profiler says.

V8 gives ranges of offsets with counts, for each function one for the whole of it and more where a block within has
another count. The innermost range around an offset has its count. Offsets are in UTF-16 code units.

Source: Chrome DevTools Protocol, Profiler.takePreciseCoverage.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edge.testing.js_points import Point

_LAST_OF_BMP = 0xFFFF


def of(script: Mapping[str, Any], code: str, points: tuple[Point, ...]) -> dict[int, int]:
    """The counts by number of the point. The arm of an `if` that is not written ran as often as the statement did,
    without the arm that is."""
    ranges = [
        (one["startOffset"], one["endOffset"], one["count"])
        for function in script["functions"]
        for one in function["ranges"]
    ]
    units = _units(code)
    counts: dict[int, int] = {}
    for number, point in enumerate(points):
        if point.offset is not None:
            counts[number] = _at(units(point.offset), ranges)
    for number, point in enumerate(points):
        if point.offset is None:
            counts[number] = max(0, _of_statement(point, points, counts) - counts[number - 1])
    return counts


def _of_statement(arm: Point, points: tuple[Point, ...], counts: Mapping[int, int]) -> int:
    """How often the `if` of an arm ran: as often as the last statement that begins before its first arm."""
    first = next(each for each in points if each.branch == arm.branch)
    assert first.offset is not None
    before = [
        (point.offset, counts[number])
        for number, point in enumerate(points)
        if point.branch is None and point.offset is not None and point.offset < first.offset
    ]
    return max(before)[1] if before else 0


def _at(offset: int, ranges: list[tuple[int, int, int]]) -> int:
    around = [(end - start, count) for start, end, count in ranges if start <= offset < end]
    return min(around, key=lambda one: one[0])[1] if around else 0


def _units(code: str) -> Any:
    """From characters to UTF-16 code units."""
    beyond = [place for place, character in enumerate(code) if ord(character) > _LAST_OF_BMP]
    return lambda offset: offset + sum(place < offset for place in beyond)
