"""What became of one event of a Lambda@Edge handler."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.model.function import LambdaFunction, LambdaReport, Returned, Threw, Throttled
from edge.model.json_value import JsonObject, JsonValue
from edge.testing.function_result import FunctionResult, code_around

_PLATFORM = re.compile(r"(?:INIT_START|START|END|REPORT|INIT_REPORT) ")
_RUNTIMES = re.compile(r"\tERROR\t(?:Invoke Error|Uncaught Exception|Unhandled Promise Rejection) \t\{|^\[ERROR\] ")
_NODE_LINE = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z\t[^\t]*\t[A-Z]+\t(?P<text>.*)", re.DOTALL)
_PYTHON_LINE = re.compile(r"\[[A-Z]+\]\t[^\t]*\t[^\t]*\t(?P<text>.*)", re.DOTALL)
_FRAME = re.compile(r'(?:File "|\(|at (?:async )?)(?:file://)?(?P<file>/[^":)]+)(?:", line |:)(?P<line>\d+)')
_OURS = ("/edge/runtimes/lambda_edge/", "/edge/testing/", "(node:", "node:internal", "<frozen ")


@dataclass(frozen=True, slots=True, repr=False)
class LambdaResult(FunctionResult):
    """One event of a handler, judged as CloudFront judges it. The members that it has in common with CloudFront
    Functions mean the same; `origin` is where an origin request function sends the request."""

    @property
    def output(self) -> JsonObject:
        """What the handler returned, {} when it failed."""
        value = self.payload
        return value if isinstance(self.outcome, Returned) and isinstance(value, dict) else {}

    @property
    def payload(self) -> JsonValue:
        """What the Invoke API would answer: what the handler returned, or {"errorType", "errorMessage", ...}."""
        return self.outcome.value if isinstance(self.outcome, Returned) else getattr(self.outcome, "payload", None)

    @property
    def log(self) -> tuple[str, ...]:
        """The log from START, or from INIT_START, to REPORT, as CloudWatch Logs would have it."""
        return () if self.outcome is None else getattr(self.outcome, "logs", ())

    @property
    def logs(self) -> tuple[str, ...]:
        """What the handler itself wrote: without the lines of the platform, and without time, request id and level."""
        return own_lines(self.log)

    @property
    def report(self) -> LambdaReport | None:
        """The REPORT: durations in milliseconds, memory in MiB. None when nothing was run."""
        return getattr(self.outcome, "report", None)

    @property
    def cold(self) -> bool:
        """Whether the event had to wait for an environment to start."""
        return self.report is not None and self.report.init_ms is not None

    @property
    def throttled(self) -> bool:
        """Whether there was no concurrency left."""
        return isinstance(self.outcome, Throttled)

    _status_member = "status"

    @property
    def _message(self) -> Any:
        return cf_of(self.event)

    @property
    def _name(self) -> str:
        assert isinstance(self.function, LambdaFunction)
        folder = Path(self.function.code_path)
        name = self.function.handler.rpartition(".")[0]
        suffixes = _NODE_SUFFIXES if "nodejs" in self.function.runtime else (".py",)
        files = [folder / f"{name}{suffix}" for suffix in suffixes]
        return _shown(next((file for file in files if file.is_file()), folder / name))

    @property
    def place(self) -> tuple[str, int] | None:
        """The file and the line (from 1) of the innermost frame that is in the function's own folder."""
        found = None
        assert isinstance(self.function, LambdaFunction)
        for frame in self._frames:
            match = _FRAME.search(frame)
            if match is None or not match["file"].startswith(self.function.code_path):
                continue
            found = (_shown(Path(match["file"])), int(match["line"]))
            if "nodejs" in self.function.runtime:
                break  # the innermost comes first; in Python it comes last
        return found

    @property
    def _frames(self) -> list[str]:
        """The stack of an error, without what is not the user's."""
        if not isinstance(self.outcome, Threw):
            return []
        lines = [line for text in self.outcome.stack for line in text.rstrip().splitlines()]
        return [line for line in lines if not any(ours in line for ours in _OURS)]

    def _where(self) -> list[str]:
        place = self.place
        if place is None or not Path(place[0]).is_file():
            return self._frames
        return self._frames + code_around(Path(place[0]).read_text("utf-8"), place[1])


_NODE_SUFFIXES = (".js", ".mjs", ".cjs")  # in the order in which the runtime looks for them


def cf_of(event: JsonObject) -> Any:
    """`Records[0].cf`."""
    records: Any = event["Records"]
    return records[0]["cf"]


def own_lines(log: tuple[str, ...]) -> tuple[str, ...]:
    """What a handler itself wrote. An error that it left to the runtime is the runtime's line."""
    return tuple(_bare(line) for line in log if not _PLATFORM.match(line) and not _RUNTIMES.search(line))


def _bare(line: str) -> str:
    match = _NODE_LINE.fullmatch(line) or _PYTHON_LINE.fullmatch(line)
    return match["text"] if match else line


def _shown(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
