"""The admin listener: health, metrics, trails, invalidations. Loopback only, and only for those who mean it.

A page in a browser can send requests to 127.0.0.1, under any name that points there. So Host must be a loopback name,
and an Origin, if there is one, must be the listener's own.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sized

from aiohttp import web

from edge.logs.trails import RecentTrails
from edge.model.served import Served

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")


class Metrics:
    """Counts of what was served, in Prometheus's text form."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, str]] = Counter()
        self._functions: Counter[tuple[str, str]] = Counter()
        self._bytes = 0

    def count(self, served: Served, body_bytes: int, complete: bool) -> None:
        """One finished request."""
        self._requests[served.result_type.value, f"{served.response.status // 100}xx"] += 1
        self._bytes += body_bytes
        for run in served.trail.functions:
            self._functions[run.name, type(run.outcome).__name__] += 1

    def text(self, cached: Sized) -> str:
        """The text exposition format, version 0.0.4."""
        lines = [
            "# HELP edge_requests_total Requests by x-cache and status class.",
            "# TYPE edge_requests_total counter",
        ]
        for (result, status), count in sorted(self._requests.items()):
            lines.append(f'edge_requests_total{{x_cache="{result}",status="{status}"}} {count}')
        lines += ["# HELP edge_body_bytes_total Body bytes sent.", "# TYPE edge_body_bytes_total counter"]
        lines.append(f"edge_body_bytes_total {self._bytes}")
        lines += ["# HELP edge_function_runs_total Function runs.", "# TYPE edge_function_runs_total counter"]
        for (name, outcome), count in sorted(self._functions.items()):
            lines.append(f'edge_function_runs_total{{function="{name}",outcome="{outcome}"}} {count}')
        lines += ["# HELP edge_cache_objects Objects in the cache.", "# TYPE edge_cache_objects gauge"]
        lines.append(f"edge_cache_objects {len(cached)}")
        return "\n".join(lines) + "\n"


class AdminListener:
    """Serves /.edge/health, /.edge/metrics, /.edge/trails/ID, and takes invalidations at /.edge/invalidations.

    `invalidate` removes objects by path and by tag, and says how many; it raises ValueError for what AWS refuses.
    """

    def __init__(
        self,
        host: str,
        port: int,
        cached: Sized,
        trails: RecentTrails,
        metrics: Metrics,
        invalidate: Callable[[list[str], list[str]], int],
    ) -> None:
        if host not in _LOOPBACK:
            raise ValueError(f"the admin listener is for this machine only, and {host} is not a loopback address")
        self.host = host
        self.port = port
        self._cached = cached
        self._trails = trails
        self._metrics = metrics
        self._invalidate = invalidate
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
        return web.Response(text=self._metrics.text(self._cached), content_type="text/plain")

    async def _invalidations(self, request: web.Request) -> web.Response:
        try:
            asked = json.loads(await request.read())
            paths, tags = asked.get("paths", []), asked.get("tags", [])
            if not all(isinstance(one, str) for one in (*paths, *tags)) or not (paths or tags):
                raise ValueError('write {"paths": ["/a*"]}')
            return web.json_response({"objects": self._invalidate(paths, tags)})
        except (ValueError, TypeError, AttributeError) as error:
            return web.json_response({"error": str(error)}, status=400)

    async def _trail(self, request: web.Request) -> web.Response:
        found = self._trails.get(request.match_info["id"])
        if found is None:
            return web.json_response({"error": "no trail of this id (the last 1,000 are kept)"}, status=404)
        return web.json_response(found)
