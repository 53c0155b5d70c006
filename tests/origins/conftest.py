"""Attempts at a scripted origin, on asyncio's own loop and on uvloop; certificates made for the occasion."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest
import uvloop

from edge.model.body import BodyBroken, BodyStream
from edge.model.headers import Headers
from edge.model.origin import Origin, OriginAttempt, OriginFailure, OriginRequest, OriginResponse
from edge.origins.http_origins import HttpOrigins

SITE = Origin("site", "site.example.org", connection_timeout_s=5, read_timeout_s=5)


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"asyncio": asyncio.SelectorEventLoop, "uvloop": uvloop.new_event_loop}


class PiecesBody:
    """A request body made of pieces. A piece that is an exception is raised, one that is an Event is waited for."""

    def __init__(self, *pieces: bytes | Exception | asyncio.Event, length: int | None = None) -> None:
        self.length = length
        self.pieces = pieces
        self.given_bytes = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            if isinstance(piece, Exception):
                raise piece
            if isinstance(piece, asyncio.Event):
                await piece.wait()
            else:
                self.given_bytes += len(piece)
                yield piece

    def close(self) -> None:
        pass


class Fetcher:
    """Makes attempts with one HttpOrigins. What `make` gets beyond the request changes the origin's settings."""

    pieces = staticmethod(PiecesBody)

    def __init__(self, origins: HttpOrigins) -> None:
        self.origins = origins

    async def fetch(
        self,
        url: str,
        target: str = "/",
        *lines: tuple[str, str],
        method: str = "GET",
        body: Any = b"",
        scheme: str = "http",
        **settings: Any,
    ) -> OriginResponse | OriginFailure:
        origin = replace(SITE, local_url=url, **settings)
        request = OriginRequest(method, target, Headers((("Host", "site.example.org"), *lines)), body)
        return await self.origins.fetch(OriginAttempt(origin, request, scheme))  # type: ignore[arg-type]

    async def get(self, *arguments: Any, **settings: Any) -> OriginResponse:
        """An attempt that must bring an answer, whose body is read if it fits into memory."""
        outcome = await self.fetch(*arguments, **settings)
        assert isinstance(outcome, OriginResponse), outcome
        return outcome

    async def fails(self, *arguments: Any, **settings: Any) -> OriginFailure:
        """An attempt that must fail."""
        outcome = await self.fetch(*arguments, **settings)
        assert isinstance(outcome, OriginFailure), outcome
        return outcome

    @staticmethod
    async def everything(body: object) -> bytes:
        """All bytes of a body; what was there and "BROKEN" when it breaks off."""
        if isinstance(body, bytes):
            return body
        assert isinstance(body, BodyStream)
        data = b""
        try:
            async with asyncio.timeout(10):
                async for piece in body:
                    data += piece
        except BodyBroken:
            return data + b"BROKEN"
        return data


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    origins = HttpOrigins()
    yield Fetcher(origins)
    await origins.close()


@pytest.fixture
def closed_port() -> int:
    """A port of this machine on which nothing listens."""
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


@pytest.fixture
def deaf_port() -> Iterator[int]:
    """A port on which connections are never accepted: its queue is full, and the system answers no more."""
    with socket.socket() as listening, ExitStack() as waiting:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for _ in range(4):
            viewer = waiting.enter_context(socket.socket())
            viewer.setblocking(False)
            viewer.connect_ex(listening.getsockname())
        yield listening.getsockname()[1]


@pytest.fixture
async def no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a name server."""

    def fails(*arguments: object, **options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fails)
