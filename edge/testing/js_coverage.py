"""Which lines and branches of JavaScript the tests ran, as an lcov file: `pytest --edge-cov lcov.info`.

Editors, genhtml and the services that draw coverage read it. CloudFront Functions count as they run: a counted one runs
longer and logs one line more inside the engine, so budgets are no use in such a run. Handlers in Node.js are counted by
V8 itself; an event that ends with its process, as a timeout does, is not. Functions whose text is in a test or in a
template are not counted.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote, urlsplit

from edge.model.function import CloudFrontFunction, FunctionCall, FunctionOutcome, Invalid, Returned, Throttled
from edge.testing import v8_counts
from edge.testing.js_points import Counted, Point, counted, points, taken

Hits = dict[str, dict[int, int]]
"""By the name of the source, and the number of the point."""

current: JsCoverage | None = None
"""There while somebody wants to know."""

_PACKAGES = "node_modules"


class JsCoverage:
    """Counts of all runs of a process."""

    def __init__(self) -> None:
        self._sources: dict[str, tuple[Point, ...]] = {}
        self._hits: dict[str, Counter[int]] = {}
        self._counting: dict[CloudFrontFunction, CloudFrontFunction] = {}
        self._node = TemporaryDirectory(prefix="edge-coverage-", ignore_cleanup_errors=True)

    @property
    def node_folder(self) -> str:
        """Where handlers in Node.js write what V8 has counted, a file for each event."""
        return self._node.name

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
        return outcome._replace(logs=logs) if isinstance(outcome, Returned) else replace(outcome, logs=logs)

    def hits(self) -> Hits:
        """The counts, as plain values for another process."""
        self._take_node()
        return {source: dict(counts) for source, counts in self._hits.items()}

    def add(self, hits: Hits) -> None:
        """Counts of another process."""
        for source, counts in hits.items():
            self._known(source, points(Path(source).read_text("utf-8")))
            self._hits[source].update(counts)

    def lcov(self) -> str:
        """All of it in lcov's format."""
        self._take_node()
        return "".join(f"{line}\n" for source in sorted(self._sources) for line in self._record(source))

    def write(self, file: Path, *, branch: bool) -> None:
        """Keep it: as lcov's text, or, in a file whose name begins with .coverage, as data of coverage.py."""
        self._take_node()
        if not file.name.startswith(".coverage"):
            file.write_text(self.lcov(), "utf-8")
            return
        from edge.testing import coverage_plugin  # needs the coverage package

        coverage_plugin.write(file, self._sources, self._hits, branch=branch)

    def summary(self) -> Iterator[str]:
        """A line for each function: how much ran, and which lines did not."""
        self._take_node()
        for source, found in sorted(self._sources.items()):
            lines = _by_line(found, self._hits[source])
            missed = [str(line) for line, count in lines.items() if not count]
            percent = 100 * (len(lines) - len(missed)) // max(1, len(lines))
            yield f"{source}: {percent} % of lines" + (f", not {', '.join(missed)}" if missed else "")

    def close(self) -> None:
        """Count no more."""
        self._node.cleanup()

    def _instrumented(self, function: CloudFrontFunction) -> CloudFrontFunction:
        found: Counted | None = counted(function.code) if _is_in_a_file(function) else None
        if found is None:
            return function
        self._known(function.source_name, found.points)
        return replace(function, code=found.code)

    def _take_node(self) -> None:
        """What has been written since the last time."""
        for file in sorted(Path(self._node.name).glob("*.json")):
            for script in json.loads(file.read_text("utf-8")):
                source = _source(script["url"])
                if source is not None:
                    code = Path(source).read_text("utf-8")
                    self._known(source, self._sources.get(source) or points(code))
                    self._hits[source].update(v8_counts.of(script, code, self._sources[source]))
            file.unlink()

    def _known(self, source: str, found: tuple[Point, ...]) -> None:
        self._sources[source] = found
        self._hits.setdefault(source, Counter())

    def _record(self, source: str) -> Iterator[str]:
        found, hits = self._sources[source], self._hits[source]
        lines = _by_line(found, hits)
        arms = [(point, hits[number]) for number, point in enumerate(found) if point.branch is not None]
        yield from ("TN:", f"SF:{source}")
        for point, count in arms:
            yield f"BRDA:{point.line},{point.branch},{point.arm},{count or '-'}"
        yield from (f"BRF:{len(arms)}", f"BRH:{sum(count > 0 for _, count in arms)}")
        for line, count in lines.items():
            yield f"DA:{line},{count}"
        yield from (f"LF:{len(lines)}", f"LH:{sum(count > 0 for count in lines.values())}", "end_of_record")


def _is_in_a_file(function: CloudFrontFunction) -> bool:
    """One that is written in a template, or in a test, has no lines of its own."""
    path = Path(function.source_name)
    return path.is_file() and path.read_text("utf-8") == function.code


def _source(url: str) -> str | None:
    """The file of a script, as seen from here; None for what is not the user's."""
    path = Path(unquote(urlsplit(url).path))
    try:
        shown = path.relative_to(Path.cwd())
    except ValueError:
        return None
    return None if _PACKAGES in shown.parts or not path.is_file() else str(shown)


def _by_line(found: Iterable[Point], hits: Counter[int]) -> dict[int, int]:
    """How often each line ran: as often as the statement on it that ran most."""
    lines: dict[int, int] = {}
    for number, point in enumerate(found):
        if point.branch is None:
            lines[point.line] = max(lines.get(point.line, 0), hits[number])
    return dict(sorted(lines.items()))
