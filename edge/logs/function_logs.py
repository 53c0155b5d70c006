"""The logs of CloudFront Functions in the shape that CloudWatch Logs has them, as files.

The log group of a function is /aws/cloudfront/function/NAME, a stream in it YYYY/M/D/UUID; here they are folders and a
file. Each event is a line, as `aws logs tail --format short` prints it: the time, then the message.

    2026-01-31T12:00:00.250Z q0pExample== START DistributionID: E1EXAMPLE
    2026-01-31T12:00:00.250Z q0pExample== what console.log was given
    2026-01-31T12:00:00.250Z q0pExample== END

Source: CloudFront Developer Guide, "CloudFront Functions logs": a run that called console.log is logged, no other; a
run's log is cut at 10 KB, which the engine does. "General helper methods": logCustomData. Near: all events of a run
have the time of its start.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

from edge.model import quotas
from edge.model.distribution import Behavior
from edge.model.function import CloudFrontFunction, Invalid, Returned, Throttled
from edge.model.served import Served
from edge.model.trail import FunctionRun

GROUP = "/aws/cloudfront/function/"


class FunctionLogs:
    """Writes what functions log into a folder. One stream a day and function."""

    def __init__(self, folder: Path, distribution_id: str) -> None:
        """Raises OSError when the folder cannot be made."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._distribution_id = distribution_id
        self._stream = str(uuid4())

    def __call__(self, served: Served, body_bytes: int, complete: bool) -> None:
        """Log the functions of one answer."""
        for run in served.trail.functions:
            if not _has_log(run, served.trail.behavior):
                continue
            started = datetime.fromtimestamp(served.trail.started, UTC)
            stream = f"{started.year}/{started.month}/{started.day}/{self._stream}.log"
            path = self._folder / GROUP.strip("/") / run.name / stream
            path.parent.mkdir(parents=True, exist_ok=True)
            time = started.strftime("%Y-%m-%dT%H:%M:%S.") + f"{started.microsecond // 1000:03}Z"
            messages = events(run, served.request_id, self._distribution_id)
            with path.open("a", encoding="utf-8", errors="replace") as file:
                file.writelines(f"{time} {message}\n" for message in messages)


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


def _has_log(run: FunctionRun, behavior: Behavior | None) -> bool:
    function = behavior.functions.get(run.event_type) if behavior else None
    ran = not isinstance(run.outcome, Throttled | Invalid)
    return ran and isinstance(function, CloudFrontFunction) and bool(getattr(run.outcome, "logs", ()))
