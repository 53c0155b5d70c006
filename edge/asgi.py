"""The edge as an ASGI application, for any ASGI server.

    from edge import configuration
    from edge.asgi import Application

    app = Application(lambda: configuration.from_flags("http://localhost:3000", cache_policy="CachingDisabled"))

and `uvicorn proxy:app`, `hypercorn proxy:app` or another server runs it. It is what `edge serve` runs, without the
door: requests that are not fit are the server's to refuse, in its own words. Files are watched; `[cache]` and `[logs]`
of edge.toml hold; requests are logged on stderr. Of several processes of a server each has a cache of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from edge.app import App, Options
from edge.configuration import Configuration
from edge.model.served import Served
from edge.reports import Loggers, Reports
from edge.runtimes.engine import ENGINES
from edge.viewers import asgi


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class Application:
    """`load` reads the configuration, now and after each edit: `configuration.load` for a template,
    `configuration.from_flags` for one origin. Raises ConfigurationError. `log` is told of each answer after its last
    byte, in place of the request log: (served, body bytes, complete)."""

    def __init__(
        self,
        load: Callable[[], Configuration],
        *,
        log: Callable[[Served, int, bool], None] | None = None,
        say: Callable[[str], None] = _say,
    ) -> None:
        self._load = load
        self._configuration = load()
        self._log = log
        self._say = say
        self._app: App | None = None
        for finding in self._configuration.findings:
            say(f"{finding.level}: {finding.where}: {finding.message}")

    async def __call__(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        """One scope, as the server calls for it."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            app = self._app or await self._start()  # a server without lifespan begins with a request
            await asgi.Application(app.driver)(scope, receive, send)

    async def _start(self) -> App:
        loggers = Loggers(() if self._log is None else (self._log,))
        local = self._configuration.local
        app = App(self._configuration, self._load, Options(ENGINES[0], say=self._say, cache=local.cache), loggers)
        self._app = app
        reports = Reports(quiet=self._log is not None, logs=local.logs)
        loggers += reports.loggers(
            lambda: app.driver.distribution, app.clock.now, say=self._say, at_the_end=app.at_the_end
        )
        await app.start()
        return app

    async def _lifespan(self, receive: asgi.Receive, send: asgi.Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                if self._app is None:
                    await self._start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                if self._app is not None:
                    await self._app.close()
                    self._app = None
                await send({"type": "lifespan.shutdown.complete"})
                return
