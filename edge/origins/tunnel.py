"""Protocol upgrades (WebSocket): a connection of its own, the handshake, and after a 101 bytes both ways.

Source: CloudFront Developer Guide, "Use WebSockets with CloudFront distributions".
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httptools

from edge.model import quotas
from edge.model.body import Body, BodyBroken, Tunnel
from edge.model.headers import Headers, Line
from edge.model.origin import OriginAttempt, OriginFailure, OriginFailureKind, OriginResponse
from edge.origins import failures
from edge.origins.address import Address, tls_context

_READ_BYTES = 64 * 1024


class StreamTunnel(Tunnel):
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
        if self._writer.is_closing():
            return  # uvloop would raise
        try:
            self._writer.write(data)
            await self._writer.drain()
        except OSError:
            pass

    def close(self) -> None:
        """End the connection."""
        self._writer.close()


async def open_tunnel(attempt: OriginAttempt, address: Address, server_name: str) -> OriginResponse | OriginFailure:
    """The answer to an upgrade: 101 with a tunnel, or any other answer with its body. Raises OSError as asyncio
    does."""
    origin, request = attempt.origin, attempt.request
    secure = address.scheme == "https"
    try:
        async with asyncio.timeout(origin.connection_timeout_s):
            reader, writer = await asyncio.open_connection(
                address.host,
                address.port,
                ssl=tls_context(address.verify) if secure else None,
                server_hostname=server_name if secure else None,
            )
    except TimeoutError:
        return failures.connect_timeout(address, attempt)
    try:
        writer.write(f"{request.method} {request.target} HTTP/1.1\r\n".encode("latin-1"))
        writer.write(request.headers.wire() + b"\r\n")
        async with asyncio.timeout(origin.read_timeout_s):
            outcome = await _Answer(reader, writer, address, origin.read_timeout_s).begin()
    except TimeoutError:
        writer.close()
        return failures.read_timeout(address, attempt)
    except BaseException:
        writer.close()
        raise
    if isinstance(outcome, OriginFailure):
        writer.close()
    return outcome


class _Answer:
    """What the origin answers to the handshake. Unless that is a 101, this is the body of it too."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: Address, read_timeout_s: float
    ) -> None:
        self.length: int | None = None
        self._reader = reader
        self._writer = writer
        self._address = address
        self._read_timeout_s = read_timeout_s
        self._parser = httptools.HttpResponseParser(self)
        self._lines: list[Line] = []
        self._reason = b""
        self._status = 0
        self._pieces: list[bytes] = []
        self._ended = False

    # Called by the parser.

    def on_message_begin(self) -> None:
        self._lines, self._reason = [], b""

    def on_status(self, reason: bytes) -> None:
        self._reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        self._lines.append((name.decode("latin-1"), value.decode("latin-1").rstrip(" \t")))

    def on_headers_complete(self) -> None:
        self._status = self._parser.get_status_code()

    def on_body(self, data: bytes) -> None:
        self._pieces.append(data)

    def on_message_complete(self) -> None:
        self._ended = self._final

    # The answer.

    @property
    def _final(self) -> bool:
        """Whether the head has come, and is not one of those that announce another."""
        return self._status == 101 or self._status >= 200

    async def begin(self) -> OriginResponse | OriginFailure:
        """Read the head."""
        received = 0
        rest = b""
        while not self._final:
            data = await self._reader.read(_READ_BYTES)
            received += len(data)
            if not data:
                detail = f"{self._address.url} closed the connection without an answer"
                return OriginFailure(OriginFailureKind.DROPPED, detail)
            try:
                rest = self._feed(data)
            except httptools.HttpParserError as error:
                return failures.invalid_response(self._address, str(error))
            if received - len(rest) - sum(map(len, self._pieces)) > quotas.ORIGIN_RESPONSE_HEAD_MAX_BYTES:
                return failures.header_too_big(self._address)
        headers = Headers(self._lines)
        body: Body = self
        if self._status == 101:
            body = StreamTunnel(self._reader, self._writer, rest)
        elif self._ended:
            self.close()
            body = b"".join(self._pieces)
        elif (length := headers.get("content-length")) is not None:
            self.length = int(length)
        return OriginResponse(self._status, self._reason.decode("latin-1"), headers, body)

    def _feed(self, data: bytes) -> bytes:
        """Parse; give back what stands behind the head of a 101. Raises HttpParserError."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            return data[upgrade.args[0] :]
        except httptools.HttpParserError:
            if not self._ended or self._status == 101:
                raise
        return b""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            while True:
                pieces, self._pieces = self._pieces, []
                for piece in pieces:
                    yield piece
                if self._ended:
                    return
                async with asyncio.timeout(self._read_timeout_s):
                    data = await self._reader.read(_READ_BYTES)
                if data:
                    self._feed(data)
                elif self.length is not None or self._chunked:
                    raise BodyBroken(f"{self._address.url} broke off its answer")
                else:
                    return
        except (httptools.HttpParserError, OSError) as error:
            raise BodyBroken(f"{self._address.url} broke off its answer: {failures.words(error)}") from None
        finally:
            self.close()

    @property
    def _chunked(self) -> bool:
        return any(name.lower() == "transfer-encoding" for name, _ in self._lines)

    def close(self) -> None:
        """Let go of the connection."""
        self._writer.close()
