"""One viewer's connection, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.model.body import BodyBroken
from edge.model.headers import Headers
from edge.model.malformed import Malformed
from edge.model.quotas import VIEWER_HEAD_TIMEOUT_S, VIEWER_KEEPALIVE_IDLE_S
from edge.model.request import Request
from edge.model.served import Served
from edge.model.viewer import Viewer
from edge.viewers.http1 import Http1Connection
from edge.viewers.listener import Http1Listener
from edge.viewers.request_body import RequestBody

Front = Any  # FakeFront of conftest.py
Wire = Any
Until = Callable[[Callable[[], bool]], Awaitable[None]]
Everything = Callable[[object], Awaitable[bytes]]
Settle = Callable[[Callable[[], object]], Awaitable[None]]
Connect = Callable[[], Awaitable[Wire]]

GET = b"GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /a HTTP/1.1\r\nHost: x\r\n"
CLOSE = b"GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


# Requests and who sends them.


async def test_a_request_and_its_viewer(front: Front, wire: Wire) -> None:
    """The front sees what was sent, and from where."""
    wire.send(GET)
    reply = await wire.reply()
    assert (reply.status, reply.body) == (200, b"GET /a?b")
    assert front.requests == [Request("GET", "/a", "b", Headers((("Host", "x"),)))]
    ip, port = wire.writer.get_extra_info("sockname")
    assert front.viewers == [Viewer(ip, port, "http", "1.1")]
    assert front.log == [(200, 8, True)]


async def test_http_1_0(front: Front, wire: Wire) -> None:
    """It is answered, and closed without keep-alive."""
    wire.send(b"GET /a HTTP/1.0\r\n\r\n")
    reply = await wire.reply()
    assert reply.get("connection") == "close"
    assert await wire.rest() == b""
    assert front.viewers[0].http_version == "1.0"


async def test_keep_alive_in_http_1_0(wire: Wire) -> None:
    """It goes on where the viewer asks for it."""
    for _ in range(2):
        wire.send(b"GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        assert (await wire.reply()).get("connection") == "keep-alive"


async def test_pipelined_requests_are_answered_in_order(front: Front, wire: Wire) -> None:
    """Also when the first takes longer than the others."""
    gate = asyncio.Event()

    def answer(request: Request, viewer: Viewer) -> Served | Awaitable[Served]:
        async def slowly() -> Served:
            await gate.wait()
            return ready

        ready: Served = front.served(request, viewer, body=request.target.encode())
        return slowly() if request.path == "/slow" else ready

    front.answer = answer
    wire.send(b"".join(b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n" % name for name in (b"1", b"slow", b"2", b"3")) + CLOSE)
    assert (await wire.reply()).body == b"/1"
    assert len(front.requests) == 2
    gate.set()
    assert [(await wire.reply()).body for _ in range(4)] == [b"/slow", b"/2", b"/3", b"/last"]
    assert await wire.rest() == b""


async def test_a_viewer_who_sends_ahead_is_held_back(front: Front, wire: Wire, settle: Settle) -> None:
    """While a request runs, no more than a bounded number of bytes of later ones is taken."""
    gate = asyncio.Event()

    async def answer(request: Request, viewer: Viewer) -> Served:
        await gate.wait()
        return front.served(request, viewer)  # type: ignore[no-any-return]

    front.later(answer)
    wire.send(GET * 400_000)
    await settle(wire.unsent)
    assert wire.unsent() > 0
    assert len(front.requests) == 1
    wire.writer.transport.abort()
    gate.set()


async def test_empty_lines_before_a_request_are_ignored(front: Front, wire: Wire) -> None:
    """Some viewers send one after a body."""
    wire.send(b"\r\n\r\n" + GET + b"\r\n" + GET)
    assert [(await wire.reply()).status for _ in range(2)] == [200, 200]


# Answers.


@pytest.mark.parametrize("status", [200, 204, 304, 404])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_no_body_where_none_belongs(front: Front, wire: Wire, method: str, status: int) -> None:
    """After HEAD, 204 and 304 the next answer follows the head."""
    front.always(status, ("Content-Length", "3"), body=b"abc" if status in (200, 404) else b"")
    for _ in range(2):
        wire.send(b"%b / HTTP/1.1\r\nHost: x\r\n\r\n" % method.encode())
        reply = await wire.reply(method)
        assert reply.status == status
        assert reply.get("content-length") == (None if status == 204 else "3")
    sent = 3 if method == "GET" and status in (200, 404) else 0
    assert front.log == [(status, sent, True)] * 2


async def test_close_is_said_and_done(front: Front, wire: Wire) -> None:
    """Where the viewer asks for it."""
    wire.send(CLOSE)
    assert (await wire.reply()).get("connection") == "close"
    assert await wire.rest() == b""


async def test_the_edge_may_ask_for_a_close(front: Front, wire: Wire) -> None:
    """What stands behind such a request is not answered."""
    front.always(403, close=True)
    wire.send(GET + GET)
    assert (await wire.reply()).get("connection") == "close"
    assert await wire.rest() == b""
    assert len(front.requests) == 1


async def test_a_stream_of_known_length(front: Front, wire: Wire) -> None:
    """It is sent as it comes, with Content-Length."""
    body = front.pieces(b"abc", b"", b"de", length=5)
    front.always(body=body)
    wire.send(GET)
    reply = await wire.reply()
    assert (reply.get("content-length"), reply.body) == ("5", b"abcde")
    assert body.closed
    assert front.log == [(200, 5, True)]
    wire.send(GET)


async def test_a_stream_of_unknown_length(front: Front, wire: Wire) -> None:
    """It is sent in chunks, the head before the first of them, and the connection goes on."""
    gate = asyncio.Event()
    front.always(body=front.pieces(gate, b"abc", b"", b"de"))
    wire.send(GET)
    head = await wire.reader.readuntil(b"\r\n\r\n")
    assert b"Transfer-Encoding: chunked\r\n" in head
    assert b"Content-Length" not in head
    gate.set()
    assert await wire.reader.readuntil(b"0\r\n\r\n") == b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    front.always(body=b"next")
    wire.send(GET)
    assert (await wire.reply()).body == b"next"


async def test_a_stream_of_unknown_length_in_http_1_0(front: Front, wire: Wire) -> None:
    """It ends with the connection."""
    front.always(body=front.pieces(b"abc", b"de"))
    wire.send(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    reply = await wire.reply()
    assert (reply.get("connection"), reply.get("transfer-encoding"), reply.body) == ("close", None, b"abcde")


async def test_head_does_not_read_a_stream(front: Front, wire: Wire) -> None:
    """The stream is closed unread."""
    body = front.pieces(b"abc", length=3)
    front.always(body=body)
    wire.send(b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (await wire.reply("HEAD")).get("content-length") == "3"
    assert (body.given, body.closed) == (0, True)


@pytest.mark.parametrize(
    ("pieces", "length", "sent"),
    [
        ((b"abc", BodyBroken("the origin left")), None, 3),
        ((b"abc", BodyBroken("the origin left")), 5, 3),
        ((b"abc",), 5, 3),
        ((b"abc", b"defg"), 5, 3),
        ((b"abcde", b"fg"), 5, 5),
    ],
)
async def test_a_body_that_breaks_off_cuts_the_connection(
    front: Front, wire: Wire, until: Until, pieces: tuple[Any, ...], length: int | None, sent: int
) -> None:
    """The viewer can tell: no last chunk, no Content-Length bytes, no ordinary end; and never more than announced."""
    body = front.pieces(*pieces, length=length)
    front.always(body=body)
    wire.send(GET)
    with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
        await two_replies(wire)
    await until(lambda: bool(front.log))
    assert front.log == [(200, sent, False)]
    assert body.closed


async def two_replies(wire: Wire) -> None:
    """The first may be whole by its own count."""
    assert (await wire.reply()).body == b"abcde"
    await wire.reply()


async def test_a_body_that_breaks_off_in_http_1_0(front: Front, wire: Wire) -> None:
    """Where the end of the connection is the end of the body, a broken one ends with a reset."""
    front.always(body=front.pieces(b"abc", BodyBroken("the origin left")))
    wire.send(b"GET / HTTP/1.0\r\n\r\n")
    with pytest.raises(ConnectionResetError):
        await wire.reply()


async def test_a_large_answer_to_a_slow_viewer(front: Front, wire: Wire, until: Until) -> None:
    """It is logged when it is taken, and the next request waits."""
    size = 30_000_000
    front.always(body=b"x" * size)
    wire.send(GET)
    await until(lambda: len(front.requests) == 1)
    assert front.log == []
    wire.send(GET)
    assert len((await wire.reply()).body) == size
    assert len((await wire.reply()).body) == size
    await until(lambda: len(front.log) == 2)
    assert front.log == [(200, size, True)] * 2


async def test_a_slow_viewer_makes_the_stream_wait(front: Front, wire: Wire, until: Until, settle: Settle) -> None:
    """No more of a body is asked for than the viewer takes."""
    body = front.pieces(*[b"x" * 65_536] * 1_000, length=65_536_000)
    front.always(body=body)
    wire.send(GET)
    await wire.reader.readuntil(b"\r\n\r\n")
    await settle(lambda: body.given)
    assert body.given < 1_000
    assert len(await wire.reader.readexactly(65_536_000)) == 65_536_000
    await until(lambda: bool(front.log))
    assert front.log == [(200, 65_536_000, True)]


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_viewer_who_takes_nothing_is_parted_with(
    front: Front, listener: Http1Listener, wire: Wire, until: Until, settle: Settle, streamed: bool
) -> None:
    """After five minutes; one who takes a little now and then is not."""
    size = 60_000_000
    body = front.pieces(*[b"x" * 60_000] * 1_000, length=size) if streamed else b"x" * size
    front.always(body=body)
    wire.send(GET)
    await wire.reader.readuntil(b"\r\n\r\n")
    for _ in range(3):
        await wire.reader.readexactly(4_000_000)
        await settle(lambda: None)
        listener.sweep(listener.now + 200)
    wire.writer.transport.pause_reading()
    await settle(lambda: None)
    listener.sweep(listener.now + 200)
    assert front.log == []
    listener.sweep(listener.now + 301)
    await until(lambda: bool(front.log))
    ((status, sent, complete),) = front.log
    assert (status, complete) == (200, False)
    assert sent < size


# Request bodies.


@pytest.mark.parametrize(
    "request_bytes",
    [
        POST + b"Content-Length: 5\r\n\r\nabcde",
        POST + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\nT: x\r\n\r\n",
    ],
)
async def test_a_body_is_streamed(front: Front, wire: Wire, request_bytes: bytes) -> None:
    """It is read by whoever answers, and the next request follows it."""
    front.echo()
    wire.send(request_bytes + request_bytes)
    assert [(await wire.reply()).body for _ in range(2)] == [b"abcde", b"abcde"]
    assert all(isinstance(request.body, RequestBody) for request in front.requests)


async def test_a_large_upload_is_not_kept(front: Front, wire: Wire, settle: Settle) -> None:
    """A reader who does not read makes the viewer wait; then everything arrives."""
    gate = asyncio.Event()

    async def answer(request: Request, viewer: Viewer) -> Served:
        await gate.wait()
        size = 0
        assert not isinstance(request.body, bytes)
        async for piece in request.body:  # type: ignore[union-attr]
            size += len(piece)
        return front.served(request, viewer, body=b"%d" % size)  # type: ignore[no-any-return]

    front.later(answer)
    wire.send(POST + b"Content-Length: 20000000\r\n\r\n")
    for _ in range(20):
        wire.send(b"x" * 1_000_000)
    await settle(wire.unsent)
    assert wire.unsent() > 0
    gate.set()
    assert (await wire.reply()).body == b"20000000"


async def test_continue_is_sent_when_the_body_is_wanted(
    front: Front, wire: Wire, everything: Everything, until: Until, settle: Settle
) -> None:
    """And not before."""
    gate = asyncio.Event()

    async def answer(request: Request, viewer: Viewer) -> Served:
        await gate.wait()
        return front.served(request, viewer, body=await everything(request.body))  # type: ignore[no-any-return]

    front.later(answer)
    wire.send(POST + b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\n")
    reading = asyncio.ensure_future(wire.reader.readexactly(25))
    await until(lambda: bool(front.requests))
    await settle(reading.done)
    assert not reading.done()
    gate.set()
    assert await reading == b"HTTP/1.1 100 Continue\r\n\r\n"
    wire.send(b"abcde")
    assert (await wire.reply()).body == b"abcde"


async def test_no_continue_for_a_refused_upload(front: Front, wire: Wire) -> None:
    """The viewer gets the answer instead, and the connection closes: nobody knows whether the body will come."""
    front.always(403)
    wire.send(POST + b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\n")
    reply = await wire.reply()
    assert (reply.status, reply.get("connection")) == (403, "close")
    assert await wire.rest() == b""


async def test_a_small_unread_body_is_dropped(front: Front, wire: Wire) -> None:
    """The connection goes on behind it."""
    front.always(403)
    wire.send(POST + b"Content-Length: 5\r\n\r\nab")
    assert (await wire.reply()).get("connection") == "keep-alive"
    wire.send(b"cde" + GET)
    assert (await wire.reply()).status == 403
    assert [request.method for request in front.requests] == ["POST", "GET"]


@pytest.mark.parametrize("framing", [b"Content-Length: 10000000", b"Transfer-Encoding: chunked"])
async def test_a_large_unread_body_closes_the_connection(front: Front, wire: Wire, framing: bytes) -> None:
    """The viewer can still read the answer, although it is sending."""
    front.always(403, body=b"no")
    wire.send(POST + framing + b"\r\n\r\n" + (b"1\r\nx\r\n" if b"chunked" in framing else b"x" * 1_000_000))
    reply = await wire.reply()
    assert (reply.status, reply.get("connection"), reply.body) == (403, "close", b"no")
    assert await wire.rest() == b""
    assert len(front.requests) == 1


async def test_a_viewer_who_leaves_within_his_body(front: Front, wire: Wire, until: Until) -> None:
    """Whoever answers is cancelled."""
    state: list[str] = []

    async def answer(request: Request, viewer: Viewer) -> Served:
        state.append("reading")
        try:
            async for _ in request.body:  # type: ignore[union-attr]
                pass
        except (asyncio.CancelledError, BodyBroken) as error:
            state.append(type(error).__name__)
            raise asyncio.CancelledError from error
        raise AssertionError

    front.later(answer)
    wire.send(POST + b"Content-Length: 5\r\n\r\nab")
    await until(lambda: state == ["reading"])
    await wire.close()
    await until(lambda: len(state) == 2)
    assert front.log == []


# Viewers who leave.


async def test_whoever_answers_is_cancelled_when_the_viewer_leaves(front: Front, wire: Wire, until: Until) -> None:
    """Also in the very moment in which he begins."""
    state: list[str] = []

    async def answer(request: Request, viewer: Viewer) -> Served:
        state.append("begun")
        try:
            await asyncio.Event().wait()
        finally:
            state.append("ended")
        raise AssertionError

    front.later(answer)
    wire.send(GET)
    wire.writer.transport.close()
    await until(lambda: len(state) == 2)
    assert state == ["begun", "ended"]


async def test_a_stream_is_closed_when_the_viewer_leaves(
    front: Front, listener: Http1Listener, wire: Wire, until: Until
) -> None:
    """Its iterator is finalized, and the log is told how far it came."""
    body = front.pieces(b"abc", asyncio.Event())
    front.always(body=body)
    wire.send(GET)
    await wire.reader.readuntil(b"abc\r\n")
    await wire.close()

    def three_seconds_later() -> bool:
        listener.sweep(listener.now + 3)
        return bool(front.log)

    await until(three_seconds_later)
    assert front.log == [(200, 3, False)]
    assert (body.closed, body.finalized) == (True, True)


async def test_a_viewer_who_leaves_while_a_large_answer_is_on_its_way(front: Front, wire: Wire, until: Until) -> None:
    """The log does not call it complete."""
    front.always(body=b"x" * 30_000_000)
    wire.send(GET)
    await until(lambda: bool(front.requests))
    wire.writer.transport.abort()
    await until(lambda: bool(front.log))
    ((status, sent, complete),) = front.log
    assert (status, complete) == (200, False)
    assert sent < 30_000_000


async def test_a_bug_costs_one_connection(
    front: Front, connect: Connect, until: Until, listener: Http1Listener
) -> None:
    """It is told to the loop, and others go on."""
    told: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context["exception"]))

    async def answer(request: Request, viewer: Viewer) -> Served:
        raise ZeroDivisionError

    front.later(answer)
    first = await connect()
    first.send(GET)
    with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
        await first.reply()
    assert [type(error) for error in told] == [ZeroDivisionError]
    front.answer = None
    second = await connect()
    second.send(GET)
    assert (await second.reply()).status == 200


# What is not a request.


@pytest.mark.parametrize(
    ("data", "malformed"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", Malformed.NOT_HTTP),
        (b"GET / HTTP/1.1\n\n", Malformed.NOT_HTTP),
        (b"GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n", Malformed.BAD_TARGET),
        (b"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n", Malformed.BAD_TARGET),
        (POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", Malformed.LENGTH_AND_CHUNKED),
        (POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + GET, Malformed.BAD_CHUNK),
        (POST + b"X: a\x00b\r\n\r\n", Malformed.BAD_HEADER),
        (POST + b"X: " + b"a" * 102_400 + b"\r\n\r\n", Malformed.HEADERS_TOO_LARGE),
        (b"GET /" + b"a" * 8_192 + b" HTTP/1.1\r\nHost: x\r\n\r\n", Malformed.URI_TOO_LONG),
        (b"GET / HTTP/1.1\r\n\r\n", Malformed.NO_HOST),
        (b"FOO / HTTP/1.1\r\nHost: x\r\n\r\n", Malformed.BAD_METHOD),
    ],
)
@pytest.mark.parametrize("in_pieces", [False, True])
async def test_what_is_not_a_request_is_answered_and_closed(
    front: Front, wire: Wire, data: bytes, malformed: Malformed, in_pieces: bool
) -> None:
    """It never reaches the front's `begin`, nor does what stands behind it."""
    step = 997 if in_pieces else len(data)
    for at in range(0, len(data), step):
        wire.send(data[at : at + step])
        await asyncio.sleep(0)
    wire.send(GET)
    reply = await wire.reply()
    assert (reply.status, reply.body, reply.get("connection")) == (400, malformed.name.encode(), "close")
    assert await wire.rest() == b""
    assert front.refused == [malformed]
    assert front.requests == []
    assert front.log == [(400, len(malformed.name), True)]


async def test_a_good_request_before_a_bad_one_is_answered(front: Front, wire: Wire) -> None:
    """In their order."""
    front.echo()
    wire.send(GET + b"GET / HTTP/1.1\r\n\r\n")
    assert [(await wire.reply()).status for _ in range(2)] == [200, 400]
    assert await wire.rest() == b""


async def test_a_bad_chunk_in_the_middle_of_a_body(front: Front, wire: Wire, until: Until) -> None:
    """Whoever reads the body is stopped, and the viewer gets the answer to a bad chunk."""
    state: list[str] = []

    async def answer(request: Request, viewer: Viewer) -> Served:
        try:
            async for piece in request.body:  # type: ignore[union-attr]
                state.append(piece.decode())
        except (BodyBroken, asyncio.CancelledError):
            state.append("broken")
            raise
        raise AssertionError

    front.later(answer)
    wire.send(POST + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
    await until(lambda: state == ["abc"])
    wire.send(b"zz\r\n")
    assert (await wire.reply()).body == b"BAD_CHUNK"
    assert await wire.rest() == b""
    assert state == ["abc", "broken"]


async def test_a_bad_chunk_while_the_answer_is_on_its_way(front: Front, wire: Wire, until: Until) -> None:
    """A second answer cannot be sent: the connection is cut."""
    front.always(body=front.pieces(b"abc", asyncio.Event()))
    wire.send(POST + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
    await wire.reader.readuntil(b"3\r\nabc\r\n")
    wire.send(b"zz\r\n")
    assert await wire.rest() == b""
    await until(lambda: bool(front.log))
    assert front.log == [(200, 3, False)]


# Time.


async def test_a_head_that_does_not_come_to_its_end(
    front: Front, listener: Http1Listener, wire: Wire, until: Until
) -> None:
    """It is refused when its time is up, however often a byte comes."""
    now = listener.now
    wire.send(b"GET / HT")
    await until(lambda: len(listener.connections) == 1)
    (connection,) = listener.connections
    await until(lambda: bool(connection._rest))
    listener.sweep(now + VIEWER_HEAD_TIMEOUT_S - 1)
    wire.send(b"TP/1.1\r\n")
    await until(lambda: connection._rest.endswith(b"\n"))
    listener.sweep(now + VIEWER_HEAD_TIMEOUT_S + 1)
    assert (await wire.reply()).body == b"TIMED_OUT"
    assert await wire.rest() == b""


async def test_a_viewer_who_says_nothing(front: Front, listener: Http1Listener, wire: Wire, until: Until) -> None:
    """He is left without an answer."""
    await until(lambda: len(listener.connections) == 1)
    listener.sweep(listener.now + VIEWER_HEAD_TIMEOUT_S + 1)
    assert await wire.rest() == b""
    assert front.refused == []


async def test_an_idle_connection(front: Front, listener: Http1Listener, wire: Wire) -> None:
    """It is kept for the quota's time after an answer, and then closed."""
    wire.send(GET)
    await wire.reply()
    now = listener.now
    listener.sweep(now + VIEWER_KEEPALIVE_IDLE_S - 1)
    wire.send(GET)
    assert (await wire.reply()).status == 200
    listener.sweep(now + VIEWER_KEEPALIVE_IDLE_S + 1)
    wire.send(GET)
    assert (await wire.reply()).status == 200
    listener.sweep(now + 2 * VIEWER_KEEPALIVE_IDLE_S + 2)
    assert await wire.rest() == b""


async def test_a_body_that_does_not_come(front: Front, listener: Http1Listener, wire: Wire, until: Until) -> None:
    """The request is refused when nothing has come for too long."""
    front.echo()
    wire.send(POST + b"Content-Length: 5\r\n\r\nab")
    await until(lambda: bool(front.requests))
    listener.sweep(listener.now + VIEWER_HEAD_TIMEOUT_S + 1)
    assert (await wire.reply()).body == b"TIMED_OUT"
    assert await wire.rest() == b""


async def test_an_answer_may_take_its_time(front: Front, listener: Http1Listener, wire: Wire, until: Until) -> None:
    """The clock is for viewers, not for origins."""
    gate = asyncio.Event()

    async def answer(request: Request, viewer: Viewer) -> Served:
        await gate.wait()
        return front.served(request, viewer)  # type: ignore[no-any-return]

    front.later(answer)
    wire.send(GET)
    await until(lambda: bool(front.requests))
    listener.sweep(listener.now + 10_000)
    gate.set()
    assert (await wire.reply()).status == 200


# The same requests, whatever the network does to the bytes.


class _Transport(asyncio.Transport):
    """Takes what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("127.0.0.1", 1) if name == "peername" else default

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = True

    def write_eof(self) -> None:
        pass

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


class _Listener:
    def __init__(self, front: Front) -> None:
        self.front = front
        self.connections: set[Http1Connection] = set()
        self.closing = False
        self.now = 0.0

    def left(self, connection: Http1Connection) -> None:
        pass


_token = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJ-_0123456789!#$%&'*+.^`|~", min_size=1, max_size=12)
_value = st.text(st.characters(min_codepoint=33, max_codepoint=255, exclude_characters="\x7f"), max_size=20).filter(
    lambda value: not any(0x7F <= ord(character) < 0xA1 for character in value)
)
_path = st.text("abcXYZ019-._~!$&'()*+,;=:@/%?", max_size=20)


@st.composite
def _requests(draw: st.DrawFn) -> tuple[bytes, tuple[str, str, tuple[tuple[str, str], ...], bytes]]:
    method = draw(st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]))
    target = "/" + draw(_path)
    taken = {"host", "content-length", "transfer-encoding", "connection", "upgrade", "expect"}
    lines = [("Host", "x"), *draw(st.lists(st.tuples(_token.filter(lambda n: n.lower() not in taken), _value)))]
    body = draw(st.binary(max_size=30))
    kind = draw(st.sampled_from(["none", "length", "chunked"]))
    wire_body = b""
    if kind == "none":
        body = b""
    elif kind == "length":
        lines.append(("Content-Length", str(len(body))))
        wire_body = body
    else:
        lines.append(("Transfer-Encoding", "chunked"))
        cut = draw(st.integers(0, len(body)))
        chunks = [chunk for chunk in (body[:cut], body[cut:]) if chunk]
        wire_body = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    head = f"{method} {target} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines) + "\r\n"
    return head.encode("iso-8859-1") + wire_body, (method, target, tuple(lines), body)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(requests=st.lists(_requests(), min_size=1, max_size=4), cuts=st.lists(st.integers(0, 600), max_size=20))
def test_cuts_do_not_matter(front: Front, everything: Everything, requests: list[Any], cuts: list[int]) -> None:
    """A stream of valid requests is the same requests wherever it is cut."""
    seen: list[Any] = []

    async def answer(request: Request, viewer: Viewer) -> Served:
        body = await everything(request.body)
        seen.append((request.method, request.target, request.headers.lines, body))
        return front.served(request, viewer)  # type: ignore[no-any-return]

    front.later(answer)
    wire = b"".join(data for data, _ in requests)
    bounds = [0, *sorted(min(cut, len(wire)) for cut in cuts), len(wire)]

    async def run() -> None:
        connection = Http1Connection(_Listener(front), asyncio.get_running_loop())
        connection.connection_made(_Transport())
        for start, end in pairwise(bounds):
            if start < end:
                connection.data_received(wire[start:end])
                await asyncio.sleep(0)
        for _ in range(100):
            await asyncio.sleep(0)
        connection.connection_lost(None)
        await asyncio.sleep(0)

    asyncio.run(run())
    assert front.refused == []
    assert seen == [expected for _, expected in requests]
