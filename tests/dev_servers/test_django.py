"""Django's runserver behind the proxy."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import aiohttp
import pytest

Start = Callable[..., AbstractAsyncContextManager[str]]
Browser = aiohttp.ClientSession

DYNAMIC = ("--cache-policy", "CachingDisabled", "--origin-request-policy", "AllViewer")


@pytest.fixture
async def origin(dev_server: Start, port: int) -> AsyncIterator[str]:
    command = (sys.executable, "django_site.py", "runserver", "--noreload", f"127.0.0.1:{port}")
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
    """Pass through; the file comes from the cache the second time."""
    async with browser.get(f"{cached}/page/") as response:
        assert (response.status, await response.text()) == (200, "<p>hello stranger</p>")
    for x_cache in ("Miss from cloudfront", "Hit from cloudfront"):
        async with browser.get(f"{cached}/static/site.css") as response:
            assert response.content_type == "text/css"
            assert "color: teal" in await response.text()
            assert response.headers["X-Cache"] == x_cache


async def test_a_static_file_that_has_not_changed(browser: Browser, site: str) -> None:
    """The condition goes to the site, its 304 comes back."""
    async with browser.get(f"{site}/static/site.css") as response:
        modified = response.headers["Last-Modified"]
    async with browser.get(f"{site}/static/site.css", headers={"If-Modified-Since": modified}) as response:
        assert (response.status, await response.read()) == (304, b"")


async def test_a_form_behind_csrf_protection(browser: Browser, site: str) -> None:
    """Django compares Origin with Host, and a cookie with the form: all of them arrive."""
    async with browser.get(f"{site}/form/") as response:
        token = (await response.json())["token"]
    fields = {"name": "Ada", "csrfmiddlewaretoken": token}
    async with browser.post(f"{site}/form/", data=fields, headers={"Origin": site}) as response:
        assert (response.status, await response.text()) == (200, "<p>hello Ada</p>")
        assert [one.headers["Location"] for one in response.history] == ["/page/"]
    async with browser.post(f"{site}/form/", data=fields, headers={"Origin": "http://evil.example"}) as response:
        assert response.status == 403


async def test_a_form_with_a_file(browser: Browser, site: str) -> None:
    """Arrives whole."""
    async with browser.get(f"{site}/form/") as response:
        token = (await response.json())["token"]
    form = aiohttp.FormData({"note": "large"})
    form.add_field("file", b"x" * 500_000, filename="x.bin")
    headers = {"X-CSRFToken": token, "Origin": site}
    async with browser.post(f"{site}/upload/", data=form, headers=headers) as response:
        assert await response.json() == {"name": "x.bin", "size": 500_000, "note": "large"}


async def test_redirects(browser: Browser, origin: str, site: str, cached: str) -> None:
    """Absolute ones name the host that the site was asked for: the proxy with AllViewer, else the origin itself."""
    for url, location in ((site, f"{site}/page/"), (cached, f"{origin}/page/")):
        async with browser.get(f"{url}/away/", allow_redirects=False) as response:
            assert (response.status, response.headers["Location"]) == (302, location)
    async with browser.get(f"{site}/page?a=1", allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (301, "/page/?a=1")


async def test_a_streamed_answer(browser: Browser, site: str) -> None:
    """Without a length, from the site to the viewer."""
    async with browser.get(f"{site}/stream/") as response:
        assert response.headers["Transfer-Encoding"] == "chunked"
        assert await response.text() == "0\n1\n2\n"


async def test_head(browser: Browser, site: str) -> None:
    """Has the head of GET, and no body."""
    async with browser.head(f"{site}/page/") as response:
        assert (response.status, response.headers["Content-Length"]) == (200, "21")
        assert await response.read() == b""


async def test_the_query_string(browser: Browser, site: str, cached: str) -> None:
    """Reaches the site with AllViewer; without a policy it is dropped, as on CloudFront."""
    for url, query in ((site, "a=1&b=%20"), (cached, "")):
        async with browser.get(f"{url}/seen/?a=1&b=%20") as response:
            assert (await response.json())["query"] == query


async def test_djangos_page_for_what_is_not_there(browser: Browser, site: str) -> None:
    """Is Django's."""
    async with browser.get(f"{site}/none/") as response:
        assert response.status == 404
        assert "Page not found" in await response.text()
