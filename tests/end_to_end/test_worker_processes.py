"""`edge serve --workers 2`: processes that come and go."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import re
import signal
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aioquic.asyncio.client import connect as over_quic
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import QuicEvent

Viewer = Any  # of conftest.py
Origin = Any  # a ScriptedOrigin of tests/conftest.py
Connection = Any
Connect = Callable[[int], Awaitable[Viewer]]
Serve = Callable[..., Awaitable[Any]]
Until = Any

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="processes are watched by their pidfd")

MIB = 1024 * 1024
SIZE = 100 * MIB
PIECE = b"x" * 262_144
GROWTH_MAX_BYTES = 48 * MIB
"""Of each process through which 100 MiB go."""
TWO = ("--listen", "127.0.0.1:0", "--workers", "2")


async def ended(pid: int) -> None:
    """Wait until a process is no more, or only to be reaped."""
    over = asyncio.Event()
    try:
        watch = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    loop = asyncio.get_running_loop()
    loop.add_reader(watch, over.set)
    try:
        async with asyncio.timeout(20):
            await over.wait()
    finally:
        loop.remove_reader(watch)
        os.close(watch)


async def kill(*pids: int) -> None:
    """Kill processes, and wait for that."""
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    for pid in pids:
        await ended(pid)


async def said(served: Any, words: str) -> str:
    """The next line on stderr with these words in it."""
    async with asyncio.timeout(30):
        while words not in (line := await served.line()):
            assert line, f"it ended before it said {words!r}"
        return str(line)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_all_of_it_ends_with_the_owner(
    serve: Serve, origin: Origin, connect: Connect, number: signal.Signals
) -> None:
    """In order, with connections open, and nobody stays behind."""
    served = await serve("--origin", origin.url, *TWO, "--quiet")
    port = await served.listening()
    workers = served.workers()
    assert len(workers) == 2
    assert (await (await connect(port)).get("/a")).status == 200
    served.process.send_signal(number)
    assert await served.ends() == 0
    for pid in workers:
        await ended(pid)
    assert (await served.process.stderr.read()).decode() == "stopping\n"


async def test_workers_end_when_their_owner_is_killed(serve: Serve, origin: Origin) -> None:
    """They would serve from a cache that nobody fills."""
    served = await serve("--origin", origin.url, *TWO, "--quiet")
    await served.listening()
    workers = served.workers()
    served.process.kill()
    for pid in workers:
        await ended(pid)


async def test_a_worker_that_dies_is_replaced(serve: Serve, origin: Origin, connect: Connect) -> None:
    """It is said, and no viewer who comes meanwhile is turned away."""
    served = await serve("--origin", origin.url, *TWO, "--quiet")
    port = await served.listening()
    before = served.workers()
    await kill(*before)
    replies = await asyncio.gather(*[(await connect(port)).get(f"/{number}") for number in range(10)])
    assert {reply.status for reply in replies} == {200}
    for _ in before:
        assert re.fullmatch(
            r"worker [12] ended \(SIGKILL\); another takes its place", await said(served, "takes its place")
        )
    assert not set(served.workers()) & set(before)
    assert {(await (await connect(port)).get(f"/{number}")).x_cache for number in range(10)} == {"Hit"}


async def test_a_worker_takes_up_what_changed_before_it_began(
    serve: Serve, origin: Origin, connect: Connect, tmp_path: Path
) -> None:
    function = tmp_path / "answer.js"

    def save(text: str) -> None:
        function.write_text(f"function handler(event) {{ return {{ statusCode: 200, body: '{text}' }} }}")

    save("one")
    served = await serve("--origin", origin.url, *TWO, "--viewer-request", str(function), "--quiet")
    port = await served.listening()
    save("two")
    await said(served, "taken up: the files have changed")
    await kill(*served.workers())
    assert {(await (await connect(port)).get("/")).body for _ in range(8)} == {b"two"}


async def test_caches_stand_where_they_stood_at_the_start(
    serve: Serve, origin: Origin, connect: Connect, tmp_path: Path
) -> None:
    """A worker that takes the place of another after [topology] has changed, too."""
    (tmp_path / "edge.toml").write_text("[topology.pops.FRA56-P4]\n")
    served = await serve("--origin", origin.url, *TWO, "--quiet")
    port = await served.listening()
    (tmp_path / "edge.toml").write_text("[topology.pops.NRT57-C1]\n")
    await said(served, "[topology] has changed")
    await kill(*served.workers())
    replies = [await (await connect(port)).get("/a") for _ in range(6)]
    assert {reply.get("x-amz-cf-pop") for reply in replies} == {"FRA56-P4"}


async def test_every_line_of_the_log_is_whole(serve: Serve, origin: Origin, connect: Connect) -> None:
    """Lines longer than what a pipe takes at once, from both workers."""
    served = await serve("--origin", origin.url, *TWO, "--json")
    port = await served.listening()
    long = "x" * 6_000

    async def visit(number: int) -> None:
        viewer = await connect(port)
        for at in range(20):
            assert (await viewer.get(f"/{number}?{at}{long}")).status == 200

    async def lines() -> list[dict[str, Any]]:
        return [json.loads(await served.process.stdout.readline()) for _ in range(160)]

    read = asyncio.ensure_future(lines())
    await asyncio.gather(*(visit(number) for number in range(8)))
    assert {len(one["target"]) for one in await read} == {6_004, 6_005}


async def test_access_logs_have_each_request_once(
    serve: Serve, origin: Origin, connect: Connect, tmp_path: Path
) -> None:
    """In as many files as there are workers: CloudFront too writes several for an hour."""
    served = await serve("--origin", origin.url, *TWO, "--access-log", str(tmp_path / "logs"), "--quiet")
    port = await served.listening()
    for number in range(20):
        await (await connect(port)).get(f"/{number}")
    served.process.send_signal(signal.SIGTERM)
    assert await served.ends() == 0
    files = list((tmp_path / "logs").iterdir())
    lines = [line for path in files for line in gzip.decompress(path.read_bytes()).decode().splitlines()]
    stems = sorted(int(line.split("\t")[7].removeprefix("/")) for line in lines if not line.startswith("#"))
    assert stems == list(range(20))
    assert 1 <= len(files) <= 2


async def test_metrics_and_health_over_the_admin_listener(serve: Serve, origin: Origin, connect: Connect) -> None:
    served = await serve("--origin", origin.url, *TWO, "--admin", "127.0.0.1:0", "--quiet")
    port = await served.listening()
    url = (await served.line()).removeprefix("admin on ").removesuffix("health")
    replies = [await (await connect(port)).get("/a") for _ in range(12)]
    assert [reply.x_cache for reply in replies] == ["Miss"] + ["Hit"] * 11
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{url}metrics") as response:
            assert 'edge_results_total{x_cache="Hit"} 11\n' in await response.text()
        async with session.post(f"{url}invalidations", json={"paths": ["/*"]}) as response:
            assert (await response.json())["objects"] == 1
        for reply in replies:
            async with session.get(f"{url}trails/{reply.get('x-amz-cf-id')}") as response:
                assert (await response.json())["target"] == "/a"
    assert (await (await connect(port)).get("/a")).x_cache == "Miss"


async def test_a_worker_that_ends_in_order_leaves_its_counts(serve: Serve, origin: Origin, connect: Connect) -> None:
    """Counters never go back."""
    served = await serve("--origin", origin.url, *TWO, "--admin", "127.0.0.1:0", "--quiet")
    port = await served.listening()
    url = (await served.line()).removeprefix("admin on ").replace("health", "metrics")
    for _ in range(8):
        await (await connect(port)).get("/a")
    for pid in served.workers():
        os.kill(pid, signal.SIGTERM)
    for _ in range(2):
        assert "(status 0)" in await said(served, "takes its place")
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        assert 'edge_results_total{x_cache="Hit"} 7\n' in await response.text()


async def test_over_tls_too(serve: Serve, origin: Origin, tmp_path: Path) -> None:
    served = await serve("--origin", origin.url, *TWO, "--tls", "127.0.0.1:0", "--quiet")
    url = (await said(served, "listening on https")).removeprefix("listening on ")
    trusting = ssl.create_default_context(cafile=tmp_path / "edge-on-a-laptop" / "authority.pem")
    seen = []
    for _ in range(6):
        async with aiohttp.ClientSession() as session, session.get(url, ssl=trusting) as response:
            seen.append(response.headers["x-cache"].partition(" ")[0])
    assert seen == ["Miss"] + ["Hit"] * 5


class OverQuic(QuicConnectionProtocol):
    """A viewer over HTTP/3 who asks once."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.answered: asyncio.Future[dict[bytes, bytes]] = asyncio.get_running_loop().create_future()
        self._h3 = H3Connection(self._quic)

    def ask(self, path: bytes) -> None:
        pseudo = ((b":method", b"GET"), (b":scheme", b"https"), (b":authority", b"localhost"), (b":path", path))
        self._h3.send_headers(self._quic.get_next_available_stream_id(), list(pseudo), end_stream=True)
        self.transmit()

    def quic_event_received(self, event: QuicEvent) -> None:
        for received in self._h3.handle_event(event):
            if isinstance(received, HeadersReceived) and not self.answered.done():
                self.answered.set_result(dict(received.headers))


async def test_over_http_3_too(serve: Serve, origin: Origin, tmp_path: Path) -> None:
    """Also when a worker has taken the place of another, with its sockets."""
    served = await serve("--origin", origin.url, *TWO, "--tls", "127.0.0.1:0", "--quiet")
    port = int((await said(served, "listening on https")).rpartition(":")[2])
    authority = str(tmp_path / "edge-on-a-laptop" / "authority.pem")
    configuration = QuicConfiguration(alpn_protocols=H3_ALPN, cafile=authority, server_name="localhost")

    async def visit() -> str:
        async with (
            asyncio.timeout(20),
            over_quic("127.0.0.1", port, configuration=configuration, create_protocol=OverQuic) as viewer,
        ):
            assert isinstance(viewer, OverQuic)
            viewer.ask(b"/a")
            return (await viewer.answered)[b"x-cache"].decode().partition(" ")[0]

    assert [await visit() for _ in range(6)] == ["Miss"] + ["Hit"] * 5
    await kill(served.workers()[0])
    await said(served, "takes its place")
    assert {await visit() for _ in range(6)} == {"Hit"}


async def test_a_port_that_another_edge_with_workers_has(serve: Serve, origin: Origin) -> None:
    """Both would share it out otherwise."""
    first = await serve("--origin", origin.url, *TWO, "--quiet")
    port = await first.listening()
    second = await serve("--origin", origin.url, "--listen", f"127.0.0.1:{port}", "--workers", "2")
    assert await second.process.wait() == 1
    stderr = (await second.process.stderr.read()).decode()
    assert stderr.startswith(f"cannot listen on 127.0.0.1:{port}: ")
    assert stderr.count("\n") == 1


@pytest.mark.parametrize("count", ["0", "65", "two"])
async def test_how_many_there_may_be(serve: Serve, count: str) -> None:
    served = await serve("--origin", "http://127.0.0.1:1", "--workers", count)
    assert await served.process.wait() == 2
    assert "--workers" in (await served.process.stderr.read()).decode()


async def test_large_bodies_do_not_sit_in_memory(serve: Serve, origin: Origin, connect: Connect) -> None:
    """Neither in a worker nor in the owner, though the viewer takes nothing for a while."""

    @origin.plays
    async def play(connection: Connection) -> None:
        while True:
            if (await connection.head()).target == "/large":
                await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % SIZE)
                for _ in range(SIZE // len(PIECE)):
                    await connection.send(PIECE)
            else:
                await connection.send(origin.answers[0])

    served = await serve("--origin", origin.url, *TWO, "--quiet")
    viewer = await connect(await served.listening())
    assert (await viewer.get("/")).status == 200
    processes = [served.process.pid, *served.workers()]
    before = {pid: served.peak_bytes(pid) for pid in processes}
    viewer.send(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
    reply = await viewer.head()
    assert sum([len(piece) async for piece in viewer.pieces(reply)]) == SIZE
    assert all(served.peak_bytes(pid) - before[pid] < GROWTH_MAX_BYTES for pid in processes)
