"""The same distribution over real sockets: a viewer's connection, the edge's own HTTP on both sides, and an origin.

`distribution(..., sockets=True)`: requests go out as bytes to a listener on a loopback port, the edge asks servers on
loopback ports, and what the viewer gets is what came over the wire. The script, the clock, the cache and the functions
stay the test's. Two things are not of the wire: who the viewer is (its address, its scheme, its place), and how an
origin fails, since a timeout of 30 seconds would take 30 seconds.
"""

from __future__ import annotations

import http.client
from collections.abc import Awaitable
from dataclasses import replace
from typing import TYPE_CHECKING

from edge.clock import Clock
from edge.driver import Driver
from edge.model.function import CloudFrontFunction, FunctionCall, FunctionOutcome, Invalid
from edge.model.headers import Headers
from edge.model.malformed import Malformed
from edge.model.origin import Origin, OriginAttempt, OriginFailure, OriginFailureKind, OriginRequest, OriginResponse
from edge.model.request import Request
from edge.model.response import Response
from edge.model.served import Served
from edge.model.viewer import Location, Viewer
from edge.origins.http_origins import HttpOrigins
from edge.testing.background import background
from edge.testing.origin_script import OriginScript
from edge.testing.scripted_server import Received, ScriptedServer
from edge.testing.viewers import request_id
from edge.viewers.listener import Http1Listener

if TYPE_CHECKING:
    from edge.testing.site import Site
    from edge.testing.site_functions import SiteFunctions


class OverSockets:
    """One edge location that listens, for a Site."""

    def __init__(self, site: Site, functions: SiteFunctions, clock: Clock) -> None:
        self._origins = _Origins(site.origin)
        self._driver = Driver(
            site.distribution,
            store=site.store,
            origins=self._origins,
            functions=_Functions(functions),
            lambdas=_Lambdas(functions),
            clock=clock,
            request_ids=self._next_id,
            edge=site.play.edge,
            tiers=site.play.tiers,
        )
        self._front = _Front(self._driver)
        self._listener = Http1Listener(self._front, "127.0.0.1", 0)
        self._count = 0
        background().run(self._listener.start())

    def request(self, request: Request, viewer: Viewer) -> Served:
        """One request over a connection of its own; the answer has status, headers and body as they came over it."""
        __tracebackhide__ = True
        self._front.viewer = viewer
        connection = http.client.HTTPConnection("127.0.0.1", self._listener.port)
        try:
            connection.putrequest(request.method, request.target, skip_host=True, skip_accept_encoding=True)
            for name, value in request.headers.lines:
                connection.putheader(name, value.encode("iso-8859-1"))
            body = request.body if isinstance(request.body, bytes) else b""
            if (body or request.method in ("POST", "PUT", "PATCH")) and "content-length" not in request.headers:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body or None)
            with connection.getresponse() as answer:
                lines = Headers(tuple(answer.getheaders()))
                received = Response(answer.status, lines.without("connection"), answer.read(), answer.reason)
        finally:
            connection.close()
        background().run(self._driver.settle())
        self._origins.complain()
        served = self._front.served
        assert served is not None
        return served._replace(response=received, edge_lines=())

    def close(self) -> None:
        """Stop listening."""
        background().run(self._close())

    async def _close(self) -> None:
        await self._listener.close()
        await self._driver.close()
        await self._origins.close()

    def _next_id(self) -> str:
        self._count += 1
        return request_id(self._count)


class _Front:
    """The driver, for whoever the test says is asking."""

    def __init__(self, driver: Driver) -> None:
        self.viewer: Viewer | None = None
        self.served: Served | None = None
        self._driver = driver

    @property
    def location(self) -> Location:
        return self._driver.location

    def begin(self, request: Request, viewer: Viewer) -> Served | Awaitable[Served]:
        begun = self._driver.begin(request, self.viewer or viewer)
        return self._noted(begun) if isinstance(begun, Served) else self._awaited(begun)

    def refuse(self, malformed: Malformed, viewer: Viewer) -> Served:
        return self._noted(self._driver.refuse(malformed, self.viewer or viewer))

    def sent(self, served: Served, body_bytes: int, complete: bool) -> None:
        """Nobody asks."""

    async def _awaited(self, begun: Awaitable[Served]) -> Served:
        return self._noted(await begun)

    def _noted(self, served: Served) -> Served:
        self.served = served
        return served


class _Functions:
    def __init__(self, functions: SiteFunctions) -> None:
        self._functions = functions

    def check(self, function: CloudFrontFunction) -> Invalid | None:
        return None

    def run(self, call: FunctionCall) -> FunctionOutcome:
        return self._functions.run_cloudfront_function(call)


class _Lambdas:
    def __init__(self, functions: SiteFunctions) -> None:
        self._functions = functions

    async def run(self, call: FunctionCall) -> FunctionOutcome:
        return await self._functions.serve_lambda_function(call)


class _Origins:
    """Each origin is a server on a port of its own, which answers by the script."""

    def __init__(self, script: OriginScript) -> None:
        self._script = script
        self._http = HttpOrigins()
        self._servers: dict[str, ScriptedServer] = {}
        self._failed: OriginFailure | None = None
        self._wrong: Exception | None = None

    async def fetch(self, attempt: OriginAttempt) -> OriginResponse | OriginFailure:
        server = await self._server(attempt.origin)
        local = replace(attempt.origin, local_url=f"http://127.0.0.1:{server.port}")
        self._failed = None
        outcome = await self._http.fetch(attempt._replace(origin=local))
        return self._failed or outcome

    async def resolve(self, origin: Origin) -> OriginFailure | None:
        """Every origin of a script has an address."""
        return None

    def complain(self) -> None:
        """Raise what the script had to say."""
        __tracebackhide__ = True
        if self._wrong is not None:
            wrong, self._wrong = self._wrong, None
            raise wrong

    async def close(self) -> None:
        await self._http.close()
        for server in self._servers.values():
            await server.close()

    async def _server(self, origin: Origin) -> ScriptedServer:
        server = self._servers.get(origin.id)
        if server is None:
            server = self._servers[origin.id] = ScriptedServer(lambda received: self._answer(origin, received))
            await server.start()
        return server

    def _answer(self, origin: Origin, received: Received) -> OriginResponse | OriginFailure:
        sent = OriginRequest(received.method, received.target, received.headers, received.body)
        answer: OriginResponse | OriginFailure
        try:
            answer = self._script.answer(OriginAttempt(origin, sent, "http"))
        except Exception as wrong:  # the test's own, or a request that it has not scripted
            self._wrong = wrong
            answer = OriginFailure(OriginFailureKind.DROPPED, "not scripted")
        if isinstance(answer, OriginFailure):
            self._failed = answer
            return OriginFailure(OriginFailureKind.DROPPED, "as scripted")
        return answer
