"""A small REST API, without CORS headers on purpose."""

from __future__ import annotations

from itertools import count

from aiohttp import hdrs, web

routes = web.RouteTableDef()
items: dict[int, dict[str, object]] = {1: {"id": 1, "name": "first"}}
_ids = count(2)


@routes.get("/api/items")
async def list_items(request: web.Request) -> web.Response:
    """All items."""
    return web.json_response(list(items.values()), headers={hdrs.CACHE_CONTROL: "max-age=5"})


@routes.post("/api/items")
async def create_item(request: web.Request) -> web.Response:
    """Adds an item: {"name": ...}."""
    try:
        data = await request.json()
        name = str(data["name"])
    except (ValueError, KeyError, TypeError):
        return web.json_response({"error": 'the body must be {"name": string}'}, status=400)
    item: dict[str, object] = {"id": next(_ids), "name": name}
    items[int(str(item["id"]))] = item
    return web.json_response(item, status=201)


@routes.get("/api/items/{id:\\d+}")
async def get_item(request: web.Request) -> web.Response:
    """One item."""
    item = items.get(int(request.match_info["id"]))
    return web.json_response(item) if item else web.json_response({"error": "no such item"}, status=404)


@routes.delete("/api/items/{id:\\d+}")
async def delete_item(request: web.Request) -> web.Response:
    """Removes one item."""
    gone = items.pop(int(request.match_info["id"]), None)
    return web.Response(status=204 if gone else 404)
