"""Protocol upgrades (WebSocket): a connection of its own, the handshake, and after a 101 bytes both ways."""

from __future__ import annotations

import asyncio

import httptools

from edge.model import quotas
from edge.model.body import BodyBroken
from edge.model.headers import Headers, Line
from edge.model.origin import OriginAttempt, OriginFailure, OriginFailureKind, OriginResponse
from edge.origins.address import Address, tls_context

_READ_BYTES = 64 * 1024


class StreamTunnel:
    """The origin's connection after it has changed protocol."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, first: bytes) -> None:
        self._reader = reader
        self._writer = writer
        self._first = first

    async def read(self) -> bytes:
        """The next bytes; b"" at the end."""
        if self._first:
            first, self._first = self._first, b""
            return first
        try:
            return await self._reader.read(_READ_BYTES)
        except OSError:
            return b""

    async def write(self, data: bytes) -> None:
        """Send bytes. Into a connection that is gone they are lost, as the next read will tell."""
        try:
            self._writer.write(data)
            await self._writer.drain()
        except OSError:
            pass

    def close(self) -> None:
        """End the connection."""
        self._writer.close()


class _Head:
    """What httptools reports of a response head."""

    def __init__(self) -> None:
        self.reason = b""
        self.lines: list[Line] = []
        self.complete = False
        self.body: list[bytes] = []
        self.ended = False

    def on_status(self, reason: bytes) -> None:
        self.reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        self.lines.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        self.complete = True

    def on_body(self, data: bytes) -> None:
        self.body.append(data)

    def on_message_complete(self) -> None:
        self.ended = True


async def open_tunnel(attempt: OriginAttempt, address: Address) -> OriginResponse | OriginFailure:
    """The answer to an upgrade: 101 with a tunnel, or any other answer with its body. Raises OSError and TimeoutError
    as asyncio does."""
    origin = attempt.origin
    secure = address.scheme == "https"
    async with asyncio.timeout(origin.connection_timeout_s):
        reader, writer = await asyncio.open_connection(
            address.host,
            address.port,
            ssl=tls_context(address.verify) if secure else None,
            server_hostname=address.server_name if secure else None,
        )
    try:
        request = attempt.request
        writer.write(f"{request.method} {request.target} HTTP/1.1\r\n".encode("latin-1"))
        writer.write(request.headers.wire() + b"\r\n")
        async with asyncio.timeout(origin.read_timeout_s):
            return await _read_answer(reader, writer, address)
    except BaseException:
        writer.close()
        raise


async def _read_answer(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: Address
) -> OriginResponse | OriginFailure:
    head = _Head()
    parser = httptools.HttpResponseParser(head)
    received = 0
    rest = b""
    while not head.complete:
        data = await reader.read(_READ_BYTES)
        received += len(data)
        if not data:
            writer.close()
            return OriginFailure(OriginFailureKind.DROPPED, f"{address.url} closed the connection without an answer")
        if received > quotas.ORIGIN_RESPONSE_HEAD_MAX_BYTES:
            writer.close()
            return OriginFailure(OriginFailureKind.HEADER_TOO_BIG, f"{address.url} sent a header that is too large")
        try:
            parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            rest = data[upgrade.args[0] :]
        except httptools.HttpParserError as error:
            writer.close()
            return OriginFailure(OriginFailureKind.INVALID_RESPONSE, f"{address.url} sent no HTTP response: {error}")
    status = parser.get_status_code()
    reason = head.reason.decode("latin-1")
    if status == 101:
        return OriginResponse(status, reason, Headers(head.lines), StreamTunnel(reader, writer, rest))
    while not head.ended and (data := await reader.read(_READ_BYTES)):
        try:
            parser.feed_data(data)
        except httptools.HttpParserError as error:
            writer.close()
            raise BodyBroken(str(error)) from None
    writer.close()
    return OriginResponse(status, reason, Headers(head.lines), b"".join(head.body))
