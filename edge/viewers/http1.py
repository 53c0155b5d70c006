"""HTTP/1.1 from viewers on plain TCP: our own protocol over llhttp. This is the door, and the hot path.

A request is taken as soon as its head is there and the packet that brought it has been read, so small bodies come as
bytes. An answer that is ready at once is one write. Pipelined requests are answered in order; while one is worked on,
no more is read than the packet that is in hand.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable
from typing import TYPE_CHECKING, cast

import httptools

from edge.model import quotas
from edge.model.headers import Headers, Line
from edge.model.malformed import Malformed
from edge.model.request import Request
from edge.model.served import Served
from edge.model.viewer import HttpVersion, Viewer
from edge.viewers import request_head, response_writer
from edge.viewers.front import Front
from edge.viewers.request_body import RequestBody

if TYPE_CHECKING:
    from edge.viewers.listener import Http1Listener

_TLS_CLIENT_HELLO = b"\x16\x03"
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_VERSIONS = frozenset({"1.0", "1.1"})


class Http1Connection(asyncio.Protocol):
    """One viewer connection."""

    def __init__(self, front: Front, listener: Http1Listener) -> None:
        self._front = front
        self._listener = listener
        self._parser = httptools.HttpRequestParser(self)
        self._url = b""
        self._lines: list[Line] = []
        self._head_bytes = 0
        self._head_done = True
        self._malformed: Malformed | None = None
        self._pending: Request | None = None  # its head is read, and it is not begun
        self._body: RequestBody | None = None  # the body that is arriving
        self._queue: deque[tuple[Request, bool, str]] = deque()
        self._keep_alive = True
        self._version = "1.1"
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self._reading = True
        self._writable: asyncio.Future[None] | None = None
        self._paused = False
        self._early = b""
        self.tunnel: response_writer.TunnelInput | None = None
        self.waiting_since = 0.0
        self.expecting = "head"

    # ---- the transport's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername") or ("", 0)
        ip, port = (peer[0], peer[1]) if isinstance(peer, tuple) else ("127.0.0.1", 0)
        self._viewer = Viewer(ip, port, location=self._front.location)
        self.waiting_since = self._listener.now()
        self._listener.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._closing = True
        self._listener.gone(self)
        if self._body is not None:
            self._body.fail("the viewer closed the connection")
        if self.tunnel is not None:
            self.tunnel.feed(b"")
        elif self._task is not None:
            self._task.cancel()
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)

    def eof_received(self) -> bool:
        """A viewer that has half-closed its side may still wait for the answer."""
        if self.tunnel is not None:
            self.tunnel.feed(b"")
        if self._body is not None:
            self._body.fail("the viewer ended its side before the end of the body")
        if self._task is None:
            return False
        self._keep_alive = False
        return True

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)

    async def drained(self) -> bool:
        """Wait while the viewer is slow to take what was sent; False when it has left."""
        while self._paused and not self._closing:
            self._writable = asyncio.get_running_loop().create_future()
            await self._writable
        return not self._closing

    def data_received(self, data: bytes) -> None:
        if self.tunnel is not None:
            self.tunnel.feed(data)
            return
        if self._closing:
            return
        if self._head_done and self._body is None:
            self._head_bytes = 0
            self._head_done = False
        if not self._head_done:
            self._head_bytes += len(data)
        rest = b""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            rest = data[upgrade.args[0] :]
        except httptools.HttpParserError as error:
            self._malformed = self._malformed or _what_is_wrong(error, data)
        if self._malformed is None and not self._head_done:
            if len(self._url) > quotas.URL_MAX_BYTES:
                self._malformed = Malformed.URI_TOO_LONG
            elif self._head_bytes > quotas.REQUEST_HEAD_MAX_BYTES:
                self._malformed = Malformed.HEADERS_TOO_LARGE
        if self._malformed is not None:
            self._refuse(self._malformed)
        elif rest or self._upgrading():
            self._upgrade(rest)
        elif self._pending is not None:
            self._begin_pending()

    # ---- the parser's side

    def on_message_begin(self) -> None:
        self._url = b""
        self._lines = []
        self._head_done = False

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._head_done:  # what comes after the head is a trailer, which CloudFront drops
            self._lines.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        self._head_done = True
        if self._pending is not None:
            self._begin_pending()
        parser = self._parser
        self._version = version = parser.get_http_version()
        self._keep_alive = parser.should_keep_alive()
        method = parser.get_method().decode("latin-1")
        target = self._url.decode("latin-1")
        headers = Headers(self._lines)
        wrong = request_head.examine(method, target, headers, version)
        if version not in _VERSIONS:
            wrong = Malformed.NOT_HTTP
        elif len(target) > quotas.URL_MAX_BYTES:
            wrong = Malformed.URI_TOO_LONG
        if wrong is not None:
            self._malformed = self._malformed or wrong
            return
        path, mark, query = target.partition("?")
        self._pending = Request(method, path, query if mark else None, headers)
        length = headers.get("content-length")
        if "transfer-encoding" in headers or (length is not None and length != "0"):
            expects = (headers.get("expect") or "").lower() == "100-continue"
            self._body = RequestBody(self, None if length is None else int(length), expects_continue=expects)

    def on_body(self, data: bytes) -> None:
        if self._body is not None:
            self._body.feed(data)

    def on_message_complete(self) -> None:
        body, self._body = self._body, None
        if body is not None:
            body.finish()
        pending = self._pending
        if pending is not None and self._malformed is None and "upgrade" not in pending.headers:
            self._pending = None
            self._begin(pending if body is None else pending._replace(body=body.all()))
        elif pending is not None and body is not None:
            self._pending = pending._replace(body=body.all())

    # ---- requests and answers

    def _upgrading(self) -> bool:
        return self._pending is not None and self._body is None and "upgrade" in self._pending.headers

    def _upgrade(self, rest: bytes) -> None:
        """The viewer wants another protocol. Only WebSocket is passed on; for others the request is an ordinary one."""
        request, self._pending = self._pending, None
        self._parser = httptools.HttpRequestParser(self)
        if request is None:
            return
        if (request.headers.get("upgrade") or "").lower() == "websocket":
            self._early = rest
            self._begin(request)
            return
        body = request.headers.get("content-length") or request.headers.get("transfer-encoding") or "0"
        if body != "0":
            self._refuse(Malformed.BAD_HEADER)
            return
        self._begin(request._replace(headers=request.headers.without("upgrade", "http2-settings")))
        if rest:
            self.data_received(rest)

    def _begin_pending(self) -> None:
        """The body will come in further packets."""
        request, self._pending = self._pending, None
        if request is not None:
            self._begin(request if self._body is None else request._replace(body=self._body))

    def _begin(self, request: Request) -> None:
        if self._task is not None or self._queue:
            self._queue.append((request, self._keep_alive, self._version))
            self.pause_reading()
            return
        self._answer(request, self._keep_alive, self._version)

    def _answer(self, request: Request, keep_alive: bool, version: str) -> None:
        self.expecting = ""
        viewer = self._viewer
        if version != viewer.http_version:
            viewer = Viewer(viewer.ip, viewer.port, http_version=cast("HttpVersion", version), location=viewer.location)
        answer = self._front.begin(request, viewer)
        if isinstance(answer, Served) and type(answer.response.body) is bytes:
            keep_alive = keep_alive and not answer.close and not self._closing
            sent = response_writer.write(self.transport, answer, request.method, version, keep_alive)
            self._front.sent(answer, sent, True)
            self._after(keep_alive)
        else:
            self._task = asyncio.get_running_loop().create_task(
                self._answer_later(answer, request, keep_alive, version)
            )

    async def _answer_later(
        self, answer: Served | Awaitable[Served], request: Request, keep_alive: bool, version: str
    ) -> None:
        """An answer that has to be waited for, or whose body has."""
        try:
            served = answer if isinstance(answer, Served) else await answer
            arriving = request.body if isinstance(request.body, RequestBody) else None
            if arriving is not None and not arriving.complete:
                keep_alive = False
            keep_alive = keep_alive and not served.close
            keep_alive = await response_writer.stream(self, self._front, served, request.method, version, keep_alive)
            if arriving is not None:
                arriving.close()
        except asyncio.CancelledError:
            self.transport.abort()
            raise
        except Exception:
            # A bug of ours: the viewer gets a closed connection, the log the traceback, everybody else their answers.
            self.transport.abort()
            raise
        self._task = None
        self._after(keep_alive)

    def _after(self, keep_alive: bool) -> None:
        """An answer is sent: on to the next request, or the end."""
        if not keep_alive:
            self._closing = True
            self.transport.close()
            return
        self.waiting_since = self._listener.now()
        self.expecting = "request"
        if self._task is None and self._queue:
            request, next_keep_alive, version = self._queue.popleft()
            self._answer(request, next_keep_alive, version)
        elif not self._queue:
            self.resume_reading()

    def _refuse(self, malformed: Malformed) -> None:
        """Answer what is not a request, and close. An exchange that is under way for its body is given up."""
        if self._body is not None:
            self._body.fail(malformed.value)
        if self._task is not None:
            self._task.cancel()
            if response_writer.begun(self):
                return
        served = self._front.refuse(malformed, self._viewer)
        self._closing = True
        sent = response_writer.write(self.transport, served, "GET", "1.1", False)
        self._front.sent(served, sent, True)
        self.transport.close()

    def time_out(self) -> None:
        """Called by the listener's sweep for a connection that has been silent for too long."""
        if self._head_done or not self._head_bytes:
            self.transport.close()
        else:
            self._refuse(Malformed.TIMED_OUT)

    def shut_down(self) -> None:
        """Close now if nothing is being answered, else after the answer."""
        if self._task is None:
            self.transport.close()
        self._keep_alive = False
        self._closing = self._task is None

    def early_bytes(self) -> bytes:
        """What came behind the head of an upgrade request."""
        early, self._early = self._early, b""
        return early

    # ---- what a request body needs

    def pause_reading(self) -> None:
        if self._reading and not self._closing:
            self._reading = False
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        if not self._reading and not self._closing:
            self._reading = True
            self.transport.resume_reading()

    def send_continue(self) -> None:
        self.transport.write(_CONTINUE)


def _what_is_wrong(error: Exception, data: bytes) -> Malformed:
    """llhttp's complaint in our words."""
    text = str(error)
    if isinstance(error, httptools.HttpParserInvalidMethodError):
        return Malformed.NOT_HTTP if data.startswith(_TLS_CLIENT_HELLO) else Malformed.BAD_METHOD
    if "Transfer-Encoding can't" in text or "Content-Length can't" in text:
        return Malformed.LENGTH_AND_CHUNKED
    for words, what in (
        ("Transfer-Encoding", Malformed.BAD_TRANSFER_CODING),
        ("Content-Length", Malformed.BAD_LENGTH),
        ("chunk", Malformed.BAD_CHUNK),
        ("header", Malformed.BAD_HEADER),
        ("url", Malformed.BAD_TARGET),
    ):
        if words in text:
            return what
    return Malformed.NOT_HTTP
