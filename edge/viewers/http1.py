"""One viewer's HTTP/1.1 connection: heads in, answers out, one request after the other.

What is ready at once is answered in the call that brought the bytes, without a task; everything else runs in one task
per request, which is cancelled when the viewer leaves. While a request runs, bytes that belong to later ones wait.
Source: RFC 9112, section 9; CloudFront Developer Guide, "Request and response behavior for custom origins".
What CloudFront does for a viewer who closes his sending side is not documented. Here he gets the answers to what he has
sent. Nothing tells him from one who has left until something is written to him: two seconds without that, and he is
taken for gone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from dataclasses import replace
from enum import Enum, auto
from typing import cast

from edge.model.body import Tunnel
from edge.model.malformed import Malformed
from edge.model.quotas import VIEWER_HEAD_TIMEOUT_S, VIEWER_KEEPALIVE_IDLE_S
from edge.model.request import Request
from edge.model.served import Served
from edge.model.viewer import Viewer
from edge.viewers.chunked import BadChunk
from edge.viewers.connection import Listener, once_more, viewer_of
from edge.viewers.outgoing import Outgoing
from edge.viewers.request_body import RequestBody
from edge.viewers.request_reader import Head, RequestReader, hopeless
from edge.viewers.response_writer import streamed, switching
from edge.viewers.splice import Splice

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_HELD_MAX_BYTES = 65_536  # of later requests, while one runs
_DROPPED_MAX_BYTES = 65_536  # of a body that nobody read; where more is to come the connection closes
_LINGER_S = 5.0  # nginx's lingering_timeout
_HALF_CLOSED_S = 2.0


class _State(Enum):
    HEAD = auto()  # waits for a request, or for the rest of its head
    BUSY = auto()  # a task answers a request
    DROPPING = auto()  # answered; the rest of the request's body goes nowhere
    SPLICED = auto()  # a WebSocket
    LINGERING = auto()  # our side is closed; what still comes is dropped, so that the viewer can read our answer
    CLOSED = auto()


class Http1Connection(asyncio.Protocol):
    """Made by the listener for each viewer that connects."""

    __slots__ = (
        "_body",
        "_fresh",
        "_front",
        "_half_closed",
        "_listener",
        "_loop",
        "_out",
        "_reader",
        "_reading_paused",
        "_rest",
        "_since",
        "_splice",
        "_state",
        "_task",
        "_transport",
        "_viewer",
    )

    _out: Outgoing
    _transport: asyncio.Transport
    _viewer: Viewer

    def __init__(self, listener: Listener, loop: asyncio.AbstractEventLoop) -> None:
        self._listener = listener
        self._front = listener.front
        self._loop = loop
        self._reader = RequestReader()
        self._state = _State.HEAD
        self._rest = b""
        self._since = listener.now
        self._fresh = True
        self._body: RequestBody | None = None
        self._task: asyncio.Task[None] | None = None
        self._splice: Splice | None = None
        self._reading_paused = False
        self._half_closed = False

    # What the transport tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._out = Outgoing(self._transport, self._loop)
        self._viewer = viewer_of(transport, self._front.location)
        self._listener.connections.add(self)
        if self._listener.closing:
            transport.close()

    def data_received(self, data: bytes) -> None:
        state = self._state
        if state is _State.HEAD:
            self._read(self._rest + data if self._rest else data)
        elif state is _State.SPLICED and self._splice is not None:
            self._splice.received(data)
        elif state is _State.BUSY or state is _State.DROPPING:
            self._read_on(data)

    def eof_received(self) -> bool:
        """The viewer sends no more. True keeps the connection: he may want the answer to what he has sent."""
        self._half_closed = True
        self._since = self._listener.now
        waits = self._state is _State.BUSY and (self._body is None or self._body.arrived)
        return waits and self._transport.can_write_eof()  # not under TLS

    def pause_writing(self) -> None:
        self._out.slow = True

    def resume_writing(self) -> None:
        self._out.resume()

    def connection_lost(self, exc: Exception | None) -> None:
        self._state = _State.CLOSED
        self._rest = b""
        if self._body is not None:
            self._body.fail("the viewer left before the end of the request")
        if self._task is not None:
            # Not at once: a coroutine that has not begun could not put its own things in order.
            self._loop.call_soon(self._task.cancel)
        self._listener.left(self)

    # What the listener tells.

    def look_at_clock(self, now: float) -> None:
        """Part with a viewer who has been silent too long."""
        silent_s = now - self._since
        if self._state is _State.LINGERING:
            if silent_s > _LINGER_S:
                self._transport.abort()
        elif self._state is _State.DROPPING:
            if silent_s > VIEWER_HEAD_TIMEOUT_S:
                self._transport.abort()
        elif self._state is _State.BUSY:
            if self._waits_for_body() and silent_s > VIEWER_HEAD_TIMEOUT_S:
                self._break_off("the body did not arrive in time", Malformed.TIMED_OUT)
            elif self._out.stuck(now):
                self._transport.abort()
            elif self._half_closed and (self._out.wrote or self._out.slow):
                self._out.wrote, self._since = False, now
            elif self._half_closed and silent_s > _HALF_CLOSED_S:
                self._transport.abort()
        elif self._state is _State.HEAD:
            if self._rest and silent_s > VIEWER_HEAD_TIMEOUT_S:
                self._refuse(Malformed.TIMED_OUT)
            elif silent_s > (VIEWER_HEAD_TIMEOUT_S if self._fresh else VIEWER_KEEPALIVE_IDLE_S):
                self._transport.close()

    def finish(self) -> None:
        """Close as soon as the request that runs has its answer; a WebSocket at once."""
        if self._state is not _State.BUSY:
            self._transport.close()

    def abort(self) -> None:
        """Close now."""
        self._transport.abort()

    # Requests.

    def _read(self, data: bytes) -> None:
        """Answer request after request, until one takes its time or the bytes are at their end."""
        at, size = 0, len(data)
        while at < size:
            if data.startswith(b"\r\n", at):
                at += 2  # RFC 9112, section 2.2: empty lines before a request line
                continue
            end = data.find(b"\r\n\r\n", at) + 4
            if end < 4:
                break
            head = self._reader.read(data if end == size and at == 0 else data[at:end])
            at = end
            if isinstance(head, Malformed):
                self._refuse(head)
                return
            if head.body_length == 0:
                self._answer(head, head.request)
            else:
                at += self._answer_with_body(head, data[at:])
            if self._state is not _State.HEAD or self._transport.is_closing():
                self._hold(data[at:])
                return
        self._wait_for_more(data[at:])

    def _wait_for_more(self, part: bytes) -> None:
        """Keep the beginning of a head."""
        if self._half_closed:
            self._transport.close()
            return
        if part and not self._rest:
            self._since = self._listener.now
        self._rest = part
        if part and part != b"\r" and (malformed := hopeless(part)) is not None:
            self._refuse(malformed)

    def _read_on(self, data: bytes) -> None:
        """Bytes that come while a request is being answered: of its body, or of later requests."""
        body = self._body
        if body is not None and not body.arrived:
            try:
                data = body.feed(data)
            except BadChunk as error:
                self._break_off(str(error), Malformed.BAD_CHUNK)
                return
            self._since = self._listener.now
            if self._state is _State.DROPPING and body.arrived:
                self._state, self._body = _State.HEAD, None
                self._read(data)
                return
        self._hold(self._rest + data)

    def _hold(self, data: bytes) -> None:
        if self._state is _State.LINGERING or self._state is _State.CLOSED:
            return
        self._rest = data
        if len(data) > _HELD_MAX_BYTES:
            self.pause_reading()

    def _answer_with_body(self, head: Head, data: bytes) -> int:
        """Answer a request that has a body, of which `data` may be the beginning; how much of that it was."""
        body = RequestBody(self, head.body_length, expects_continue=head.expects_continue)
        rest = data
        if data:
            try:
                rest = body.feed(data)
            except BadChunk:
                self._refuse(Malformed.BAD_CHUNK)
                return len(data)
        self._body = body
        self._answer(head, head.request._replace(body=body))
        return len(data) - len(rest)

    def _answer(self, head: Head, request: Request) -> None:
        viewer = self._viewer if head.http_version == "1.1" else replace(self._viewer, http_version="1.0")
        answer = self._front.begin(request, viewer)
        if type(answer) is not Served or type(answer.response.body) is not bytes:
            self._start(self._serve(answer, head))
            return
        keep_alive = self._keeps(answer, head)
        body_bytes = self._out.send(answer, head_only=request.method == "HEAD", keep_alive=keep_alive)
        if self._out.slow:
            self._start(self._outlast(answer, body_bytes, keep_alive))
        else:
            self._done(answer, body_bytes, True, keep_alive)

    def _refuse(self, malformed: Malformed) -> None:
        served = self._front.refuse(malformed, self._viewer)
        body_bytes = self._out.send(served, head_only=False, keep_alive=False)
        self._front.sent(served, body_bytes, True)
        self._linger()

    def _waits_for_body(self) -> bool:
        """Whether it is the viewer's turn: he has announced a body, was not told to wait, and has no answer yet."""
        body = self._body
        if body is None or body.arrived or not body.invited:
            return False
        return not self._reading_paused and not self._out.begun

    def _break_off(self, reason: str, malformed: Malformed) -> None:
        """The body of a request that is already being answered came to nothing."""
        if self._body is not None:
            self._body.fail(reason)
        if self._task is not None:
            self._loop.call_soon(self._task.cancel, reason)
        if self._out.begun or self._state is _State.DROPPING:
            self._transport.abort()
        else:
            self._refuse(malformed)

    # Answers.

    def _start(self, work: Coroutine[None, None, None]) -> None:
        self._state = _State.BUSY
        self._task = self._loop.create_task(self._run(work))

    async def _run(self, work: Coroutine[None, None, None]) -> None:
        """Do what takes time, then go on with the bytes that have come meanwhile."""
        try:
            await work
        except Exception as error:
            self._transport.abort()
            self._loop.call_exception_handler({"message": "a viewer's request failed", "exception": error})
        self._task = None
        if self._state is _State.HEAD:
            self.resume_reading()
            self._read(self._rest)

    async def _serve(self, answer: Served | Awaitable[Served], head: Head) -> None:
        """An answer that has to be waited for, or whose body has."""
        served = answer if isinstance(answer, Served) else await answer
        body = served.response.body
        if self._state is not _State.BUSY or self._transport.is_closing():
            if not isinstance(body, bytes):
                body.close()
            return
        if isinstance(body, Tunnel):
            await self._splice_with(served, body)
            return
        keep_alive = self._keeps(served, head)
        head_only = head.request.method == "HEAD"
        if isinstance(body, bytes):
            body_bytes = self._out.send(served, head_only=head_only, keep_alive=keep_alive)
            await self._outlast(served, body_bytes, keep_alive)
        else:
            how = streamed(served, head_only=head_only, keep_alive=keep_alive, http_version=head.http_version)
            self._done(served, *await self._out.stream(how, body, served.trail), how.keep_alive)

    def _keeps(self, served: Served, head: Head) -> bool:
        """Whether the connection goes on after this answer: not where too much of a body would come for nobody."""
        if served.close or not head.keep_alive or self._listener.closing:
            return False
        body = self._body
        if body is None or body.arrived:
            return True
        return body.invited and body.left is not None and body.left <= _DROPPED_MAX_BYTES

    async def _outlast(self, served: Served, body_bytes: int, keep_alive: bool) -> None:
        """Wait for a viewer who may be slow to take an answer that is already written."""
        taken = await self._out.taken(body_bytes)
        self._done(served, taken, taken == body_bytes, keep_alive)

    async def _splice_with(self, served: Served, tunnel: Tunnel) -> None:
        """Answer 101, and carry bytes both ways from then on."""
        self._out.write(switching(served))
        self._state = _State.SPLICED
        self._splice = Splice(tunnel, self._out, self, self._rest)
        self._rest = b""
        self.resume_reading()
        try:
            await self._splice.run()
        finally:
            self._front.sent(served, self._splice.to_viewer_bytes, True)
            self._transport.close()

    def _done(self, served: Served, body_bytes: int, complete: bool, keep_alive: bool) -> None:
        """The answer is over: wait for the next request, or close."""
        self._front.sent(served, body_bytes, complete)
        if self._state is _State.CLOSED or not complete:
            return
        self._out.begun = False
        self._fresh = False
        self._viewer = once_more(self._viewer)
        self._since = self._listener.now
        body = self._body
        if body is None or body.arrived:
            self._body = None
            self._state = _State.HEAD
            if not keep_alive:
                self._transport.close()
            return
        body.close()
        if keep_alive:
            self._state = _State.DROPPING
        else:
            self._linger()

    def _linger(self) -> None:
        """Close our side, and go on reading for nothing: closing at once would make the viewer's system throw away an
        answer that it has not read."""
        self._state = _State.LINGERING
        self._rest = b""
        self._since = self._listener.now
        if not self._transport.is_closing():
            if self._transport.can_write_eof():  # not under TLS, where "Connection: close" has to do
                self._transport.write_eof()
            self.resume_reading()

    # What bodies and splices need.

    def pause_reading(self) -> None:
        """Let no more bytes come."""
        if not self._reading_paused and not self._transport.is_closing():
            self._reading_paused = True
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Let bytes come again."""
        if self._reading_paused and not self._transport.is_closing():
            self._reading_paused = False
            self._since = self._listener.now
            self._transport.resume_reading()

    def send_continue(self) -> None:
        """Tell the viewer to send the body that it has announced, unless the answer has begun."""
        if not self._out.begun:
            self._out.write(_CONTINUE)
