"""What is written of each request that was answered: the request log, access logs, the logs of functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, TypeAlias
from uuid import UUID, uuid4

from edge.configuration.local import LocalLogs
from edge.model.distribution import Distribution
from edge.model.served import Served

if TYPE_CHECKING:
    from edge.logs.real_time_log import RealTimeLog
    from edge.logs.standard_log import StandardLog

Logger: TypeAlias = Callable[[Served, int, bool], None]


class Loggers(list[Logger]):
    """Those who write, told as one."""

    def __call__(self, served: Served, body_bytes: int, complete: bool) -> None:
        """One answer, after its last byte."""
        for log in self:
            log(served, body_bytes, complete)


@dataclass(frozen=True, slots=True)
class Reports:
    """What is to be written. `json` is about the request log, which `quiet` leaves out; `function_logs` the folder for
    what functions log, None for none, `log_stream` the same for all processes that write there."""

    quiet: bool = False
    json: bool = False
    logs: LocalLogs = field(default_factory=LocalLogs)
    function_logs: Path | None = None
    log_stream: UUID = field(default_factory=uuid4)

    def loggers(
        self,
        distribution: Callable[[], Distribution],
        now: Callable[[], float],
        *,
        say: Callable[[str], None],
        at_the_end: Callable[[Callable[[], None]], None],
        stream: TextIO | None = None,
    ) -> Loggers:
        """Those who write it. `distribution` is the one of a request that came to none; the request log goes to
        `stream`, or else to stdout or stderr. Raises OSError when a folder cannot be made, ValueError for a field that
        there is not."""
        loggers = Loggers()
        if not self.quiet:
            from edge.logs.request_log import RequestLog

            loggers.append(RequestLog(now, json=self.json, stream=stream))
        for log in self._access_logs(distribution, now, say):
            at_the_end(log.close)
            loggers.append(log)
        if self.function_logs is not None:
            from edge.logs.function_logs import FunctionLogs

            loggers.append(FunctionLogs(self.function_logs, distribution().id, self.log_stream))
        return loggers

    def _access_logs(
        self, distribution: Callable[[], Distribution], now: Callable[[], float], say: Callable[[str], None]
    ) -> list[StandardLog | RealTimeLog]:
        settings = self.logs
        made: list[StandardLog | RealTimeLog] = []
        if settings.folder is not None:
            from edge.logs.standard_log import StandardLog

            standard = StandardLog(
                settings.folder,
                distribution,
                now,
                format=settings.format,
                fields=settings.fields,
                include_cookies=settings.include_cookies,
                say=say,
            )
            made.append(standard)
        if settings.real_time is not None:
            from edge.logs.real_time_log import RealTimeLog

            made.append(RealTimeLog(settings.real_time, distribution, now, say))
        return made
