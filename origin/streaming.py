"""Bodies that flow: large, slow, uploaded, server-sent, WebSocket. None of them is held in memory."""

from __future__ import annotations

import asyncio
import hashlib

from aiohttp import WSMsgType, hdrs, web

routes = web.RouteTableDef()
_PIECE = bytes(range(256)) * 256  # 64 KiB


@routes.get("/bytes/{count:\\d+}")
async def count_bytes(request: web.Request) -> web.StreamResponse:
    """That many bytes; ?chunked=1 without a Content-Length."""
    left = int(request.match_info["count"])
    response = web.StreamResponse(headers={hdrs.CONTENT_TYPE: "application/octet-stream"})
    if "cache-control" in request.query:
        response.headers[hdrs.CACHE_CONTROL] = request.query["cache-control"]
    if "chunked" in request.query:
        response.enable_chunked_encoding()
    else:
        response.content_length = left
    await response.prepare(request)
    while left > 0:
        await response.write(_PIECE[:left])
        left -= len(_PIECE)
    await response.write_eof()
    return response


@routes.route("*", "/upload")
async def upload(request: web.Request) -> web.Response:
    """How many bytes came, and their SHA-256."""
    digest = hashlib.sha256()
    count = 0
    async for piece in request.content.iter_any():
        digest.update(piece)
        count += len(piece)
    return web.json_response({"bytes": count, "sha256": digest.hexdigest()})


@routes.get("/slow")
async def slow(request: web.Request) -> web.Response:
    """Answers after ?s= seconds."""
    await asyncio.sleep(min(float(request.query.get("s", "1")), 300))
    return web.Response(text="slow\n", headers={hdrs.CACHE_CONTROL: "no-store"})


@routes.get("/drip")
async def drip(request: web.Request) -> web.StreamResponse:
    """?bytes= in ?chunks= pieces over ?seconds=."""
    chunks = max(1, int(request.query.get("chunks", "5")))
    size = max(1, int(request.query.get("bytes", "500")) // chunks)
    pause = float(request.query.get("seconds", "1")) / chunks
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(chunks):
        await response.write(b"." * size)
        await asyncio.sleep(pause)
    return response


@routes.get("/sse")
async def events(request: web.Request) -> web.StreamResponse:
    """Three server-sent events."""
    response = web.StreamResponse(headers={hdrs.CONTENT_TYPE: "text/event-stream", hdrs.CACHE_CONTROL: "no-store"})
    await response.prepare(request)
    for number in range(3):
        await response.write(f"data: {number}\n\n".encode())
    return response


@routes.get("/ws")
async def websocket(request: web.Request) -> web.WebSocketResponse:
    """Echoes every message."""
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        if message.type is WSMsgType.TEXT:
            await socket.send_str(message.data)
        elif message.type is WSMsgType.BINARY:
            await socket.send_bytes(message.data)
    return socket
