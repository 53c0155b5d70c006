"""The real proxy between real sockets: an App as `edge serve` makes it, a scripted origin behind, viewers in front."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import uvloop

from edge.app import App, Options
from edge.configuration import Configuration, from_flags
from edge.configuration import load as load_configuration
from edge.configuration.local import LocalCache
from edge.model.served import Served
from edge.reports import Reports
from edge.runtimes.engine import ENGINES
from edge.viewers.listener import Http1Listener
from edge.workers.channel import Channel
from edge.workers.crew import Crew
from edge.workers.messages import Done
from edge.workers.worker import Worker, obey

ScriptedOrigin = Any  # of tests/conftest.py
Logger = Callable[[Served, int, bool], None]

collect_ignore = ["user_project"]  # another project, whose tests test_user_project.py runs


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"uvloop": uvloop.new_event_loop}


@dataclass
class Reply:
    """One response as it stood on the wire."""

    status: int
    lines: list[tuple[str, str]]
    body: bytes = b""

    def get(self, name: str) -> str | None:
        values = [value for key, value in self.lines if key.lower() == name]
        assert len(values) <= 1, f"{name} stands there {len(values)} times"
        return values[0] if values else None

    @property
    def x_cache(self) -> str:
        return (self.get("x-cache") or "").removesuffix(" from cloudfront")


class Viewer:
    """A viewer's connection, raw."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def to(cls, port: int) -> Viewer:
        """Connect to a port of this machine."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def head(self) -> Reply:
        """The head of the next response."""
        async with asyncio.timeout(30):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("iso-8859-1")
        first, *rest = head.removesuffix("\r\n\r\n").split("\r\n")
        return Reply(
            int(first.split(" ")[1]), [(name, value) for name, _, value in (one.partition(": ") for one in rest)]
        )

    async def pieces(self, reply: Reply) -> AsyncIterator[bytes]:
        """The body of a response as it comes. Raises IncompleteReadError when it is cut off."""
        if reply.get("transfer-encoding") == "chunked":
            while size := int(await self.reader.readuntil(b"\r\n"), 16):
                yield (await self.reader.readexactly(size + 2))[:-2]
            assert await self.reader.readexactly(2) == b"\r\n"
        elif (length := reply.get("content-length")) is not None:
            left = int(length)
            while left:
                piece = await self.reader.read(min(left, 1 << 18))
                if not piece:
                    raise asyncio.IncompleteReadError(b"", left)
                left -= len(piece)
                yield piece
        else:
            while piece := await self.reader.read(1 << 18):
                yield piece

    async def reply(self, method: str = "GET") -> Reply:
        """The next response, with its body."""
        reply = await self.head()
        if method != "HEAD" and reply.status not in (100, 101, 204, 304):
            reply.body = b"".join([piece async for piece in self.pieces(reply)])
        return reply

    async def get(self, target: str = "/", *lines: str, method: str = "GET", body: bytes = b"") -> Reply:
        """Ask, and read the answer."""
        framing = [f"Content-Length: {len(body)}"] if body else []
        head = "\r\n".join((f"{method} {target} HTTP/1.1", "Host: localhost", *lines, *framing, "", ""))
        self.send(head.encode("iso-8859-1") + body)
        return await self.reply(method)

    async def rest(self) -> bytes:
        """Everything until the other side closes."""
        try:
            async with asyncio.timeout(30):
                return await self.reader.read()
        except ConnectionError:
            return b""

    def leave(self) -> None:
        """Cut the connection."""
        self.writer.transport.abort()

    async def close(self) -> None:
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except ConnectionError:
            pass


class MovableClock:
    """The machine's clock, and what a test adds to it."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def now(self) -> float:
        return time.time() + self.ahead_s


class WorkerHere:
    """A worker of a crew in the test's own process, with a listener of its own, so that a test can say which worker a
    viewer comes to. It speaks with its owner over the same sockets as a process does."""

    def __init__(self, control: socket.socket, log: Logger) -> None:
        self._control = control.dup()
        self._log = log
        self._ended = threading.Event()
        self._task = asyncio.ensure_future(self._run())
        self._task.add_done_callback(lambda task: self._ended.set())

    async def _run(self) -> None:
        self._control.setblocking(False)
        _, channel = await asyncio.get_running_loop().create_connection(Channel, sock=self._control)
        begin: Any = await channel.value()
        self.worker = Worker(begin._replace(listening=()), channel.send)
        self.worker.loggers.append(self._log)
        self.listener = Http1Listener(self.worker.driver, "127.0.0.1", 0)
        await self.worker.start()
        await self.listener.start()
        channel.send(Done(True))
        try:
            await obey(self.worker, channel)
        finally:
            await self.listener.close()
            await self.worker.close()
            channel.close()

    def wait(self, timeout: float | None = None) -> int:
        if not self._ended.wait(timeout):
            raise subprocess.TimeoutExpired("a worker", timeout or 0)
        self._task.result()
        return 0

    def kill(self) -> None:
        self._task.get_loop().call_soon_threadsafe(self._task.cancel)


@dataclass
class Proxy:
    """An App with a listener, or with workers, of which it is the first one's. `log`: (status, body bytes, complete) of
    each answer; `said`: what stood on stderr."""

    app: App
    listener: Http1Listener
    clock: MovableClock
    loggers: list[Logger]
    log: list[tuple[int, int, bool]]
    said: list[str]
    viewers: list[Viewer] = field(default_factory=list)
    crew: Crew | None = None
    workers: list[WorkerHere] = field(default_factory=list)

    async def connect(self, worker: int | None = None) -> Viewer:
        listener = self.listener if worker is None else self.workers[worker].listener
        viewer = await Viewer.to(listener.port)
        self.viewers.append(viewer)
        return viewer

    async def trail(self, request_id: str) -> dict[str, Any] | None:
        """What happened to a request."""
        return self.app.trails.get(request_id) if self.crew is None else await self.crew.find_trail(request_id)

    def let_go(self) -> None:
        """Close what workers keep open for their next question."""
        for one in self.workers:
            one.worker.owner.close()

    async def get(self, target: str = "/", *lines: str, worker: int | None = None, **options: Any) -> Reply:
        """One request on a connection of its own, to the first worker or another."""
        viewer = await self.connect(worker)
        try:
            return await viewer.get(target, *lines, **options)
        finally:
            await viewer.close()


ProxyStarter = Callable[..., Awaitable[Proxy]]

BOTH_WAYS = (
    "test_cache",
    "test_chaos",
    "test_deployment",
    "test_disk_cache",
    "test_failing_origins",
    "test_forwarding",
    "test_streaming",
    "test_websocket",
)
"""Files whose promises are kept by one process, and by a worker and its owner."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "workers_by_default" in metafunc.fixturenames:
        both = metafunc.module.__name__.rpartition(".")[2] in BOTH_WAYS
        metafunc.parametrize("workers_by_default", (0, 1) if both else (0,), ids=("alone", "worker") if both else ("",))


@pytest.fixture
async def start_proxy(monkeypatch: pytest.MonkeyPatch, workers_by_default: int) -> AsyncIterator[ProxyStarter]:
    """Starts proxies in front of a URL. `origin` changes the origin's settings, other arguments are those of
    `from_flags`, `cache` is where objects are kept; or `config` is a file that holds all. With `workers` so many serve
    viewers. Errors that nobody caught fail the test."""
    proxies: list[Proxy] = []
    uncaught: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: uncaught.append(context))

    async def start(
        url: str = "",
        *,
        origin: Mapping[str, Any] | None = None,
        config: Path | None = None,
        cache: LocalCache | None = None,
        workers: int = workers_by_default,
        **flags: Any,
    ) -> Proxy:
        def load() -> Configuration:
            if config is not None:
                return load_configuration(config)
            configuration = from_flags(url, **flags)
            (distribution,) = configuration.distributions
            origins = {key: replace(one, **(origin or {})) for key, one in distribution.origins.items()}
            return configuration._replace(distributions=(replace(distribution, origins=origins),))

        clock = MovableClock()
        monkeypatch.setattr("edge.app.SystemClock", lambda: clock)
        log: list[tuple[int, int, bool]] = []
        said: list[str] = []

        def remember(served: Served, body_bytes: int, complete: bool) -> None:
            log.append((served.response.status, body_bytes, complete))

        loggers: list[Logger] = [remember]

        def finished(served: Served, body_bytes: int, complete: bool) -> None:
            for each in loggers:
                each(served, body_bytes, complete)

        options = Options(
            ENGINES[0], explain_header=True, keep_trails=True, say=said.append, cache=cache or LocalCache()
        )
        configuration = load()
        app = App(configuration, load, options, finished)
        proxy = Proxy(app, Http1Listener(app.driver, "127.0.0.1", 0), clock, loggers, log, said)
        proxies.append(proxy)
        if not workers:
            await app.start(proxy.listener)
            return proxy

        def new_worker(control: socket.socket, files: Sequence[int]) -> WorkerHere:
            proxy.workers.append(WorkerHere(control, finished))
            return proxy.workers[-1]

        monkeypatch.setattr("edge.workers.worker.SystemClock", lambda: clock)
        proxy.crew = Crew(app, workers, configuration, options, Reports(quiet=True), new_worker)
        await app.start()
        await proxy.crew.start()
        proxy.listener = proxy.workers[0].listener
        return proxy

    yield start
    for proxy in proxies:
        for viewer in proxy.viewers:
            await viewer.close()
        if proxy.crew is not None:
            await proxy.crew.close()
        await proxy.app.close()
    assert uncaught == []


@pytest.fixture
async def proxy(start_proxy: ProxyStarter, origin: ScriptedOrigin) -> Proxy:
    """One proxy in front of one scripted origin, with one short attempt."""
    return await start_proxy(origin.url, origin={"connection_attempts": 1, "read_timeout_s": 5})


@pytest.fixture
async def connect() -> AsyncIterator[Callable[[int], Awaitable[Viewer]]]:
    """Connects to any port of this machine."""
    viewers: list[Viewer] = []

    async def connect(port: int) -> Viewer:
        viewers.append(await Viewer.to(port))
        return viewers[-1]

    yield connect
    for viewer in viewers:
        await viewer.close()


@pytest.fixture
async def viewer(proxy: Proxy) -> Viewer:
    """One connection to the proxy."""
    return await proxy.connect()


class ServeProcess:
    """A running `edge serve`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.port = 0

    async def line(self) -> str:
        """The next line on stderr."""
        assert self.process.stderr is not None
        return (await self.process.stderr.readline()).decode().rstrip("\n")

    async def listening(self) -> int:
        """Wait until it says where it listens; the port."""
        while (found := re.fullmatch(r"listening on http://127\.0\.0\.1:(\d+)", line := await self.line())) is None:
            assert line, "it ended before it listened"
        self.port = int(found[1])
        return self.port

    async def ends(self) -> int:
        """Its exit status, which must come soon."""
        async with asyncio.timeout(3):  # it promises one second, of a machine that does nothing else
            return await self.process.wait()

    def workers(self) -> list[int]:
        """The process ids of its workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        lines = {int(child): Path(f"/proc/{child}/cmdline").read_bytes() for child in children}
        return [child for child, line in lines.items() if b"edge.workers" in line]

    def peak_bytes(self, pid: int | None = None) -> int:
        """The most memory that it, or one of its workers, ever had."""
        status = Path(f"/proc/{pid or self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024  # type: ignore[index]


@pytest.fixture
async def serve(tmp_path: Path) -> AsyncIterator[Callable[..., Awaitable[ServeProcess]]]:
    """Starts `edge serve` with these arguments."""
    processes: list[asyncio.subprocess.Process] = []

    async def serve(*arguments: str) -> ServeProcess:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "edge",
            "serve",
            *arguments,
            cwd=tmp_path,
            env={**os.environ, "XDG_DATA_HOME": str(tmp_path)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        processes.append(process)
        return ServeProcess(process)

    yield serve
    for process in processes:
        if process.returncode is None:
            process.kill()
        await process.communicate()
