"""aiohttp's client, held to the byte.

By itself it sends a target without its empty query (`/a?` as `/a`), writes header values in UTF-8, drops the first of
two header lines whose names differ in case, takes what an origin said too much for the answer to the next request, and
reads interim answers (1xx) for as long as they come, its read timeout off after the first.
Source: CloudFront Developer Guide, "Request and response behavior for custom origins" (100 Continue).
"""

from __future__ import annotations

import asyncio
import re
from functools import partial
from weakref import WeakSet

import aiohttp
from aiohttp import ClientTimeout
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.http import HttpProcessingError, StreamWriter
from aiohttp.http_parser import RawResponseMessage
from aiohttp.streams import StreamReader
from aiohttp.tracing import Trace
from aiohttp.typedefs import LooseHeaders
from multidict import CIMultiDict

from edge.model.origin import OriginRequest

_HEAD = ":head"  # no header can have this name
_FORBIDDEN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_INTERIM_MAX = 100  # before one answer


def head_of(request: OriginRequest, framing: dict[str, str]) -> dict[str, str]:
    """Request line and header lines in the form in which a RawRequest takes them. `framing` stands in place of what
    the viewer said about the body. Raises ValueError for what would end a line early."""
    headers = request.headers.without("connection", "content-length", "transfer-encoding")
    lines = [f"{request.method} {request.target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
    for line in lines:
        if _FORBIDDEN.search(line):
            raise ValueError(f"a control character in {line!r}")
    return {_HEAD: "\r\n".join(lines), **framing}


class RawRequest(aiohttp.ClientRequest):
    """A request with the head of `head_of`."""

    def update_headers(self, headers: LooseHeaders | None) -> None:
        """Called by aiohttp, which would put a Host in front. What is left to it is the framing."""
        self.headers = CIMultiDict(headers or ())
        self._head = self.headers.pop(_HEAD)

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        """Called by aiohttp with a connection to write to."""
        protocol = conn.protocol
        assert protocol is not None
        writer = _RawWriter(protocol, self.loop)
        if self.chunked:
            writer.enable_chunking()
        await writer.write_headers(self._head, self.headers)
        task: asyncio.Task[None] | None = None
        if self._body is not None or protocol.writing_paused:
            task = self._writer = asyncio.create_task(self.write_bytes(writer, conn, self._get_content_length()))
        else:
            protocol.start_timeout()
            writer.set_eof()
        return self.response_class(
            self.method,
            self.original_url,
            writer=task,
            continue100=None,
            timer=self._timer,
            request_info=self.request_info,
            traces=[],
            loop=self.loop,
            session=self._session,
            stream_writer=writer,
        )


class _RawWriter(StreamWriter):
    """One character, one byte."""

    async def write_headers(self, status_line: str, headers: CIMultiDict[str]) -> None:
        lines = (status_line, *(f"{name}: {value}" for name, value in headers.items()), "\r\n")
        self._headers_buf = "\r\n".join(lines).encode("iso-8859-1", "replace")


class _CarefulHandler(ResponseHandler):
    """A connection whose failure reaches whoever reads a body from it: aiohttp lets him wait for ever when the origin
    breaks its chunks. Interim answers end here; too many of them, or 100 Continue twice, are a failure too."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._interim: list[int] = []
        self._fault = ""

    def data_received(self, data: bytes) -> None:
        """Called by the transport. Heads are parsed by themselves: with what an origin says too much behind its answer,
        aiohttp would throw away the answer too."""
        while self._expects_head and 4 <= (end := data.find(b"\r\n\r\n") + 4) < len(data):
            self._parse(data[:end])
            data = data[end:]
        self._parse(data)

    @property
    def _expects_head(self) -> bool:
        body = self._payload
        return self.exception() is None and (body is None or body.is_eof())

    def _parse(self, data: bytes) -> None:
        super().data_received(data)
        if self._fault:
            if self.transport is not None:
                self.transport.close()
            self.set_exception(HttpProcessingError(message=self._fault))
        elif self._interim:
            self.start_timeout()

    def feed_data(self, data: tuple[RawResponseMessage, StreamReader], size: int = 0) -> None:
        """Called by aiohttp with each head that it has read."""
        status = data[0].code
        if self._fault:
            return
        if status // 100 != 1 or status == 101:
            self._interim.clear()
            super().feed_data(data, size)
        elif status == 100 and 100 in self._interim:
            self._fault = "100 Continue twice"
        elif len(self._interim) == _INTERIM_MAX:
            self._fault = f"more than {_INTERIM_MAX} interim answers"
        else:
            self._interim.append(status)

    def set_exception(self, exc: BaseException, *cause: BaseException) -> None:
        body = self._payload
        super().set_exception(exc, *cause)
        if isinstance(body, StreamReader) and not body.is_eof() and body.exception() is None:
            body.set_exception(aiohttp.ClientPayloadError(str(exc)))


class CarefulConnector(aiohttp.TCPConnector):
    """A pool that gives out no connection on which the origin has spoken out of turn."""

    def __init__(self, *, keepalive_timeout: float) -> None:
        super().__init__(limit=0, keepalive_timeout=keepalive_timeout)
        handler: type[ResponseHandler] = _CarefulHandler
        self._factory = partial(handler, loop=self._loop)
        self._used: WeakSet[ResponseHandler] = WeakSet()

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: ClientTimeout,  # noqa: ASYNC109 -- the name is aiohttp's
    ) -> Connection:
        """A connection from the pool, or a new one."""
        while True:
            connection = await super().connect(req, traces, timeout)
            protocol = connection.protocol
            assert protocol is not None
            if protocol not in self._used or not protocol.should_close:
                self._used.add(protocol)
                return connection
            connection.close()
