"""Cases as pytest items: one for each line of a table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.model.function import CloudFrontFunction
from edge.testing import case_runs, cases, recordings
from edge.testing.aws_recorder import AwsRecorder
from edge.testing.errors import HarnessError


class CaseMismatchError(AssertionError):
    """A case came out otherwise. The text says how."""


RECORDER = pytest.StashKey[AwsRecorder]()
"""There while `--edge-record` is recording."""


class CaseCollector(pytest.File):
    """A file of cases."""

    def collect(self) -> Iterator[pytest.Item]:
        """An item for each case."""
        try:
            file = cases.read(self.path)
        except cases.CaseFileError as error:
            raise self.CollectError(str(error)) from None
        recording = recordings.read(file.function)
        for case in file.cases:
            yield CaseItem.from_parent(self, name=case.name, file=file, case=case, recording=recording)


class CaseItem(pytest.Item):
    """One case."""

    def __init__(self, *, file: cases.CaseFile, case: cases.Case, recording: recordings.Recording, **rest: Any) -> None:
        super().__init__(**rest)
        self._file = file
        self._case = case
        self._recording = recording

    def runtest(self) -> None:
        """Run it, and fail with everything that differs from what is expected, or from what AWS answered."""
        result = case_runs.run(self._file, self._case)
        recorder = None if self._file.is_lambda else self.config.stash.get(RECORDER, None)
        if recorder is not None:
            recorder.record(self._file, self.name, self._case.event or result.event)
        wrong = list(case_runs.mismatches(self._case, result))
        recorded = self._recording.cases.get(self.name)
        if recorded is not None and recorder is None:
            function = result.function
            assert isinstance(function, CloudFrontFunction)
            if self._recording.is_of(function.code, function.runtime):
                wrong += recordings.differences(recorded["result"], result)
            else:
                self.user_properties.append(("edge.recording", "stale"))
        if wrong:
            told = "\n".join(wrong)
            raise CaseMismatchError(f"{told}\n\n{result.explain()}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What differs, without a stack of anybody's."""
        if isinstance(excinfo.value, CaseMismatchError | HarnessError | cases.CaseFileError):
            return f"{self.path}:{self._case.line}: {self.name}\n{excinfo.value}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the case stands; pytest counts lines from 0."""
        return self.path, self._case.line - 1, self.name
