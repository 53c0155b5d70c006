"""The admin listener: health, metrics, trails, invalidations. Loopback only, and only for those who mean it.

A page in a browser can send requests to 127.0.0.1, under any name that points there. So Host must be a loopback name,
and an Origin, if there is one, must be the listener's own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence, Sized
from datetime import UTC, datetime
from typing import Any, Protocol

from aiohttp import web

from edge.cache.invalidations import Batch, BatchExists, Invalidation, Invalidations, TooMany
from edge.logs.metrics import Counts, Metrics
from edge.logs.trails import RecentTrails

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")


class Workers(Protocol):
    """The processes that serve viewers, where this one does not."""

    async def settled(self) -> None:
        """Wait until all of them have done what they were told so far."""
        ...

    async def counts(self) -> Sequence[Counts]:
        """What each has counted since the last time."""
        ...

    async def find_trail(self, request_id: str) -> dict[str, Any] | None:
        """The trail of a request as JSON; None when nobody knows it (any more)."""
        ...


class AdminListener:
    """Serves /.edge/health, /.edge/metrics, /.edge/trails/ID, and takes and lists invalidations at
    /.edge/invalidations.

    `invalidate` does what a batch says under a caller reference; it raises ValueError for what AWS refuses.
    `invalidations` are those that were done. With `workers` an invalidation is answered when all of them have done it.
    """

    def __init__(
        self,
        host: str,
        port: int,
        cached: Sized,
        trails: RecentTrails,
        metrics: Metrics,
        invalidate: Callable[[Batch, str], Invalidation],
        invalidations: Invalidations,
        workers: Workers | None = None,
    ) -> None:
        if host not in _LOOPBACK:
            raise ValueError(f"the admin listener is for this machine only, and {host} is not a loopback address")
        self.host = host
        self.port = port
        self._cached = cached
        self._trails = trails
        self._metrics = metrics
        self._invalidate = invalidate
        self._done = invalidations
        self._workers = workers
        self._runner: web.AppRunner | None = None

    url = ""

    @property
    def address(self) -> str:
        """HOST:PORT."""
        return f"{self.host}:{self.port}"

    async def start(self) -> None:
        """Begin to listen. Raises OSError."""
        app = web.Application(middlewares=[self._guard])
        app.router.add_get("/.edge/health", self._health)
        app.router.add_get("/.edge/metrics", self._text)
        app.router.add_get("/.edge/trails/{id}", self._trail)
        app.router.add_post("/.edge/invalidations", self._invalidations)
        app.router.add_get("/.edge/invalidations", self._list)
        app.router.add_get("/.edge/invalidations/{id}", self._invalidation)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.host, self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def close(self) -> None:
        """Stop."""
        if self._runner is not None:
            await self._runner.cleanup()

    @web.middleware
    async def _guard(self, request: web.Request, handler: object) -> web.StreamResponse:
        name = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
        origin = request.headers.get("Origin")
        if name not in _LOOPBACK or (origin is not None and origin != f"http://{request.host}"):
            return web.json_response({"error": "the admin listener answers this machine only"}, status=403)
        return await handler(request)  # type: ignore[operator, no-any-return]

    async def _health(self, request: web.Request) -> web.Response:
        return web.json_response({"status": "ok", "objects": len(self._cached)})

    async def _text(self, request: web.Request) -> web.Response:
        if self._workers is not None:
            for one in await self._workers.counts():
                self._metrics.counts.add(one)
        return web.Response(text=self._metrics.text(len(self._cached)), content_type="text/plain")

    async def _invalidations(self, request: web.Request) -> web.Response:
        try:
            batch, reference = read_batch(json.loads(await request.read()))
            done = self._invalidate(batch, reference)
            if self._workers is not None:
                await self._workers.settled()
            return web.json_response(_shown(done))
        except BatchExists as error:
            return web.json_response({"error": str(error), "code": "InvalidationBatchAlreadyExists"}, status=409)
        except TooMany as error:
            return web.json_response({"error": str(error), "code": "TooManyInvalidationsInProgress"}, status=400)
        except ValueError as error:
            return web.json_response({"error": str(error), "code": "InvalidArgument"}, status=400)

    async def _list(self, request: web.Request) -> web.Response:
        return web.json_response([_shown(one) for one in self._done.all()])

    async def _invalidation(self, request: web.Request) -> web.Response:
        found = self._done.get(request.match_info["id"])
        if found is None:
            return web.json_response({"error": "no invalidation of this id", "code": "NoSuchInvalidation"}, status=404)
        return web.json_response(_shown(found))

    async def _trail(self, request: web.Request) -> web.Response:
        id = request.match_info["id"]
        found = self._trails.get(id) if self._workers is None else await self._workers.find_trail(id)
        if found is None:
            return web.json_response({"error": "no trail of this id (the last 1,000 are kept)"}, status=404)
        return web.json_response(found)


def read_batch(asked: Any) -> tuple[Batch, str]:
    """A batch and its caller reference ("" for none), in the admin listener's own form or as the AWS command line
    takes it: {"Paths": {"Quantity": 1, "Items": ["/a*"]}, "CallerReference": "1"}. Raises ValueError."""
    if not isinstance(asked, dict):
        raise ValueError('write {"paths": ["/a*"]}')
    if "InvalidationBatch" in asked:
        asked = asked["InvalidationBatch"]
    paths, reference = asked.get("paths", []), asked.get("caller_reference", asked.get("CallerReference", ""))
    if isinstance(items := asked.get("Paths"), dict):
        paths = items.get("Items") or []
        if items.get("Quantity") not in (None, len(paths)):
            raise ValueError(f"Quantity says {items['Quantity']}, and there are {len(paths)} Items")
    tags = asked.get("tags", [])
    lists = isinstance(paths, list) and isinstance(tags, list)
    if not lists or not all(isinstance(one, str) for one in (*paths, *tags, reference)) or not (paths or tags):
        raise ValueError('write {"paths": ["/a*"]}, with "tags" and "caller_reference" if you like')
    return Batch(tuple(paths), tuple(tags)), reference


def _shown(one: Invalidation) -> dict[str, Any]:
    created = datetime.fromtimestamp(one.created, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return {
        "id": one.id,
        "status": "Completed",
        "create_time": created,
        "caller_reference": one.caller_reference,
        "paths": list(one.batch.paths),
        "tags": list(one.batch.tags),
        "objects": one.objects,
    }
