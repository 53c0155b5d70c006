"""Line charts as SVG: for a page that needs no network and no script.

Colours are CSS classes (`series-1`, ...), so that the page decides them, for dark screens too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

WIDTH, HEIGHT = 560, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 16, 46


class Series(NamedTuple):
    """A line: its name, its points (x, y), and which of the page's colours it has, from 1. `dots` marks each point."""

    name: str
    points: Sequence[tuple[float, float]]
    color: int
    dots: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale, with a name and a unit in `label`. On a logarithmic one, what is not positive is left out."""

    label: str
    format: Callable[[float], str]
    logarithmic: bool = False


def chart(title: str, x: Axis, y: Axis, series: Sequence[Series], *, y_from_zero: bool = True) -> str:
    """One chart with its legend; "" when there is nothing to draw."""
    drawn = [(one, _drawable(one.points, x, y)) for one in series]
    drawn = [(one, points) for one, points in drawn if points]
    if not drawn:
        return ""
    every = [point for _, points in drawn for point in points]
    across = _Scale.over([point[0] for point in every], x, _LEFT, WIDTH - _RIGHT, from_zero=False)
    up = _Scale.over([point[1] for point in every], y, HEIGHT - _BOTTOM, _TOP, from_zero=y_from_zero)
    parts = [*_grid(across, up, x, y), *(_line(one, points, across, up, x, y) for one, points in drawn)]
    return (
        f"<figure><figcaption>{escape(title)}</figcaption>{_legend([one for one, _ in drawn])}"
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">{"".join(parts)}</svg></figure>'
    )


def ticks(low: float, high: float, *, logarithmic: bool, most: int = 7) -> list[float]:
    """Round numbers from `low` to `high`: powers of ten (with 2 and 5 times them within two decades), or even steps."""
    if not logarithmic:
        step = _step((high - low) / most)
        first = math.ceil(low / step - 1e-9)
        return [number * step for number in range(first, math.floor(high / step + 1e-9) + 1)]
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    every = max(1, math.ceil((last - first) / most))
    factors = (1, 2, 5) if high <= low * 100 else (1,)
    found = [factor * 10.0**power for power in range(first, last + 1, every) for factor in factors]
    return [one for one in found if low * (1 - 1e-9) <= one <= high * (1 + 1e-9)]


def _step(least: float) -> float:
    """The round number (1, 2 or 5 times a power of ten) that is not below `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))


@dataclass(frozen=True, slots=True)
class _Scale:
    low: float
    high: float
    start: float
    end: float
    logarithmic: bool

    @staticmethod
    def over(values: Sequence[float], axis: Axis, start: float, end: float, *, from_zero: bool) -> _Scale:
        low, high = min(values), max(values)
        if axis.logarithmic:
            low, high = (low, high) if high > low else (low / 2, high * 2)
        else:
            low = 0.0 if from_zero and low >= 0 else low
            high = high if high > low else low + 1
        return _Scale(low, high, start, end, axis.logarithmic)

    def at(self, value: float) -> float:
        low, high = (math.log(self.low), math.log(self.high)) if self.logarithmic else (self.low, self.high)
        share = ((math.log(value) if self.logarithmic else value) - low) / (high - low)
        return round(self.start + share * (self.end - self.start), 1)

    def ticks(self) -> list[float]:
        return ticks(self.low, self.high, logarithmic=self.logarithmic)


def _drawable(points: Sequence[tuple[float, float]], x: Axis, y: Axis) -> list[tuple[float, float]]:
    return [(a, b) for a, b in points if (a > 0 or not x.logarithmic) and (b > 0 or not y.logarithmic)]


def _grid(across: _Scale, up: _Scale, x: Axis, y: Axis) -> list[str]:
    parts = []
    for value in up.ticks():
        at = up.at(value)
        parts.append(f'<line class="grid" x1="{_LEFT}" y1="{at}" x2="{WIDTH - _RIGHT}" y2="{at}"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{at + 4}" text-anchor="end">{escape(y.format(value))}</text>')
    for value in across.ticks():
        at = across.at(value)
        bottom = HEIGHT - _BOTTOM
        parts.append(f'<line class="tick" x1="{at}" y1="{bottom}" x2="{at}" y2="{bottom + 5}"/>')
        parts.append(f'<text x="{at}" y="{bottom + 19}" text-anchor="middle">{escape(x.format(value))}</text>')
    middle = (_LEFT + WIDTH - _RIGHT) / 2
    parts.append(f'<text class="axis" x="{middle}" y="{HEIGHT - 6}" text-anchor="middle">{escape(x.label)}</text>')
    turned = f"rotate(-90 14 {(HEIGHT - _BOTTOM) / 2})"
    parts.append(
        f'<text class="axis" x="14" y="{(HEIGHT - _BOTTOM) / 2}" text-anchor="middle" transform="{turned}">'
        f"{escape(y.label)}</text>"
    )
    return parts


def _line(series: Series, points: Sequence[tuple[float, float]], across: _Scale, up: _Scale, x: Axis, y: Axis) -> str:
    path = " ".join(f"{across.at(a)},{up.at(b)}" for a, b in points)
    parts = [f'<polyline class="series-{series.color}" points="{path}"><title>{escape(series.name)}</title></polyline>']
    for a, b in points if series.dots else ():
        told = escape(f"{series.name}: {x.format(a)}, {y.format(b)}")
        parts.append(
            f'<circle class="series-{series.color}" cx="{across.at(a)}" cy="{up.at(b)}" r="4">'
            f"<title>{told}</title></circle>"
        )
    return "".join(parts)


def _legend(series: Sequence[Series]) -> str:
    if len(series) == 1:
        return ""
    items = (f'<li><i class="series-{one.color}"></i>{escape(one.name)}</li>' for one in series)
    return f"<ul>{''.join(items)}</ul>"
