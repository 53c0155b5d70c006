"""Which lines and branches of CloudFront Functions the tests ran, as an lcov file: `pytest --edge-coverage lcov.info`.

Editors, genhtml and the services that draw coverage read it. Functions that a test gives as text are not counted. A
counted function runs longer and logs one line more inside the engine, so budgets are no use in such a run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from edge.model.function import CloudFrontFunction, FunctionCall, FunctionOutcome, Invalid, Throttled
from edge.testing.js_points import Counted, Point, counted, taken

Hits = dict[str, dict[int, int]]
"""By the name of the source, and the number of the point."""


class JsCoverage:
    """Counts of all runs of a process."""

    def __init__(self) -> None:
        self._sources: dict[str, Counted] = {}
        self._hits: dict[str, Counter[int]] = {}
        self._counting: dict[CloudFrontFunction, CloudFrontFunction] = {}

    def counting(self, call: FunctionCall) -> FunctionCall:
        """The call, with a function that counts in place of its own."""
        function = call.function
        if not isinstance(function, CloudFrontFunction):
            return call
        instead = self._counting.get(function)
        if instead is None:
            instead = self._counting[function] = self._instrumented(function)
        return call._replace(function=instead)

    def counted(self, call: FunctionCall, outcome: FunctionOutcome) -> FunctionOutcome:
        """The outcome as it would be without counting. `call` is what ran."""
        if isinstance(outcome, Invalid | Throttled):
            return outcome
        logs, hits = taken(outcome.logs)
        if isinstance(call.function, CloudFrontFunction) and hits:
            self._hits[call.function.source_name].update(hits)
        return replace(outcome, logs=logs)

    def hits(self) -> Hits:
        """The counts, as plain values for another process."""
        return {source: dict(counts) for source, counts in self._hits.items()}

    def add(self, hits: Hits) -> None:
        """Counts of another process."""
        for source, counts in hits.items():
            self._count_source(source, Path(source).read_text("utf-8"))
            self._hits[source].update(counts)

    def lcov(self) -> str:
        """All of it in lcov's format."""
        return "".join(f"{line}\n" for source in sorted(self._sources) for line in self._record(source))

    def summary(self) -> Iterator[str]:
        """A line for each function: how much ran, and which lines did not."""
        for source, found in sorted(self._sources.items()):
            lines = _by_line(found.points, self._hits[source])
            missed = [str(line) for line, count in lines.items() if not count]
            percent = 100 * (len(lines) - len(missed)) // max(1, len(lines))
            yield f"{source}: {percent} % of lines" + (f", not {', '.join(missed)}" if missed else "")

    def _instrumented(self, function: CloudFrontFunction) -> CloudFrontFunction:
        found = self._count_source(function.source_name, function.code) if function.source_name else None
        return function if found is None else replace(function, code=found.code)

    def _count_source(self, source: str, code: str) -> Counted | None:
        found = counted(code)
        if found is not None:
            self._sources[source] = found
            self._hits.setdefault(source, Counter())
        return found

    def _record(self, source: str) -> Iterator[str]:
        points, hits = self._sources[source].points, self._hits[source]
        lines = _by_line(points, hits)
        arms = [(point, hits[number]) for number, point in enumerate(points) if point.branch is not None]
        yield from ("TN:", f"SF:{source}")
        for point, count in arms:
            yield f"BRDA:{point.line},{point.branch},{point.arm},{count or '-'}"
        yield from (f"BRF:{len(arms)}", f"BRH:{sum(count > 0 for _, count in arms)}")
        for line, count in lines.items():
            yield f"DA:{line},{count}"
        yield from (f"LF:{len(lines)}", f"LH:{sum(count > 0 for count in lines.values())}", "end_of_record")


def _by_line(points: Iterable[Point], hits: Counter[int]) -> dict[int, int]:
    """How often each line ran: as often as the statement on it that ran most."""
    lines: dict[int, int] = {}
    for number, point in enumerate(points):
        if point.branch is None:
            lines[point.line] = max(lines.get(point.line, 0), hits[number])
    return dict(sorted(lines.items()))
