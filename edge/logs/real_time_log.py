"""Real-time logs, as a file in a folder in place of a Kinesis data stream.

A behavior with a real-time log configuration logs the percentage of its requests that the sampling rate says, with the
fields that it lists, in the order of the documentation.
Source: CloudFront Developer Guide, "Use real-time access logs"; API Reference, RealtimeLogConfig.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from edge.logs import log_fields
from edge.logs.log_fields import REAL_TIME, Finished, encode
from edge.logs.log_files import LogFiles
from edge.model import chance
from edge.model.access_log import RealTimeLogging
from edge.model.distribution import Distribution
from edge.model.served import Served

FIELDS = tuple(REAL_TIME)


def wanted(settings: RealTimeLogging, served: Served) -> bool:
    """Whether the lot falls on this request."""
    return chance.draw(served.request_id, "real-time-log") * 100 < settings.sampling_rate


def line(one: Finished, fields: tuple[str, ...]) -> str:
    """One request as a record: values in the order of the documentation, whatever the order of `fields`."""
    return "\t".join(encode(value(one) or "-") for name, value in REAL_TIME.items() if name in fields)


class RealTimeLog:
    """Writes the real-time logs of a distribution's behaviors, a file for each configuration."""

    def __init__(
        self,
        folder: Path,
        distribution: Callable[[], Distribution],
        now: Callable[[], float],
        say: Callable[[str], None] = lambda text: None,
    ) -> None:
        """Raises OSError when the folder cannot be made."""
        self._folder = folder
        self._distribution = distribution
        self._now = now
        self._say = say
        self._files: dict[str, LogFiles] = {}
        folder.mkdir(parents=True, exist_ok=True)
        for settings in {one.real_time_logging for one in distribution().behaviors if one.real_time_logging}:
            for name in (one for one in settings.fields if one not in REAL_TIME):
                say(f"the real-time log {settings.name} has no field {name}: nothing is written for it")

    def __call__(self, served: Served, body_bytes: int, complete: bool) -> None:
        """Log one answer after its last byte."""
        behavior = served.trail.behavior
        settings = behavior.real_time_logging if behavior is not None else None
        if settings is None or not wanted(settings, served):
            return
        now = self._now()
        one = log_fields.finished(served, body_bytes, complete, now, self._distribution())
        if one is None:
            return
        files = self._files.get(settings.name)
        if files is None:
            files = self._files[settings.name] = LogFiles(self._folder, compressed=False, say=self._say)
        files.write(settings.name, line(one, settings.fields).encode("ascii", "replace"), now)

    def close(self) -> None:
        """Finish the files."""
        for files in self._files.values():
            files.close()
