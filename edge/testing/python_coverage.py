"""Which lines and branches of handlers in Python the tests ran: coverage.py's own data, from the handlers' processes.

coverage.py runs in each environment beside the handler (`lambdas/preload.py`) and writes its data down after each
event; an event that ends with its process is not counted. Where coverage.py is not installed nothing is.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coverage import Coverage, CoverageData

_COMBINED = ".coverage"


class PythonCoverage:
    """What handlers have written into a folder. With `branch`, branches are counted too."""

    def __init__(self, folder: Path, *, branch: bool) -> None:
        self._folder = folder
        self._branch = branch

    def variables(self) -> dict[str, str]:
        """What the preload needs to count: where to, with which package, and whether branches."""
        found = find_spec("coverage")
        if found is None or found.origin is None:
            return {}
        packages = str(Path(found.origin).parent.parent)
        return {
            "COVERAGE": str(self._folder),
            "COVERAGE_PACKAGES": packages,
            "COVERAGE_BRANCH": "1" if self._branch else "",
        }

    def dumped(self) -> bytes:
        """All of it, for another process; b"" when there is nothing."""
        data = self._data()
        return b"" if data is None else data.dumps()

    def add(self, dumped: bytes) -> None:
        """What another process has dumped."""
        from coverage import CoverageData

        other = CoverageData(no_disk=True)
        other.loads(dumped)
        mine = CoverageData(basename=str(self._folder / _COMBINED), suffix=True)
        mine.update(other)
        mine.close()

    def write(self, file: Path) -> None:
        """Add it to a file of coverage.py's data."""
        data = self._data()
        if data is not None:
            from coverage import CoverageData

            whole = CoverageData(basename=str(file))
            whole.read()
            whole.update(data)
            whole.close()

    def lcov(self) -> str:
        """All of it in lcov's format, as coverage.py writes it."""
        combined = self._combined()
        if combined is None:
            return ""
        file = self._folder / "python.info"
        combined.lcov_report(outfile=str(file), ignore_errors=True)
        return file.read_text("utf-8")

    def summary(self) -> Iterator[tuple[str, int, list[int]]]:
        """For each file its name, its number of lines, and those that did not run."""
        combined = self._combined()
        if combined is not None:
            for file in sorted(combined.get_data().measured_files()):
                _, lines, _, missed, _ = combined.analysis2(file)
                yield _shown(file), len(lines), missed

    def _data(self) -> CoverageData | None:
        combined = self._combined()
        return None if combined is None else combined.get_data()

    def _combined(self) -> Coverage | None:
        """All that was written until now; None when there is nothing."""
        if not any(self._folder.glob(f"{_COMBINED}*")):
            return None
        from coverage import Coverage

        combined = Coverage(data_file=str(self._folder / _COMBINED), config_file=False, messages=False)
        combined.load()
        combined.combine([str(self._folder)])
        return combined


def _shown(file: str) -> str:
    try:
        return str(Path(file).relative_to(Path.cwd()))
    except ValueError:
        return file
