"""All routes of the sample site."""

from __future__ import annotations

from aiohttp import web

from origin import api, caching, echo, failing, identity, pages, streaming


def make_app() -> web.Application:
    """The site as an aiohttp application."""
    app = web.Application(client_max_size=1 << 40)
    for part in (pages, caching, echo, streaming, failing, api, identity):
        app.router.add_routes(part.routes)
    # Last, because it takes every path that is left.
    app.router.add_get("/{path:.*}", pages.static)
    return app
