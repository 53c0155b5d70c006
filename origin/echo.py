"""What the origin saw, and answers made to order."""

from __future__ import annotations

import base64

from aiohttp import hdrs, web

routes = web.RouteTableDef()


@routes.route("*", "/echo{rest:.*}")
async def echo(request: web.Request) -> web.Response:
    """The request as JSON: method, target, header lines in order, body."""
    body = await request.read()
    try:
        shown = {"body": body.decode("utf-8")}
    except UnicodeDecodeError:
        shown = {"body_base64": base64.b64encode(body).decode()}
    return web.json_response(
        {
            "method": request.method,
            "target": request.raw_path,
            "headers": [[name.decode("latin-1"), value.decode("latin-1")] for name, value in request.raw_headers],
            "peer": request.remote,
            **shown,
        },
        headers={hdrs.CACHE_CONTROL: "no-store"},
    )


@routes.get("/headers")
async def headers(request: web.Request) -> web.Response:
    """Response headers by query: /headers?X-Foo=bar&Set-Cookie=a%3D1."""
    response = web.Response(text="headers\n")
    for name, value in request.query.items():
        response.headers.add(name, value)
    return response


@routes.get("/cookies")
async def cookies(request: web.Request) -> web.Response:
    """The cookies that arrived."""
    return web.json_response(dict(request.cookies), headers={hdrs.CACHE_CONTROL: "no-store"})


@routes.get("/cookies/set")
async def set_cookies(request: web.Request) -> web.Response:
    """Sets a cookie for each parameter."""
    response = web.json_response({"set": list(request.query)})
    for name, value in request.query.items():
        response.set_cookie(name, value)
    return response
