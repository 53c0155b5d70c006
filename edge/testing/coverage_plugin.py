"""A plugin of coverage.py, so that its reports have JavaScript beside Python.

    [tool.coverage.run]
    plugins = ["edge.testing.coverage_plugin"]

`pytest --edge-cov .coverage.edge` writes coverage.py's data; `coverage combine --append` takes it in, and all reports
show it. Needs the `coverage` package.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from coverage import CoverageData
from coverage.plugin import CoveragePlugin, FileReporter
from coverage.plugin_support import Plugins
from coverage.types import TArc, TLineNo

from edge.testing.js_points import Point, points

NAME = "edge.testing.coverage_plugin.JavaScript"


def coverage_init(reg: Plugins, options: Any) -> None:
    """Called by coverage.py."""
    reg.add_file_tracer(JavaScript())


class JavaScript(CoveragePlugin):
    """Knows the lines and branches of JavaScript; what ran is in the data already."""

    def file_reporter(self, filename: str) -> FileReporter:
        """For one file."""
        return _Reporter(filename)


class _Reporter(FileReporter):
    def __init__(self, filename: str) -> None:
        super().__init__(filename)
        self._code = Path(filename).read_text("utf-8")
        self._points = points(self._code)

    def source(self) -> str:
        return self._code

    def lines(self) -> set[TLineNo]:
        return {point.line for point in self._points if point.branch is None}

    def arcs(self) -> set[TArc]:
        return {arc for _, arc in _arms(self._points, self._code)}

    def exit_counts(self) -> dict[TLineNo, int]:
        counts: dict[TLineNo, int] = {}
        for _, (line, _to) in _arms(self._points, self._code):
            counts[line] = counts.get(line, 0) + 1
        return counts


def write(
    file: Path, sources: Mapping[str, tuple[Point, ...]], hits: Mapping[str, Mapping[int, int]], *, branch: bool
) -> None:
    """What ran, as coverage.py's data. `branch` must be as in the data that it is to be combined with."""
    file.unlink(missing_ok=True)
    data = CoverageData(basename=str(file))
    for source, found in sources.items():
        path = Path(source).resolve()
        counts = hits.get(source, {})
        lines = {point.line for number, point in enumerate(found) if point.branch is None and counts.get(number)}
        if branch:
            taken = {arc for number, arc in _arms(found, path.read_text("utf-8")) if counts.get(number)}
            data.add_arcs({str(path): taken | {(-1, line) for line in lines}})
        else:
            data.add_lines({str(path): lines})
        data.add_file_tracers({str(path): NAME})
    data.close()


def _arms(found: Iterable[Point], code: str) -> list[tuple[int, TArc]]:
    """Each arm by the number of its point, as coverage.py has it: from one line to another. An arm that is on the line
    of its branch, or is not written, leads to a number below 0 that is its own."""
    arms: list[tuple[int, TArc]] = []
    for number, point in enumerate(found):
        if point.branch is not None:
            to = 0 if point.offset is None else _line_of_code(code, point.offset)
            arms.append((number, (point.line, to if to > point.line else -number - 2)))
    return arms


def _line_of_code(code: str, offset: int) -> int:
    """The line of what comes at an offset, behind blanks."""
    text = code[offset:]
    return code.count("\n", 0, offset + len(text) - len(text.lstrip())) + 1
