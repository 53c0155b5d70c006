"""The sample site, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from origin.site import make_app


@pytest.fixture
async def site() -> AsyncIterator[str]:
    """The site on a port of its own; its URL."""
    runner = web.AppRunner(make_app(), access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    """A client without cookies of its own."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield session


async def test_a_page_has_validators_and_answers_them(site: str, client: aiohttp.ClientSession) -> None:
    """200 with ETag and Last-Modified; 304 for each of them."""
    async with client.get(site) as response:
        assert (response.status, response.content_type) == (200, "text/html")
        etag, modified = response.headers["ETag"], response.headers["Last-Modified"]
    for condition in ({"If-None-Match": etag}, {"If-Modified-Since": modified}):
        async with client.get(site, headers=condition) as response:
            assert response.status == 304


async def test_a_part_of_a_page(site: str, client: aiohttp.ClientSession) -> None:
    """206 for a range."""
    async with client.get(f"{site}/assets/app.js", headers={"Range": "bytes=0-6"}) as response:
        assert (response.status, await response.text()) == (206, "console")


@pytest.mark.parametrize(
    ("path", "status"),
    [("/about/index.html", 200), ("/about/", 404), ("/../site.py", 404), ("/status/418", 418), ("/redirect", 302)],
)
async def test_statuses(site: str, client: aiohttp.ClientSession, path: str, status: int) -> None:
    """Each route answers as the README says; a folder has no index, as on S3."""
    async with client.get(site + path, allow_redirects=False) as response:
        assert response.status == status


async def test_cache_control_to_order(site: str, client: aiohttp.ClientSession) -> None:
    """The query becomes Cache-Control."""
    async with client.get(f"{site}/cache?max-age=60&stale-if-error=30&private") as response:
        assert response.headers["Cache-Control"] == "max-age=60, stale-if-error=30, private"


async def test_the_echo_shows_what_came(site: str, client: aiohttp.ClientSession) -> None:
    """Method, raw target, header lines, body."""
    async with client.post(f"{site}/echo/a%2Fb?x=%20", data=b"hi", headers={"X-Mixed-Case": "1"}) as response:
        seen = await response.json()
    assert (seen["method"], seen["body"]) == ("POST", "hi")
    assert ["X-Mixed-Case", "1"] in seen["headers"]


async def test_bodies_both_ways(site: str, client: aiohttp.ClientSession) -> None:
    """As many bytes as asked for; a digest of what was sent."""
    async with client.get(f"{site}/bytes/200000?chunked=1") as response:
        assert len(await response.read()) == 200_000
    async with client.put(f"{site}/upload", data=b"x" * 100_000) as response:
        assert (await response.json())["bytes"] == 100_000


@pytest.mark.parametrize("path", ["/fail/drop", "/fail/garbage", "/fail/truncate", "/fail/badchunk", "/fail/headers"])
async def test_failures_below_http(site: str, client: aiohttp.ClientSession, path: str) -> None:
    """A client sees an error of the connection or of the protocol."""
    with pytest.raises(aiohttp.ClientError):
        async with client.get(site + path) as response:
            await response.read()


async def test_a_stall_never_answers(site: str, client: aiohttp.ClientSession) -> None:
    """The client gives up first."""
    with pytest.raises(asyncio.TimeoutError):
        await client.get(f"{site}/fail/stall", timeout=aiohttp.ClientTimeout(total=0.05))


async def test_websocket_and_events(site: str, client: aiohttp.ClientSession) -> None:
    """An echo, and three events."""
    async with client.ws_connect(f"{site}/ws") as socket:
        await socket.send_str("hello")
        assert await socket.receive_str() == "hello"
    async with client.get(f"{site}/sse") as response:
        assert (await response.text()).count("data:") == 3


async def test_the_api_keeps_items(site: str, client: aiohttp.ClientSession) -> None:
    """Create, read, delete; a bad body is told what it must be."""
    async with client.post(f"{site}/api/items", json={"name": "new"}) as response:
        item = await response.json()
    async with client.get(f"{site}/api/items/{item['id']}") as response:
        assert await response.json() == item
    async with client.delete(f"{site}/api/items/{item['id']}") as response:
        assert response.status == 204
    async with client.post(f"{site}/api/items", json=[]) as response:
        assert response.status == 400
