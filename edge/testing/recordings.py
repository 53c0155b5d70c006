"""What the real TestFunction answered for a table of cases, kept beside the function and replayed offline.

`redirect.recorded.json` holds, for each case of `redirect.js`, the event that was sent and the TestResult that came
back. A recording is for one version of the code: after an edit it is stale, and not compared, until it is made anew.

Source: CloudFront API Reference, TestFunction, TestResult.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from edge.events import test_result
from edge.testing.difference import difference
from edge.testing.function_result import FunctionResult

_COMPARED_AS_TEXT = ("FunctionErrorMessage", "FunctionExecutionLogs")


@dataclass(frozen=True, slots=True)
class Recording:
    """All that was recorded of one function. `cases` holds {"event", "result"} by the name of the case; `code` is the
    SHA-256 of the function's code."""

    file: Path
    runtime: str = ""
    code: str = ""
    cases: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def is_of(self, code: str, runtime: str) -> bool:
        """Whether it is of this code."""
        return (self.code, self.runtime) == (digest(code), runtime)

    def write(self) -> None:
        """Keep it."""
        kept = {"runtime": self.runtime, "code": self.code, "cases": self.cases}
        self.file.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", "utf-8")


def file_of(function: Path) -> Path:
    """Where the recording of a function is kept."""
    return function.with_suffix(".recorded.json")


def read(function: Path) -> Recording:
    """The recording of a function; an empty one when there is none."""
    file = file_of(function)
    if not file.is_file():
        return Recording(file)
    kept = json.loads(file.read_text("utf-8"))
    return Recording(file, kept["runtime"], kept["code"], kept["cases"])


def digest(code: str) -> str:
    """What tells one version of the code from another."""
    return sha256(code.encode()).hexdigest()


def differences(recorded: Mapping[str, Any], result: FunctionResult) -> Iterator[str]:
    """Where this engine's answer differs from the one that AWS gave. Compute utilization is not compared: it differs
    from run to run on AWS too."""
    if result.outcome is None:
        return
    ours = test_result.render(result.outcome)
    for name in _COMPARED_AS_TEXT:
        if ours[name] != recorded.get(name):
            yield f"{name}: AWS answered {recorded.get(name)!r}, and here it is {ours[name]!r}"
    theirs, here = (_output(one.get("FunctionOutput")) for one in (recorded, ours))
    if theirs != here:
        kind = next(iter(theirs), "request")
        yield f"FunctionOutput, - from AWS, + here:\n{difference(theirs.get(kind), here.get(kind, here))}"


def _output(text: Any) -> dict[str, Any]:
    """FunctionOutput is JSON in a string, empty or {} after an error."""
    output: dict[str, Any] = json.loads(text) if text else {}
    return output
