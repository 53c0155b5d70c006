"""A front that answers as a test tells it to, and raw connections to a listener. Everything runs on asyncio's own loop
and on uvloop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import pytest
import uvloop

from edge.model.body import BodyBroken, BodyStream
from edge.model.headers import Headers, Line
from edge.model.malformed import Malformed
from edge.model.request import Request
from edge.model.response import Response
from edge.model.result_type import ResultType
from edge.model.served import Served
from edge.model.trail import Trail
from edge.model.viewer import NOWHERE, Location, Viewer
from edge.viewers.listener import Http1Listener

Answer = Callable[[Request, Viewer], Served | Awaitable[Served]]


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"asyncio": asyncio.SelectorEventLoop, "uvloop": uvloop.new_event_loop}


class PiecesBody:
    """A BodyStream made of pieces. A piece that is an exception is raised, one that is an Event is waited for."""

    def __init__(self, *pieces: bytes | Exception | asyncio.Event, length: int | None = None) -> None:
        self.length = length
        self.pieces = pieces
        self.closed = False
        self.given = 0
        self.finalized = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            for piece in self.pieces:
                if isinstance(piece, Exception):
                    raise piece
                if isinstance(piece, asyncio.Event):
                    await piece.wait()
                else:
                    self.given += 1
                    yield piece
        finally:
            self.finalized = True

    def close(self) -> None:
        self.closed = True


@dataclass
class FakeFront:
    """Remembers what it was asked, and answers with `answer`."""

    location: Location = NOWHERE
    requests: list[Request] = field(default_factory=list)
    viewers: list[Viewer] = field(default_factory=list)
    refused: list[Malformed] = field(default_factory=list)
    log: list[tuple[int, int, bool]] = field(default_factory=list)
    answer: Answer | None = None

    def begin(self, request: Request, viewer: Viewer) -> Served | Awaitable[Served]:
        self.requests.append(request)
        self.viewers.append(viewer)
        if self.answer is not None:
            return self.answer(request, viewer)
        return self.served(request, viewer, body=f"{request.method} {request.target}".encode())

    def refuse(self, malformed: Malformed, viewer: Viewer) -> Served:
        self.refused.append(malformed)
        return self.served(Request("-", "/"), viewer, 400, body=malformed.name.encode())

    def sent(self, served: Served, body_bytes: int, complete: bool) -> None:
        self.log.append((served.response.status, body_bytes, complete))

    def served(
        self,
        request: Request,
        viewer: Viewer,
        status: int = 200,
        *lines: Line,
        body: object = b"",
        close: bool = False,
        reason: str | None = None,
    ) -> Served:
        response = Response(status, Headers(lines), body, reason)  # type: ignore[arg-type]
        return Served(response, (("X-Cache", "Miss"),), ResultType.MISS, request, viewer, "id", Trail(), close)

    def always(self, status: int = 200, *lines: Line, body: object = b"", **options: object) -> None:
        """Answer every request so, at once."""
        self.answer = lambda request, viewer: self.served(request, viewer, status, *lines, body=body, **options)  # type: ignore[arg-type]

    def later(self, answer: Callable[[Request, Viewer], Awaitable[Served]]) -> None:
        """Answer every request with a coroutine."""
        self.answer = answer

    def echo(self) -> None:
        """Answer every request with its own body."""

        async def answer(request: Request, viewer: Viewer) -> Served:
            return self.served(request, viewer, body=await everything(request.body))

        self.answer = answer

    pieces = staticmethod(PiecesBody)


async def everything(body: object) -> bytes:
    """All bytes of a body; what was there and "BROKEN" when it breaks off."""
    if isinstance(body, bytes):
        return body
    assert isinstance(body, BodyStream)
    data = b""
    try:
        async for piece in body:
            data += piece
    except BodyBroken:
        return data + b"BROKEN"
    return data


@dataclass
class Reply:
    """One response as it stood on the wire."""

    status: int
    lines: list[tuple[str, str]]
    body: bytes

    def get(self, name: str) -> str | None:
        values = [value for key, value in self.lines if key.lower() == name]
        assert len(values) <= 1, f"{name} stands there {len(values)} times"
        return values[0] if values else None


class Wire:
    """A viewer's socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    def unsent(self) -> int:
        """The number of bytes that the other side has not taken."""
        return self.writer.transport.get_write_buffer_size()

    async def reply(self, method: str = "GET") -> Reply:
        """Read one response."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("iso-8859-1")
        first, *rest = head.removesuffix("\r\n\r\n").split("\r\n")
        version, status, *_ = first.split(" ", 2)
        assert version == "HTTP/1.1"
        reply = Reply(int(status), [(name, value) for name, _, value in (line.partition(": ") for line in rest)], b"")
        length = reply.get("content-length")
        if method == "HEAD" or reply.status in (100, 101, 204, 304):
            return reply
        if reply.get("transfer-encoding") == "chunked":
            assert length is None
            while size := int(await self.reader.readuntil(b"\n"), 16):
                reply.body += await self.reader.readexactly(size)
                assert await self.reader.readexactly(2) == b"\r\n"
            assert await self.reader.readexactly(2) == b"\r\n"
        elif length is not None:
            reply.body = await self.reader.readexactly(int(length))
        else:
            reply.body = await self.reader.read()
        return reply

    async def rest(self) -> bytes:
        """Everything until the other side closes."""
        return await self.reader.read()

    async def close(self) -> None:
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except ConnectionError:
            pass


@pytest.fixture
def front() -> FakeFront:
    return FakeFront()


@pytest.fixture
async def listener(front: FakeFront) -> AsyncIterator[Http1Listener]:
    listener = Http1Listener(front, "127.0.0.1", 0)
    await listener.start()
    yield listener
    await listener.close(grace_s=0)


@pytest.fixture
async def connect(listener: Http1Listener) -> AsyncIterator[Callable[[], Awaitable[Wire]]]:
    wires: list[Wire] = []

    async def connect() -> Wire:
        wire = Wire(*await asyncio.open_connection("127.0.0.1", listener.port))
        wires.append(wire)
        return wire

    yield connect
    for wire in wires:
        await wire.close()


@pytest.fixture
async def wire(connect: Callable[[], Awaitable[Wire]]) -> Wire:
    return await connect()


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop run until something is so."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 -- what is waited for has no event of its own
            await asyncio.sleep(0)


async def settle(value: Callable[[], object]) -> None:
    """Let the loop run until something does not change any more."""
    unchanged, before = 0, value()
    while unchanged < 200:
        await asyncio.sleep(0)
        unchanged = unchanged + 1 if value() == before else 0
        before = value()


@pytest.fixture(name="until")
def _until() -> Callable[[Callable[[], bool]], Awaitable[None]]:
    return until


@pytest.fixture(name="everything")
def _everything() -> Callable[[object], Awaitable[bytes]]:
    return everything


@pytest.fixture(name="settle")
def _settle() -> Callable[[Callable[[], object]], Awaitable[None]]:
    return settle
