"""A scripted origin on a real socket, for tests of the side that faces origins and of the whole path."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from edge.runtimes.quickjs import build

HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nCache-Control: max-age=60\r\n\r\nhello"


def pytest_sessionstart() -> None:
    """The engine for CloudFront Functions must be the one that is in the sources."""
    if not build.is_current():
        pytest.exit("the guest is not what its sources say: run `python -m edge.runtimes.quickjs.build`, or ./check", 2)


@dataclass
class Seen:
    """One request as the origin saw it, to the byte. `body` is without the chunked coding."""

    line: str
    lines: list[tuple[str, str]]
    head: bytes
    body: bytes = b""

    @property
    def target(self) -> str:
        return self.line.split(" ")[1]

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.lines if key.lower() == name]

    def get(self, name: str) -> str | None:
        values = self.all(name)
        assert len(values) <= 1, f"{name} stands there {len(values)} times"
        return values[0] if values else None


class OriginConnection:
    """One connection to the origin, in the hands of a script."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.sent_bytes = 0

    async def head(self) -> Seen:
        """The next request, without its body. Raises IncompleteReadError when the other side closes."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        line, *rest = head.decode("iso-8859-1").removesuffix("\r\n\r\n").split("\r\n")
        return Seen(line, [(name, value) for name, _, value in (one.partition(": ") for one in rest)], head)

    async def request(self) -> Seen:
        """The next request, with all of its body."""
        seen = await self.head()
        if seen.get("transfer-encoding") == "chunked":
            assert seen.get("content-length") is None
            while piece := await self.chunk():
                seen.body += piece
        elif (length := seen.get("content-length")) is not None:
            seen.body = await self.reader.readexactly(int(length))
        return seen

    async def chunk(self) -> bytes:
        """The next chunk of a body; b"" for the last one."""
        size = int(await self.reader.readuntil(b"\r\n"), 16)
        return (await self.reader.readexactly(size + 2))[:-2]

    async def send(self, data: bytes) -> None:
        """Send bytes, waiting while the other side takes none."""
        self.writer.write(data)
        await self.writer.drain()
        self.sent_bytes += len(data)

    def close(self) -> None:
        """End the connection in order."""
        self.writer.close()

    def drop(self) -> None:
        """Cut the connection: the other side sees a reset."""
        opened = self.writer.get_extra_info("socket")
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def left(self) -> bytes:
        """Wait until the other side closes; what it still sent."""
        try:
            return await self.reader.read()
        except ConnectionError:
            return b""


Script = Callable[[OriginConnection], Awaitable[None]]


@dataclass
class ScriptedOrigin:
    """`answers` are given one after the other, over any connection, the last one again and again; a `script` takes the
    whole connection instead. Requests are complete ones; `received_bytes` counts from the first byte on a connection.
    """

    port: int = 0
    answers: list[bytes] = field(default_factory=lambda: [HELLO])
    script: Script | None = None
    requests: list[Seen] = field(default_factory=list)
    connections: list[OriginConnection] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def plays(self, script: Script) -> Script:
        """Let each connection follow this script (a decorator)."""
        self.script = script
        return script

    def answers_with(self, *answers: bytes) -> None:
        """Give these answers, one for each request."""
        self.answers = list(answers)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = OriginConnection(reader, writer)
        self.connections.append(connection)
        try:
            await (self.script or self._answer)(connection)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        except Exception as error:
            self.errors.append(error)
        finally:
            writer.close()

    async def _answer(self, connection: OriginConnection) -> None:
        while True:
            self.requests.append(await connection.request())
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            await connection.send(answer)


OriginStarter = Callable[..., Awaitable[ScriptedOrigin]]


@pytest.fixture
async def start_origin() -> AsyncIterator[OriginStarter]:
    """Starts scripted origins, on TLS where a context is given."""
    servers: list[asyncio.Server] = []
    origins: list[ScriptedOrigin] = []
    tasks: set[asyncio.Task[None]] = set()

    async def start(context: ssl.SSLContext | None = None) -> ScriptedOrigin:
        origin = ScriptedOrigin()

        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.get_running_loop().create_task(origin.serve(reader, writer))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context)
        origin.port = server.sockets[0].getsockname()[1]
        servers.append(server)
        origins.append(origin)
        return origin

    yield start
    for server in servers:
        server.close()
    for task in tuple(tasks):
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert [error for origin in origins for error in origin.errors] == []


@pytest.fixture
async def origin(start_origin: OriginStarter) -> ScriptedOrigin:
    """One scripted origin in plain HTTP. Unless told otherwise it says hello."""
    return await start_origin()


@pytest.fixture
def settle() -> Callable[[Callable[[], object]], Awaitable[None]]:
    """Lets the loop run until something does not change any more."""

    async def settle(value: Callable[[], object]) -> None:
        unchanged, before = 0, value()
        while unchanged < 500:
            await asyncio.sleep(0)
            unchanged = unchanged + 1 if value() == before else 0
            before = value()

    return settle


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], Awaitable[None]]:
    """Lets the loop run until something is so."""

    async def until(so: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not so():  # noqa: ASYNC110 -- what changes has no event
                await asyncio.sleep(0)

    return until
