"""Static pages and assets, with strong ETags, Last-Modified, ranges, and Cache-Control as a real site sets it."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from aiohttp import hdrs, web

FOLDER = Path(__file__).parent / "static"
IMMUTABLE = "public, max-age=31536000, immutable"
SHORT = "public, max-age=60"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}

routes = web.RouteTableDef()


@routes.get("/login")
async def login(request: web.Request) -> web.Response:
    """Sets a session cookie."""
    response = web.json_response({"user": "sample"}, headers={hdrs.CACHE_CONTROL: "private, no-store"})
    response.set_cookie("session", "s-1", httponly=True, samesite="Lax")
    return response


@routes.get("/redirect")
async def redirect(request: web.Request) -> web.Response:
    """302 to ?to=."""
    return web.Response(status=302, headers={hdrs.LOCATION: request.query.get("to", "/")})


@lru_cache(maxsize=64)
def _etag(path: Path, changed_ns: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


async def static(request: web.Request) -> web.StreamResponse:
    """A file; a folder's index.html only for the root, as an S3 bucket would."""
    name = request.match_info["path"] or "index.html"
    path = (FOLDER / name).resolve()
    if not path.is_relative_to(FOLDER) or not path.is_file():
        return web.Response(status=404, text="not found\n", headers={hdrs.CACHE_CONTROL: "no-cache"})
    data = path.read_bytes()
    response = web.Response(body=data, headers={hdrs.CONTENT_TYPE: _TYPES.get(path.suffix, "application/octet-stream")})
    response.headers[hdrs.CACHE_CONTROL] = IMMUTABLE if name.startswith("assets/") else SHORT
    response.etag = _etag(path, path.stat().st_mtime_ns)
    response.last_modified = int(path.stat().st_mtime)
    tags = request.if_none_match
    known = any(tag.value in ("*", response.etag.value) for tag in tags) if tags and response.etag else False
    since = request.if_modified_since
    if known or (not tags and since is not None and response.last_modified and response.last_modified <= since):
        response.set_status(304)
        response.body = b""
        return response
    part = request.http_range
    if part.start is not None and request.headers.get(hdrs.RANGE):
        start, end, _ = part.indices(len(data))
        response.set_status(206)
        response.headers[hdrs.CONTENT_RANGE] = f"bytes {start}-{end - 1}/{len(data)}"
        response.body = data[start:end]
    response.headers[hdrs.ACCEPT_RANGES] = "bytes"
    return response
