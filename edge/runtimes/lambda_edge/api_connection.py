"""HTTP/1.1 for the Runtime API: bytes of one connection to requests, replies to bytes.

A runtime may send its next request before the answer to the last one has come; answers go out in the order of requests.
One that has sent its next request is not waiting for the last answer: it gets both at once, and is woken once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from http import HTTPStatus
from typing import cast

import httptools

from edge.runtimes.lambda_edge.runtime_api import ApiReply, ApiRequest, RuntimeApi, Stream


class ApiConnection(asyncio.Protocol):
    """One connection of a runtime. `lost` is called when it closes."""

    def __init__(self, api: RuntimeApi, lost: Callable[[], None] = lambda: None) -> None:
        self._api = api
        self._lost = lost
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._answers: deque[_Answer] = deque()
        self._written: list[bytes] = []
        self._is_reading = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are of no class of asyncio's

    def data_received(self, data: bytes) -> None:
        self._is_reading = True
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            assert self._transport is not None
            self._transport.close()
        finally:
            self._is_reading = False
        self._write()

    def connection_lost(self, error: Exception | None) -> None:
        self._lost()

    def on_message_begin(self) -> None:
        """The parser's: a request begins."""
        self._target = b""
        self._body: list[bytes] = []
        self._headers: dict[str, str] = {}
        self._stream: Stream | None = None

    def on_url(self, url: bytes) -> None:
        """The parser's: a piece of the target."""
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """The parser's: a header, or a trailer."""
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1").strip()

    def on_headers_complete(self) -> None:
        """The parser's: the body comes now."""
        self._stream = self._api.streams(self._target.decode("latin-1"), self._headers)
        self._kind = self._headers.get("content-type", "application/octet-stream")

    def on_body(self, body: bytes) -> None:
        """The parser's: a piece of the body."""
        if self._stream is None:
            self._body.append(body)
        else:
            self._stream(self._kind, body)

    def on_message_complete(self) -> None:
        """The parser's: the request is whole."""
        method = self._parser.get_method().decode("ascii")
        path = self._target.decode("latin-1").partition("?")[0]
        answer = _Answer(self._write)
        self._answers.append(answer)
        self._api.handle(ApiRequest(method, path, self._headers, b"".join(self._body)), answer.set)

    def answer_copy(self, reply: ApiReply) -> None:
        """Answer what the runtime asked before it was copied: the request came over another connection."""
        assert self._transport is not None
        self._transport.write(encoded(reply))

    def _write(self) -> None:
        while self._answers and self._answers[0].reply is not None:
            self._written.append(encoded(self._answers.popleft().reply))
        if self._written and not self._answers and not self._is_reading:
            assert self._transport is not None
            self._transport.write(b"".join(self._written))
            self._written.clear()


class _Answer:
    """The place of an answer in the row."""

    __slots__ = ("_write", "reply")

    def __init__(self, write: Callable[[], None]) -> None:
        self._write = write
        self.reply: ApiReply | None = None

    def set(self, reply: ApiReply) -> None:
        self.reply = reply
        self._write()


def encoded(reply: ApiReply | None) -> bytes:
    """A reply as it goes over the wire."""
    assert reply is not None
    lines = [f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}", f"Content-Type: {reply.content_type}"]
    lines += [f"{name}: {value}" for name, value in reply.headers]
    lines.append(f"Content-Length: {len(reply.body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + reply.body
