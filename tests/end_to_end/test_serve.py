"""`edge serve` as a process of its own."""

from __future__ import annotations

import asyncio
import re
import signal
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

Viewer = Any  # of conftest.py
Origin = Any  # a ScriptedOrigin of tests/conftest.py
Connection = Any
Connect = Callable[[int], Awaitable[Viewer]]
Serve = Callable[..., Awaitable[Any]]
Until = Any

MIB = 1024 * 1024
SIZE = 200 * MIB
PIECE = b"x" * 262_144
GROWTH_MAX_BYTES = 64 * MIB
"""Of a process through which 200 MiB go."""


async def test_it_says_where_it_listens_and_answers(serve: Serve, origin: Origin, connect: Connect) -> None:
    """One line on stderr; and one line for each request, unless it is to be quiet."""
    served = await serve("--origin", origin.url, "--listen", "127.0.0.1:0")
    viewer = await connect(await served.listening())
    reply = await viewer.get("/a")
    assert (reply.status, reply.x_cache, reply.body) == (200, "Miss", b"hello")
    line = await served.line()
    assert "200" in line
    assert "GET /a" in line


@pytest.mark.parametrize(
    ("options", "said"),
    [((), True), (("--quiet",), False), (("--cache-policy", "CachingDisabled"), False)],
)
async def test_it_says_what_stops_at_the_edge(
    serve: Serve, origin: Origin, options: tuple[str, ...], said: bool
) -> None:
    """To those who have not chosen what goes on: their site may look broken."""
    served = await serve("--origin", origin.url, "--listen", "127.0.0.1:0", *options)
    line = await served.line()
    assert ("--origin-request-policy AllViewer" in line) == said
    if said:
        line = await served.line()
    assert line.startswith("listening on http://127.0.0.1:")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_it_ends_at_once_with_connections_open(
    serve: Serve, origin: Origin, connect: Connect, number: signal.Signals
) -> None:
    """Idle ones, half a head, an answer that does not come, a download that nobody reads, a WebSocket."""
    arrived = asyncio.Semaphore(0)

    @origin.plays
    async def play(connection: Connection) -> None:
        while (seen := await connection.request()).target == "/idle":
            await connection.send(origin.answers[0])
        arrived.release()
        if seen.target == "/download":
            await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % SIZE)
            for _ in range(SIZE // len(PIECE)):
                await connection.send(PIECE)
        elif seen.target == "/chat":
            await connection.send(b"HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        await connection.left()

    served = await serve("--origin", origin.url, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--quiet")
    port = await served.listening()
    idle, half, waiting, download, chat = [await connect(port) for _ in range(5)]
    assert (await idle.get("/idle")).status == 200
    half.send(b"GET /half HTTP/1.1\r\nHo")
    waiting.send(b"GET /waiting HTTP/1.1\r\nHost: localhost\r\n\r\n")
    download.send(b"GET /download HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert (await download.head()).status == 200
    chat.send(b"GET /chat HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
    assert (await chat.head()).status == 101
    for _ in range(3):
        await arrived.acquire()
    served.process.send_signal(number)
    assert await served.ends() == 0
    stderr = (await served.process.stderr.read()).decode()
    assert re.fullmatch(r"admin on http://127\.0\.0\.1:\d+/\.edge/health\nstopping\n", stderr)


ANYWHERE = """\
[listen]
http = "127.0.0.1:0"
https = "127.0.0.1:0"
admin = "127.0.0.1:0"
"""


@pytest.mark.parametrize("server", ["edge", "hypercorn"])
async def test_where_it_listens_may_stand_in_edge_toml(
    serve: Serve, origin: Origin, tmp_path: Path, server: str
) -> None:
    """Plain, TLS (by whichever server) and admin; the first start with TLS says how to trust the certificate."""
    (tmp_path / "edge.toml").write_text(ANYWHERE)
    served = await serve("--origin", origin.url, "--tls-server", server, "--quiet")
    said: list[str] = []
    while not said or not said[-1].startswith("admin on "):
        said.append(await served.line())
        assert said[-1], said
    authority = tmp_path / "edge-on-a-laptop" / "authority.pem"
    assert any(f"curl --cacert '{authority}' https://localhost:PORT/" in line for line in said)
    plain, secure, admin = (line.rpartition(" on ")[2] for line in said[-3:])
    assert plain.startswith("http://127.0.0.1:")
    assert secure.startswith("https://127.0.0.1:")
    trusting = ssl.create_default_context(cafile=authority)
    async with aiohttp.ClientSession() as session:
        for url in (plain, secure):
            async with session.get(url, ssl=trusting) as response:
                assert (response.status, await response.read()) == (200, b"hello")
        async with session.get(admin) as response:
            assert (await response.json())["status"] == "ok"


@pytest.mark.parametrize("option", ["--listen", "--admin"])
async def test_a_port_that_is_taken(serve: Serve, origin: Origin, option: str) -> None:
    """One sentence that names the address which cannot be had, and exit status 1."""
    addresses = {"--listen": "127.0.0.1:0", "--admin": "127.0.0.1:0"} | {option: f"127.0.0.1:{origin.port}"}
    served = await serve("--origin", origin.url, *(word for pair in addresses.items() for word in pair))
    assert await served.process.wait() == 1
    stderr = (await served.process.stderr.read()).decode()
    assert stderr.startswith("cannot listen")
    assert str(origin.port) in stderr
    assert "in use" in stderr
    assert stderr.count("\n") == 1


@pytest.mark.parametrize("marked", [False, True])
async def test_responses_are_marked_only_where_it_is_asked_for(
    serve: Serve, origin: Origin, connect: Connect, marked: bool
) -> None:
    """--admin has the trail of each request by its X-Amz-Cf-Id; --explain-header says so in the response."""
    options = ("--explain-header",) if marked else ()
    served = await serve("--origin", origin.url, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", *options)
    reply = await (await connect(await served.listening())).get("/a")
    assert reply.get("x-edge-trail") == (reply.get("x-amz-cf-id") if marked else None)
    health = (await served.line()).removeprefix("admin on ")
    async with (
        aiohttp.ClientSession() as session,
        session.get(health.replace("health", f"trails/{reply.get('x-amz-cf-id')}")) as response,
    ):
        assert (await response.json())["target"] == "/a"


async def test_an_admin_listener_for_the_world(serve: Serve, origin: Origin) -> None:
    """Refused as wrong usage."""
    served = await serve("--origin", origin.url, "--listen", "127.0.0.1:0", "--admin", "0.0.0.0:0")
    assert await served.process.wait() == 2
    assert "not a loopback address" in (await served.process.stderr.read()).decode()


async def test_an_edit_is_taken_up(serve: Serve, origin: Origin, connect: Connect, tmp_path: Path) -> None:
    """Without a restart."""
    function = tmp_path / "answer.js"
    save(function, "one")
    served = await serve(
        "--origin", origin.url, "--listen", "127.0.0.1:0", "--viewer-request", str(function), "--quiet"
    )
    viewer = await connect(await served.listening())
    assert (await viewer.get("/")).body == b"one"
    async with asyncio.timeout(10):
        while (await viewer.get("/")).body != b"two":
            save(function, "two")
            await asyncio.sleep(0.05)


def save(path: Path, text: str) -> None:
    path.write_text(f"function handler(event) {{ return {{ statusCode: 200, body: '{text}' }} }}")


TEMPLATE = """\
Resources:
  Mark:
    Type: AWS::CloudFront::ResponseHeadersPolicy
    Properties:
      ResponseHeadersPolicyConfig:
        Name: mark
        CustomHeadersConfig:
          Items:
          - {Header: x-version, Value: "VERSION", Override: true}
  Site:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        DefaultCacheBehavior:
          TargetOriginId: TARGET
          ViewerProtocolPolicy: allow-all
          CachePolicyId: 4135ea2d-6df8-44a3-9df3-4b5a84be39ad
          ResponseHeadersPolicyId: !Ref Mark
        Origins:
        - Id: backend
          DomainName: backend.example.org
          CustomOriginConfig: {OriginProtocolPolicy: http-only}
"""


async def test_an_edited_configuration_is_taken_up_under_load(
    serve: Serve, origin: Origin, connect: Connect, until: Until, tmp_path: Path
) -> None:
    """No request is dropped; a broken edit leaves the last good version running, and is explained with its line."""

    def save(version: str, target: str = "backend") -> None:
        new = tmp_path / "template.new"
        new.write_text(TEMPLATE.replace("VERSION", version).replace("TARGET", target))
        new.rename(tmp_path / "template.yaml")

    save("one")
    served = await serve("template.yaml", "--origin", f"backend={origin.url}", "--listen", "127.0.0.1:0", "--quiet")
    port = await served.listening()
    seen: list[str | None] = []
    stop = asyncio.Event()

    async def hammer() -> None:
        viewer = await connect(port)
        while not stop.is_set():
            reply = await viewer.get("/")
            assert (reply.status, reply.body) == (200, b"hello")
            seen.append(reply.get("x-version"))

    async def said(words: str) -> str:
        async with asyncio.timeout(20):
            while words not in (line := await served.line()):
                assert line
            return line

    async with asyncio.TaskGroup() as viewers:
        for _ in range(4):
            viewers.create_task(hammer())
        await until(lambda: "one" in seen)
        save("two")
        await said("taken up: the files have changed")
        save("three", target="backed")
        line = await said("not taken up")
        assert "template.yaml:16" in line
        assert "did you mean backend?" in line
        save("four")
        await said("taken up: the files have changed")
        await until(lambda: "four" in seen)
        stop.set()
    assert list(dict.fromkeys(seen)) == ["one", "two", "four"]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc")
async def test_large_bodies_do_not_sit_in_memory(serve: Serve, origin: Origin, connect: Connect) -> None:
    """200 MiB down, cacheable, and 200 MiB up."""

    @origin.plays
    async def play(connection: Connection) -> None:
        while True:
            seen = await connection.head()
            if seen.line.startswith("PUT"):
                left = int(seen.get("content-length") or 0)
                while left:
                    left -= len(await connection.reader.read(min(left, MIB)))
                await connection.send(b"HTTP/1.1 204 No Content\r\n\r\n")
            elif seen.target == "/large":
                await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % SIZE)
                for _ in range(SIZE // len(PIECE)):
                    await connection.send(PIECE)
            else:
                await connection.send(origin.answers[0])

    served = await serve("--origin", origin.url, "--listen", "127.0.0.1:0", "--quiet")
    viewer = await connect(await served.listening())
    assert (await viewer.get("/")).status == 200
    before = served.peak_bytes()
    viewer.send(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
    reply = await viewer.head()
    assert sum([len(piece) async for piece in viewer.pieces(reply)]) == SIZE
    viewer.send(b"PUT /large HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % SIZE)
    for _ in range(SIZE // len(PIECE)):
        viewer.send(PIECE)
        await viewer.writer.drain()
    assert (await viewer.reply()).status == 204
    assert served.peak_bytes() - before < GROWTH_MAX_BYTES
