"""The access logs that `edge serve` writes, as edge.toml and the command line want them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from edge.configuration.local import LocalLogs

if TYPE_CHECKING:
    from edge.app import App
    from edge.model.served import Served

Logger = Callable[["Served", int, bool], None]


def access_logs(app: App, settings: LocalLogs, say: Callable[[str], None]) -> list[Logger]:
    """The standard log and the real-time logs, where a folder is given for them."""
    if settings.folder is None and settings.real_time is None:
        return []
    from edge.logs.real_time_log import RealTimeLog
    from edge.logs.standard_log import StandardLog

    made: list[StandardLog | RealTimeLog] = []
    try:
        if settings.folder is not None:
            standard = StandardLog(
                settings.folder,
                lambda: app.driver.distribution,
                app.clock.now,
                format=settings.format,
                fields=settings.fields,
                include_cookies=settings.include_cookies,
                say=say,
            )
            made.append(standard)
        if settings.real_time is not None:
            made.append(RealTimeLog(settings.real_time, lambda: app.driver.distribution, app.clock.now, say))
    except OSError as error:
        raise click.ClickException(f"cannot write access logs into {error.filename}: {error.strerror}") from None
    except ValueError as error:
        raise click.ClickException(f"[logs] fields: {error}") from None
    for log in made:
        app.at_the_end(log.close)
    return [*made]
