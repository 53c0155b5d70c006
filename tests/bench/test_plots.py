"""Charts: scales, ticks, and what cannot be drawn."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import pytest

from edge.bench.plots import HEIGHT, WIDTH, Axis, Series, chart, ticks

LINEAR = Axis("ms", lambda value: f"{value:g}")
LOGARITHMIC = Axis("requests", lambda value: f"{value:g}", logarithmic=True)


def points(svg: str) -> list[list[tuple[float, float]]]:
    """Of every line, as they are drawn."""
    found = re.findall(r'<polyline[^>]* points="([^"]*)"', svg)
    return [[tuple(map(float, pair.split(","))) for pair in one.split()] for one in found]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("low", "high", "logarithmic", "expected"),
    [
        (0, 1, False, [0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (3, 42, False, [10, 20, 30, 40]),
        (0.5, 20, True, [0.5, 1, 2, 5, 10, 20]),
        (0.5, 80, True, [1, 10]),
        (1, 1_000_000, True, [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]),
    ],
)
def test_ticks_are_round_numbers(low: float, high: float, logarithmic: bool, expected: list[float]) -> None:
    assert ticks(low, high, logarithmic=logarithmic) == pytest.approx(expected)


def test_higher_values_stand_higher_and_later_ones_to_the_right() -> None:
    (((x1, y1), (x2, y2)),) = points(chart("t", LINEAR, LINEAR, [Series("a", [(1, 1), (2, 5)], 1)]))
    assert x1 < x2
    assert y1 > y2


def test_equal_ratios_are_equal_distances_on_a_logarithmic_scale() -> None:
    (line,) = points(chart("t", LOGARITHMIC, LINEAR, [Series("a", [(1, 0), (10, 1), (100, 2)], 1)]))
    assert line[1][0] - line[0][0] == pytest.approx(line[2][0] - line[1][0], abs=0.2)


def test_what_is_not_positive_is_left_out_of_a_logarithmic_scale() -> None:
    """The free tier costs 0."""
    (line,) = points(chart("t", LINEAR, LOGARITHMIC, [Series("a", [(1, 0), (2, 1), (3, 2)], 1)]))
    assert len(line) == 2


def test_every_point_lies_within_the_picture() -> None:
    lines = points(chart("t", LINEAR, LINEAR, [Series("a", [(-5, 3), (700, 9)], 1), Series("b", [(2, 0)], 2)]))
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for line in lines for x, y in line)


def test_nothing_to_draw_is_no_chart() -> None:
    assert chart("t", LINEAR, LOGARITHMIC, [Series("free", [(1, 0.0)], 1)]) == ""


def test_a_flat_line_is_drawn_too() -> None:
    assert points(chart("t", LINEAR, LINEAR, [Series("a", [(1, 2), (2, 2)], 1)]))
    assert points(chart("t", LINEAR, LINEAR, [Series("a", [(3, 0)], 1)]))


def test_names_are_text_not_markup() -> None:
    svg = chart("<b>", LINEAR, LINEAR, [Series("a & <i>", [(0, 0), (1, 1)], 1, dots=True)])
    figure = ElementTree.fromstring(svg)
    assert figure.findtext("figcaption") == "<b>"
    assert "a & <i>" in "".join(figure.itertext())


def test_only_several_lines_need_a_legend() -> None:
    one, other = Series("a", [(0, 0), (1, 1)], 1), Series("b", [(0, 1), (1, 0)], 2)
    assert "<ul>" not in chart("t", LINEAR, LINEAR, [one])
    assert chart("t", LINEAR, LINEAR, [one, other]).count("<li>") == 2
