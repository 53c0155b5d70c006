"""A server on one loopback port that answers as a test says: HTTP/1.1, in TLS too where it has certificates.

What comes in says itself whether it is TLS.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

from edge.model.headers import Headers, Line
from edge.model.origin import OriginFailure, OriginFailureKind, OriginResponse
from edge.model.response import reason_phrase

_TLS_HANDSHAKE = b"\x16"
_BODILESS = (204, 304)
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Received(NamedTuple):
    """A request as it came over the wire. `scheme` is "http" or "https"."""

    scheme: str
    method: str
    target: str
    headers: Headers
    body: bytes


Answer = Callable[[Received], OriginResponse | OriginFailure]


class ScriptedServer:
    """Answers by `answer`. `secured` gives the TLS context for those who want one; without it they are cut off."""

    def __init__(self, answer: Answer, secured: Callable[[], ssl.SSLContext] | None = None) -> None:
        self.port = 0
        self._answer = answer
        self._secured = secured
        self._listening: socket.socket | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to listen on a free port."""
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.setblocking(False)
        self.port = self._listening.getsockname()[1]
        self._beside(self._accept(self._listening))

    async def close(self) -> None:
        """Stop, and part with everybody."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._listening is not None:
            self._listening.close()

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            connection, _ = await loop.sock_accept(listening)
            self._beside(self._serve(connection))

    async def _serve(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        connection.setblocking(False)
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        try:
            await _readable(connection)
            is_tls = connection.recv(1, socket.MSG_PEEK) == _TLS_HANDSHAKE
            context = self._secured() if is_tls and self._secured is not None else None
            transport, _ = await loop.connect_accepted_socket(lambda: protocol, connection, ssl=context)
        except BaseException as error:
            connection.close()
            if isinstance(error, OSError):
                return
            raise
        try:
            await self._talk("http" if context is None else "https", reader, transport)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError, ValueError):
            pass  # whoever asked has left, or speaks something else
        finally:
            transport.abort()

    async def _talk(self, scheme: str, reader: asyncio.StreamReader, transport: asyncio.Transport) -> None:
        while True:
            received = await _receive(scheme, reader, transport)
            answer = self._answer(received)
            if isinstance(answer, OriginResponse):
                transport.write(_written(answer, received.method))
            elif answer.kind is OriginFailureKind.READ_TIMEOUT:
                await reader.read()  # until whoever asked has had enough
            elif answer.kind is OriginFailureKind.INVALID_RESPONSE:
                transport.write(b"this is no HTTP\r\n\r\n")
                transport.close()
                await reader.read()
            else:
                return


async def _receive(scheme: str, reader: asyncio.StreamReader, transport: asyncio.Transport) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("iso-8859-1")
    first, *rest = head.removesuffix("\r\n\r\n").split("\r\n")
    method, target, _ = first.split(" ")
    lines: list[Line] = []
    for line in rest:
        name, _, value = line.partition(":")
        lines.append((name, value.strip()))
    headers = Headers(lines)
    if (headers.get("expect") or "").lower() == "100-continue":
        transport.write(_CONTINUE)
    body = b""
    if (headers.get("transfer-encoding") or "").lower() == "chunked":
        while size := int((await reader.readuntil(b"\r\n")).partition(b";")[0], 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readuntil(b"\r\n")
    elif (length := headers.get("content-length")) is not None:
        body = await reader.readexactly(int(length))
    return Received(scheme, method, target, headers, body)


def _written(answer: OriginResponse, method: str) -> bytes:
    assert isinstance(answer.body, bytes)
    lines = [*answer.headers.lines]
    if answer.status not in _BODILESS and "content-length" not in answer.headers:
        lines = [(name, value) for name, value in lines if name.lower() != "transfer-encoding"]
        lines.append(("Content-Length", str(len(answer.body))))
    head = [f"HTTP/1.1 {answer.status} {answer.reason or reason_phrase(answer.status)}"]
    head += [f"{name}: {value}" for name, value in lines]
    text = "\r\n".join([*head, "", ""]).encode("iso-8859-1")
    return text if method == "HEAD" or answer.status in _BODILESS else text + answer.body


async def _readable(connection: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    readable: asyncio.Future[None] = loop.create_future()
    loop.add_reader(connection, readable.set_result, None)
    try:
        await readable
    finally:
        loop.remove_reader(connection)
