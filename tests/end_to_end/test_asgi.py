"""Promises of edge/asgi.py: the edge runs under ASGI servers that it does not know."""

from __future__ import annotations

import asyncio
import gzip
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from edge import configuration
from edge.asgi import Application
from edge.configuration import ConfigurationError

Origin = Any  # a ScriptedOrigin of tests/conftest.py
Connection = Any

PROXY = """\
import os
from pathlib import Path

from edge import configuration
from edge.asgi import Application

app = Application(
    lambda: configuration.from_flags(
        os.environ["SITE"], viewer_response=Path("mark.js"), origin_request_policy="AllViewer"
    )
)
"""
TEMPLATE = """\
Resources:
  Site:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        DefaultCacheBehavior:
          TargetOriginId: backend
          ViewerProtocolPolicy: allow-all
          CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6
        Origins:
        - Id: backend
          DomainName: backend.example.org
          CustomOriginConfig: {OriginProtocolPolicy: http-only}
"""
SERVERS = {
    "uvicorn": ("uvicorn", "--log-level", "warning", "--no-server-header", "--no-date-header", "--port"),
    "hypercorn": ("hypercorn", "--bind"),
}


def mark(value: str) -> str:
    line = f"event.response.headers['x-is'] = {{ value: '{value}' }}"
    return f"function handler(event) {{ {line}; return event.response }}"


@pytest.fixture(params=SERVERS)
async def url(request: pytest.FixtureRequest, tmp_path: Path, origin: Origin) -> AsyncIterator[str]:
    """The application in a process of the server's."""
    (tmp_path / "proxy.py").write_text(PROXY)
    (tmp_path / "mark.js").write_text(mark("one"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    module, *options = SERVERS[request.param]
    address = str(port) if request.param == "uvicorn" else f"127.0.0.1:{port}"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *options,
        address,
        "proxy:app",
        cwd=tmp_path,
        env={**os.environ, "SITE": origin.url, "PYTHONPATH": f"{tmp_path}:{Path(__file__).parents[2]}"},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    async with asyncio.timeout(30):
        while True:
            assert process.returncode is None, (await process.stderr.read()).decode()
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                break
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    async with asyncio.timeout(10):
        said = (await process.communicate())[1].decode()
    assert "Traceback" not in said


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as client:
        yield client


async def test_another_server_runs_it(url: str, client: aiohttp.ClientSession, origin: Origin, tmp_path: Path) -> None:
    """A miss, a hit, an upload, and an edit that is taken up."""
    for x_cache in ("Miss from cloudfront", "Hit from cloudfront"):
        async with client.get(f"{url}/a") as response:
            assert (response.status, await response.read()) == (200, b"hello")
            assert (response.headers["X-Cache"], response.headers["X-Is"]) == (x_cache, "one")
    async with client.post(f"{url}/upload?a=1", data=b"x" * 100_000) as response:
        assert response.status == 200
    assert [(seen.target, len(seen.body)) for seen in origin.requests] == [("/a", 0), ("/upload?a=1", 100_000)]
    async with asyncio.timeout(10):
        while response.headers["X-Is"] != "two":
            (tmp_path / "mark.js").write_text(mark("two"))
            async with client.get(f"{url}/a") as response:
                await response.read()


async def test_a_large_answer_is_streamed(url: str, client: aiohttp.ClientSession, origin: Origin) -> None:
    """To its last byte."""
    size = 20 * 1024 * 1024

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        for _ in range(size // 65_536):
            await connection.send(bytes(65_536))

    async with client.get(f"{url}/large") as response:
        assert sum([len(piece) async for piece in response.content.iter_any()]) == size


async def test_caches_and_access_logs_are_those_of_edge_toml(tmp_path: Path, origin: Origin) -> None:
    """Begun and ended by the server's lifespan, as its other parts."""
    template, local = tmp_path / "template.yaml", tmp_path / "edge.toml"
    template.write_text(TEMPLATE)
    local.write_text(
        f'[origins]\nbackend = "{origin.url}"\n[cache]\ndisk = "{tmp_path}/cache"\n[logs]\nfolder = "{tmp_path}/logs"\n'
    )
    told: list[str] = []
    app = Application(lambda: configuration.load(template), log=lambda served, size, whole: told.append("logged"))
    events: asyncio.Queue[Any] = asyncio.Queue()
    done: asyncio.Queue[Any] = asyncio.Queue()
    life = asyncio.create_task(app({"type": "lifespan"}, events.get, done.put))
    events.put_nowait({"type": "lifespan.startup"})
    assert (await done.get())["type"] == "lifespan.startup.complete"
    answered: list[Any] = []

    async def send(message: Any) -> None:
        answered.append(message)

    received: asyncio.Queue[Any] = asyncio.Queue()
    received.put_nowait({"type": "http.request", "body": b"", "more_body": False})
    scope = {"type": "http", "method": "GET", "raw_path": b"/a", "path": "/a", "query_string": b"", "scheme": "http"}
    scope |= {"http_version": "1.1", "headers": [(b"host", b"localhost")], "client": ("127.0.0.1", 1)}
    await app(scope, received.get, send)
    events.put_nowait({"type": "lifespan.shutdown"})
    await life
    assert (answered[0]["status"], told) == (200, ["logged"])
    assert any((tmp_path / "cache").iterdir())
    (log,) = (tmp_path / "logs").rglob("*.gz")
    assert "\t/a\t" in gzip.decompress(log.read_bytes()).decode()


def test_what_is_worth_knowing_is_said_at_the_start(tmp_path: Path) -> None:
    """As `edge serve` does."""
    template = tmp_path / "template.yaml"
    template.write_text(TEMPLATE)
    said: list[str] = []
    Application(lambda: configuration.load(template), say=said.append)
    (line,) = said
    assert line.startswith("warning: ")
    assert "the real backend.example.org is asked" in line


def test_what_is_wrong_is_said_at_the_start() -> None:
    """Where the application is made, not at its first request."""
    with pytest.raises(ConfigurationError, match="neither the URL of a site"):
        Application(lambda: configuration.from_flags("localhost:3000"))
