"""The logs of functions in the shape that CloudWatch Logs has them, as files.

The log group of a CloudFront Function is /aws/cloudfront/function/NAME, a stream in it YYYY/M/D/UUID; that of a
Lambda@Edge function /aws/lambda/us-east-1.NAME in the region where it ran, a stream YYYY/MM/DD/[VERSION]ID for each
environment; what is wrong with the result of such a function is in /aws/cloudfront/LambdaEdge/DISTRIBUTION there. Here
groups and streams are folders and a file, those of Lambda@Edge in a folder of the region's name. Each event is a line,
as `aws logs tail --format short` prints it: the time, then the message.

    2026-01-31T12:00:00.250Z q0pExample== START DistributionID: E1EXAMPLE
    2026-01-31T12:00:00.250Z q0pExample== what console.log was given
    2026-01-31T12:00:00.250Z q0pExample== END

Source: CloudFront Developer Guide, "Edge function logs", "CloudFront Functions logs": a run that called console.log is
logged, no other; a run's log is cut at 10 KB, which the engine does. "General helper methods": logCustomData. Near: all
events of a run have the time at which the request came.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote
from uuid import UUID, uuid4

from edge.model import quotas
from edge.model.distribution import Behavior
from edge.model.function import CloudFrontFunction, Function, Invalid, LambdaFunction, Returned, Throttled
from edge.model.served import Served
from edge.model.trail import FunctionRun

GROUP = "aws/cloudfront/function"
LAMBDA_GROUP = "aws/lambda"
VALIDATION_GROUP = "aws/cloudfront/LambdaEdge"


class Entry(NamedTuple):
    """Log events of one stream: the folders of its group, its name, and the messages."""

    group: str
    stream: str
    messages: Iterable[str]


class FunctionLogs:
    """Writes what functions log into a folder. One stream a day and function, or a day and environment; several
    processes that were given the same `stream` write into the same ones."""

    def __init__(self, folder: Path, distribution_id: str, stream: UUID | None = None) -> None:
        """Raises OSError when the folder cannot be made."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._distribution_id = distribution_id
        self._stream = uuid4() if stream is None else stream

    def __call__(self, served: Served, body_bytes: int, complete: bool) -> None:
        """Log the functions of one answer."""
        if not served.trail.functions:
            return
        started = datetime.fromtimestamp(served.trail.started, UTC)
        time = started.strftime("%Y-%m-%dT%H:%M:%S.") + f"{started.microsecond // 1000:03}Z"
        for run in served.trail.functions:
            for group, stream, messages in self._entries(run, served, started):
                path = self._folder / group / f"{stream}.log"
                path.parent.mkdir(parents=True, exist_ok=True)
                text = "".join([f"{time} {message}\n" for message in messages])
                with path.open("ab", buffering=0) as file:  # all at once: another process may write there too
                    file.write(text.encode("utf-8", "replace"))

    def _entries(self, run: FunctionRun, served: Served, started: datetime) -> Iterator[Entry]:
        """What one run leaves in which streams."""
        logs = () if isinstance(run.outcome, Throttled | Invalid) else run.outcome.logs
        function = _function(run, served.trail.behavior)
        day = f"{started.year}/{started.month}/{started.day}"
        if run.region:
            version = function.version if isinstance(function, LambdaFunction) else "$LATEST"
            name = function.full_name if isinstance(function, LambdaFunction) else run.name
            stream = f"{started:%Y/%m/%d}/[{version}]{self._stream.int + _environment(run):032x}"
            if logs:
                yield Entry(f"{run.region}/{LAMBDA_GROUP}/{name}", stream, logs)
            if run.broken is not None:
                line = f"({served.request_id}) ERROR Validation error: {run.broken.sentence}"
                group = f"{run.region}/{VALIDATION_GROUP}/{self._distribution_id}"
                yield Entry(group, f"{day}/{self._stream}", (line,))
        elif logs and isinstance(function, CloudFrontFunction):
            messages = events(run, served.request_id, self._distribution_id)
            yield Entry(f"{GROUP}/{run.name}", f"{day}/{self._stream}", messages)


def events(run: FunctionRun, request_id: str, distribution_id: str) -> Iterator[str]:
    """The messages of one run's log events."""
    yield f"{request_id} START DistributionID: {distribution_id}"
    for text in getattr(run.outcome, "logs", ()):
        yield f"{request_id} {text}"
    yield f"{request_id} END"


def custom_data(served: Served) -> dict[str, str]:
    """What functions gave to cf.logCustomData, as the access log has it: URL-encoded and cut, by the name of the
    field."""
    return {
        f"{run.event_type.value}-log-data": quote(run.outcome.log_data)[: quotas.FUNCTION_LOG_DATA_MAX_BYTES]
        for run in served.trail.functions
        if isinstance(run.outcome, Returned) and run.outcome.log_data
    }


def _function(run: FunctionRun, behavior: Behavior | None) -> Function | None:
    return behavior.functions.get(run.event_type) if behavior else None


def _environment(run: FunctionRun) -> int:
    """The number of the execution environment; 0 where none was left to report."""
    report = getattr(run.outcome, "report", None)
    return 0 if report is None else int(report.environment)
