"""Flask's development server behind the proxy."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import aiohttp
import pytest

Start = Callable[..., AbstractAsyncContextManager[str]]
Browser = aiohttp.ClientSession

DYNAMIC = ("--cache-policy", "CachingDisabled", "--origin-request-policy", "AllViewer")


@pytest.fixture
async def origin(dev_server: Start, port: int) -> AsyncIterator[str]:
    command = (sys.executable, "-m", "flask", "--app", "flask_site", "run", "--port", str(port))
    async with dev_server(*command, port=port) as url:
        yield url


@pytest.fixture
async def site(origin: str, proxy: Start) -> AsyncIterator[str]:
    """As for a dynamic site: nothing is cached, everything is forwarded."""
    async with proxy(origin, *DYNAMIC) as url:
        yield url


@pytest.fixture
async def cached(origin: str, proxy: Start) -> AsyncIterator[str]:
    """With no other option than --origin."""
    async with proxy(origin) as url:
        yield url


async def test_a_page_and_a_static_file(browser: Browser, cached: str) -> None:
    """Pass through; the file is compressed on the way, and comes from the cache the second time."""
    async with browser.get(cached) as response:
        assert (response.status, await response.text()) == (200, "<p>hello stranger</p>")
        assert response.headers["Server"].startswith("Werkzeug")
    for x_cache in ("Miss from cloudfront", "Hit from cloudfront"):
        async with browser.get(f"{cached}/static/site.css") as response:
            assert response.content_type == "text/css"
            assert "color: teal" in await response.text()
            assert response.headers["X-Cache"] == x_cache


async def test_a_login(browser: Browser, site: str) -> None:
    """Both cookies of the answer to a POST are kept and sent, and the redirect stays on the proxy."""
    async with browser.post(f"{site}/login", data={"name": "Ada"}) as response:
        assert str(response.url) == f"{site}/"
        assert await response.text() == "<p>hello Ada</p>"
        (redirected,) = response.history
        assert (redirected.status, redirected.headers["Location"]) == (302, "/")
        assert len(redirected.headers.getall("Set-Cookie")) == 2
    async with browser.get(site) as response:
        assert await response.text() == "<p>hello Ada</p>"


async def test_without_a_policy_no_cookie_is_forwarded(browser: Browser, cached: str) -> None:
    """As on CloudFront: the visitor stays a stranger to the site."""
    async with browser.post(f"{cached}/login", data={"name": "Ada"}) as response:
        assert await response.text() == "<p>hello stranger</p>"


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_form_with_a_file(browser: Browser, site: str, chunked: bool) -> None:
    """Arrives whole, also where the viewer does not say its length."""
    form = aiohttp.FormData({"note": "large"})
    form.add_field("file", b"x" * 500_000, filename="x.bin")
    async with browser.post(f"{site}/upload", data=form(), chunked=chunked or None) as response:
        assert await response.json() == {"name": "x.bin", "size": 500_000, "note": "large"}


async def test_server_sent_events(browser: Browser, site: str) -> None:
    """Each arrives when it is sent: the second is sent after the first was read."""
    async with browser.get(f"{site}/events") as response:
        assert response.content_type == "text/event-stream"
        assert await response.content.readuntil(b"\n\n") == b"data: one\n\n"
        async with browser.post(f"{site}/events/go-on") as done:
            assert done.status == 200
        assert await response.read() == b"data: two\n\n"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_other_methods(browser: Browser, site: str, method: str) -> None:
    """With their bodies and queries."""
    async with browser.request(method, f"{site}/seen?a=1&b=%20", data=b"12345") as response:
        seen: dict[str, Any] = await response.json()
    assert (seen["method"], seen["query"], seen["body"]) == (method, "a=1&b=%20", 5)


async def test_the_host_that_the_site_sees(browser: Browser, origin: str, site: str, cached: str) -> None:
    """The proxy's with AllViewer; the origin's own without a policy."""
    async with browser.get(f"{site}/seen") as response:
        assert (await response.json())["host"] == site.removeprefix("http://")
    async with browser.get(f"{cached}/seen") as response:
        assert (await response.json())["host"] == origin.removeprefix("http://")


async def test_a_bug_of_the_site(browser: Browser, site: str) -> None:
    """Its error page is its own, not the proxy's."""
    async with browser.get(f"{site}/broken") as response:
        assert response.status == 500
        assert response.headers["X-Cache"] == "Error from cloudfront"
        assert "Internal Server Error" in await response.text()
