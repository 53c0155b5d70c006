"""Routes that fail below HTTP: a proxy must live through all of them."""

from __future__ import annotations

import asyncio
from collections import Counter

from aiohttp import web

routes = web.RouteTableDef()
failures: Counter[str] = Counter()


def _write(request: web.Request, data: bytes, *, close: bool = True) -> web.Response:
    transport = request.transport
    if transport is not None:
        if data:
            transport.write(data)
        if close:
            transport.close()
    return web.Response()


@routes.get("/fail/drop")
async def drop(request: web.Request) -> web.Response:
    """Closes the connection without an answer."""
    return _write(request, b"")


@routes.get("/fail/truncate")
async def truncate(request: web.Request) -> web.Response:
    """Announces ?bytes= and sends ?sent=."""
    announced, sent = int(request.query.get("bytes", "1000")), int(request.query.get("sent", "500"))
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {announced}\r\n\r\n"
    return _write(request, head.encode() + b"x" * sent)


@routes.get("/fail/stall")
async def stall(request: web.Request) -> web.Response:
    """Never answers."""
    await asyncio.Event().wait()
    return web.Response()


@routes.get("/fail/garbage")
async def garbage(request: web.Request) -> web.Response:
    """Bytes that are not HTTP."""
    return _write(request, b"\x00\x01 this is not HTTP \xff\r\n\r\n")


@routes.get("/fail/badchunk")
async def bad_chunk(request: web.Request) -> web.Response:
    """A chunked body with a bad size line."""
    return _write(
        request, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\nnope\r\n0\r\n\r\n"
    )


@routes.get("/fail/headers")
async def huge_headers(request: web.Request) -> web.Response:
    """A header of ?bytes= bytes."""
    size = int(request.query.get("bytes", "40000"))
    return _write(request, b"HTTP/1.1 200 OK\r\nX-Huge: " + b"h" * size + b"\r\nContent-Length: 2\r\n\r\nok")


@routes.get("/flaky")
async def flaky(request: web.Request) -> web.Response:
    """Answers 503 ?fail= times for each ?key=, then works."""
    key = request.query.get("key", "")
    failures[key] += 1
    if failures[key] <= int(request.query.get("fail", "2")):
        return web.Response(status=503, text=f"failure {failures[key]}\n")
    return web.Response(text="works\n")
