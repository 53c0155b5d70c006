"""The real proxy between real sockets: an App as `edge serve` makes it, a scripted origin behind, viewers in front."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
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
from edge.runtimes.engine import ENGINES
from edge.viewers.listener import Http1Listener

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


@dataclass
class Proxy:
    """An App with a listener. `log`: (status, body bytes, complete) of each answer; `said`: what stood on stderr."""

    app: App
    listener: Http1Listener
    clock: MovableClock
    loggers: list[Logger]
    log: list[tuple[int, int, bool]]
    said: list[str]
    viewers: list[Viewer] = field(default_factory=list)

    async def connect(self) -> Viewer:
        viewer = await Viewer.to(self.listener.port)
        self.viewers.append(viewer)
        return viewer

    async def get(self, target: str = "/", *lines: str, **options: Any) -> Reply:
        """One request on a connection of its own."""
        viewer = await self.connect()
        try:
            return await viewer.get(target, *lines, **options)
        finally:
            await viewer.close()


ProxyStarter = Callable[..., Awaitable[Proxy]]


@pytest.fixture
async def start_proxy(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ProxyStarter]:
    """Starts proxies in front of a URL. `origin` changes the origin's settings, other arguments are those of
    `from_flags`, `cache` is where objects are kept; or `config` is a file that holds all. Errors that nobody caught
    fail the test."""
    proxies: list[Proxy] = []
    uncaught: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: uncaught.append(context))

    async def start(
        url: str = "",
        *,
        origin: Mapping[str, Any] | None = None,
        config: Path | None = None,
        cache: LocalCache | None = None,
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
        app = App(load(), load, options, finished)
        proxy = Proxy(app, Http1Listener(app.driver, "127.0.0.1", 0), clock, loggers, log, said)
        await app.start(proxy.listener)
        proxies.append(proxy)
        return proxy

    yield start
    for proxy in proxies:
        for viewer in proxy.viewers:
            await viewer.close()
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
