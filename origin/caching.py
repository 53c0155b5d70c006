"""Routes that say how they want to be cached, and count how often they were asked."""

from __future__ import annotations

import time
from collections import Counter

from aiohttp import hdrs, web

routes = web.RouteTableDef()
counts: Counter[str] = Counter()

_WITH_SECONDS = ("max-age", "s-maxage", "stale-while-revalidate", "stale-if-error")
_FLAGS = ("no-store", "no-cache", "private", "public", "must-revalidate")


@routes.get("/cache")
async def cache(request: web.Request) -> web.Response:
    """Cache-Control by query: /cache?max-age=60&stale-if-error=30. The body counts, so that a hit can be seen."""
    counts[request.path_qs] += 1
    directives = [f"{name}={request.query[name]}" for name in _WITH_SECONDS if name in request.query]
    directives += [name for name in _FLAGS if name in request.query]
    response = web.json_response({"count": counts[request.path_qs], "time": time.time()})
    if directives:
        response.headers[hdrs.CACHE_CONTROL] = ", ".join(directives)
    if "etag" in request.query:
        response.etag = request.query["etag"]
        if any(tag.value == request.query["etag"] for tag in request.if_none_match or ()):
            response.set_status(304)
            response.body = b""
    return response


@routes.get("/count")
async def count(request: web.Request) -> web.Response:
    """How often this URL has been asked for."""
    counts[request.path_qs] += 1
    return web.json_response({"count": counts[request.path_qs]}, headers={hdrs.CACHE_CONTROL: "no-store"})


@routes.get("/status/{code:\\d{3}}")
async def status(request: web.Request) -> web.Response:
    """Any status; ?cache-control= as given."""
    code = int(request.match_info["code"])
    headers = {hdrs.CACHE_CONTROL: request.query["cache-control"]} if "cache-control" in request.query else {}
    text = None if code in (204, 304) else f"status {code}\n"
    return web.Response(status=code, text=text, headers=headers)


@routes.get("/vary")
async def vary(request: web.Request) -> web.Response:
    """Another body for each Accept-Language, with Vary."""
    language = request.headers.get(hdrs.ACCEPT_LANGUAGE, "none")
    return web.Response(text=f"{language}\n", headers={hdrs.VARY: "Accept-Language", hdrs.CACHE_CONTROL: "max-age=60"})
