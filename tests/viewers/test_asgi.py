"""The ASGI application: called as a server would call it, and run by one."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from hypercorn.asyncio import serve
from hypercorn.config import Config
from wsproto.connection import Connection, ConnectionType
from wsproto.events import CloseConnection

from edge.model.body import BodyBroken, Tunnel
from edge.model.headers import Headers
from edge.model.malformed import Malformed
from edge.model.request import Request
from edge.model.served import Served
from edge.model.viewer import Tls, Viewer
from edge.viewers.asgi import Application, viewer_of

Front = Any  # FakeFront of conftest.py
Until = Callable[[Callable[[], bool]], Awaitable[None]]
Settle = Callable[[Callable[[], object]], Awaitable[None]]
Everything = Callable[[object], Awaitable[bytes]]
Message = dict[str, Any]


def scope(method: str = "GET", target: str = "/", *fields: tuple[bytes, bytes], **changes: Any) -> dict[str, Any]:
    path, _, query = target.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"x"), *fields],
        "client": ("192.0.2.1", 40_000),
        "server": ("192.0.2.2", 80),
        **changes,
    }


class Server:
    """The server's side of one call. What it has to say is put into `incoming`; what it hears is in `heard`."""

    def __init__(self, front: Front, scope: dict[str, Any], *incoming: Message) -> None:
        self.incoming: asyncio.Queue[Message] = asyncio.Queue()
        for message in incoming:
            self.incoming.put_nowait(message)
        self.heard: list[Message] = []
        self.asked = 0
        self.takes = asyncio.Event()
        self.takes.set()
        self.call = asyncio.ensure_future(Application(front)(scope, self.receive, self.send))

    async def receive(self) -> Message:
        self.asked += 1
        return await self.incoming.get()

    async def send(self, message: Any) -> None:
        await self.takes.wait()
        self.heard.append(message)

    @property
    def status(self) -> int:
        return int(self.heard[0]["status"])

    @property
    def fields(self) -> list[tuple[bytes, bytes]]:
        return list(self.heard[0]["headers"])

    @property
    def body(self) -> bytes:
        return b"".join(message["body"] for message in self.heard[1:])

    @property
    def complete(self) -> bool:
        return bool(self.heard) and self.heard[-1].get("more_body") is False


def piece(body: bytes, *, more: bool = False) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


END = piece(b"")
LEFT: Message = {"type": "http.disconnect"}


# Requests and answers.


async def test_a_request_and_its_answer(front: Front) -> None:
    """The front sees what was sent, and from where."""
    server = Server(front, scope("GET", "/a%20b?c=d", (b"x-one", b"1")), END)
    await server.call
    assert front.requests == [Request("GET", "/a%20b", "c=d", Headers((("host", "x"), ("x-one", "1"))))]
    assert front.viewers == [Viewer("192.0.2.1", 40_000, "http", "1.1")]
    assert server.heard == [
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-length", b"14"), (b"x-cache", b"Miss")],
        },
        {"type": "http.response.body", "body": b"GET /a%20b?c=d", "more_body": False},
    ]
    assert front.log == [(200, 14, True)]


async def test_a_path_that_only_came_decoded(front: Front) -> None:
    """It is encoded again, as far as it has to be."""
    server = Server(front, scope(path="/a b/\u00fc;c", raw_path=None), END)
    await server.call
    assert front.requests[0].path == "/a%20b/%C3%BC;c"


async def test_head(front: Front) -> None:
    """Has the length and not the body."""
    front.always(body=b"abc")
    server = Server(front, scope("HEAD"), END)
    await server.call
    assert server.fields == [(b"content-length", b"3"), (b"x-cache", b"Miss")]
    assert (server.body, server.complete) == (b"", True)
    assert front.log == [(200, 0, True)]


async def test_a_body_is_sent_as_it_comes(front: Front, until: Until) -> None:
    """And no faster than the server takes it."""
    gate = asyncio.Event()
    body = front.pieces(b"one", gate, b"two")
    front.always(body=body)
    server = Server(front, scope(), END)
    await until(lambda: server.body == b"one")
    server.takes.clear()
    gate.set()
    await until(lambda: body.given == 2)
    assert server.body == b"one"
    server.takes.set()
    await server.call
    assert (server.body, server.complete) == (b"onetwo", True)
    assert front.log == [(200, 6, True)]


async def test_a_body_that_breaks_off(front: Front) -> None:
    """The last message is never sent."""
    front.always(body=front.pieces(b"abc", BodyBroken("the origin left")))
    server = Server(front, scope(), END)
    await server.call
    assert (server.body, server.complete) == (b"abc", False)
    assert front.log == [(200, 3, False)]


@pytest.mark.parametrize(
    ("request_scope", "malformed"),
    [
        (scope("BREW"), Malformed.BAD_METHOD),
        (scope(raw_path=b"*"), Malformed.BAD_TARGET),
        (scope(headers=[]), Malformed.NO_HOST),
        (scope("POST", "/", (b"transfer-encoding", b"gzip")), Malformed.BAD_TRANSFER_CODING),
    ],
)
async def test_what_is_no_fit_request(front: Front, request_scope: dict[str, Any], malformed: Malformed) -> None:
    """Gets the front's refusal."""
    server = Server(front, request_scope, END)
    await server.call
    assert (server.status, server.body, server.complete) == (400, malformed.name.encode(), True)
    assert front.refused == [malformed]
    assert front.requests == []


async def test_an_error_of_ours_is_the_servers_to_report(front: Front) -> None:
    """It is raised."""

    def fail(request: Request, viewer: Viewer) -> Served:
        raise LookupError("a bug")

    front.answer = fail
    with pytest.raises(LookupError):
        await Server(front, scope(), END).call


# Uploads.


@pytest.mark.parametrize("fields", [((b"content-length", b"6"),), ((b"transfer-encoding", b"chunked"),), ()])
async def test_an_upload(front: Front, fields: tuple[tuple[bytes, bytes], ...]) -> None:
    """With its length where it was announced; without any framing where HTTP/2 needs none."""
    front.echo()
    server = Server(front, scope("POST", "/", *fields), piece(b"abc", more=True), piece(b"def"))
    await server.call
    assert server.body == b"abcdef"
    assert front.requests[0].body.length == (6 if fields[:1] == ((b"content-length", b"6"),) else None)


async def test_no_upload(front: Front) -> None:
    """A request without a body has none, whatever its method."""
    await Server(front, scope("POST", "/"), END).call
    await Server(front, scope("POST", "/", (b"content-length", b"0")), END).call
    assert [request.body for request in front.requests] == [b"", b""]


async def test_an_upload_that_nobody_reads_is_left_with_the_server(front: Front, settle: Settle) -> None:
    """But for a bounded number of bytes."""
    gate = asyncio.Event()

    async def answer(request: Request, viewer: Viewer) -> Served:
        await gate.wait()
        size = sum([len(piece) async for piece in request.body])  # type: ignore[union-attr]
        return front.served(request, viewer, body=b"%d" % size)  # type: ignore[no-any-return]

    front.later(answer)
    pieces = [piece(bytes(16_384), more=True) for _ in range(100)]
    server = Server(front, scope("POST", "/"), *pieces, END)
    await settle(lambda: server.asked)
    assert server.asked == 5
    gate.set()
    await server.call
    assert server.body == b"1638400"


async def test_a_viewer_who_waits_for_100_continue(front: Front, until: Until, settle: Settle) -> None:
    """The server is asked for the body when somebody reads it: that is what makes it send 100."""
    gate = asyncio.Event()

    async def answer(request: Request, viewer: Viewer) -> Served:
        await gate.wait()
        return front.served(request, viewer, body=await anext(aiter(request.body)))  # type: ignore[no-any-return, arg-type]

    front.later(answer)
    server = Server(front, scope("POST", "/", (b"content-length", b"3"), (b"expect", b"100-continue")), piece(b"abc"))
    await until(lambda: bool(front.requests))
    await settle(lambda: server.asked)
    assert server.asked == 0
    gate.set()
    await server.call
    assert server.body == b"abc"


async def test_a_viewer_who_leaves_in_the_middle_of_an_upload(front: Front) -> None:
    """Cancels the request."""
    ended = asyncio.Event()

    async def answer(request: Request, viewer: Viewer) -> Served:
        try:
            async for _ in request.body:  # type: ignore[union-attr]
                pass
        finally:
            ended.set()
        raise AssertionError

    front.later(answer)
    server = Server(front, scope("POST", "/", (b"content-length", b"6")), piece(b"abc", more=True), LEFT)
    await asyncio.gather(server.call, return_exceptions=True)
    assert ended.is_set()
    assert front.log == []


# Viewers who leave.


async def test_a_viewer_who_leaves_cancels_the_request(front: Front, until: Until) -> None:
    """Before there is an answer."""
    cancelled = asyncio.Event()

    async def answer(request: Request, viewer: Viewer) -> Served:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        raise AssertionError

    front.later(answer)
    server = Server(front, scope(), END)
    await until(lambda: bool(front.requests))
    server.incoming.put_nowait(LEFT)
    await server.call
    assert cancelled.is_set()
    assert (server.heard, front.log) == ([], [])


@pytest.mark.parametrize("by_server", [False, True], ids=["the viewer leaves", "the server cancels"])
async def test_an_answer_that_nobody_takes_any_more(front: Front, until: Until, by_server: bool) -> None:
    """Its body is closed, and the front told how much went out."""
    body = front.pieces(b"abc", asyncio.Event())
    front.always(body=body)
    server = Server(front, scope(), END)
    await until(lambda: server.body == b"abc")
    if by_server:
        server.call.cancel()
    else:
        server.incoming.put_nowait(LEFT)
    await asyncio.gather(server.call, return_exceptions=True)
    assert front.log == [(200, 3, False)]
    assert body.closed
    assert body.finalized


# Scopes.


@pytest.mark.parametrize(
    ("changes", "viewer"),
    [
        ({"http_version": "1.0"}, Viewer("192.0.2.1", 40_000, "http", "1.0")),
        ({"http_version": "2", "scheme": "https"}, Viewer("192.0.2.1", 40_000, "https", "2.0")),
        ({"http_version": "3", "scheme": "https"}, Viewer("192.0.2.1", 40_000, "https", "3.0")),
        ({"scheme": "wss"}, Viewer("192.0.2.1", 40_000, "https")),
        ({"client": None}, Viewer("")),
        (
            {"scheme": "https", "extensions": {"tls": {"tls_version": 0x0304, "cipher_suite": 0x1302}}},
            Viewer("192.0.2.1", 40_000, "https", tls=Tls("TLSv1.3", "TLS_AES_256_GCM_SHA384")),
        ),
        (
            {"scheme": "https", "extensions": {"tls": {"tls_version": 0x0303, "cipher_suite": 0xC02B}}},
            Viewer("192.0.2.1", 40_000, "https", tls=Tls("TLSv1.2", "ECDHE-ECDSA-AES128-GCM-SHA256")),
        ),
        (
            {"scheme": "https", "extensions": {"tls": {"tls_version": 0x0304, "cipher_suite": None}}},
            Viewer("192.0.2.1", 40_000, "https", tls=Tls("TLSv1.3", "")),
        ),
        ({"scheme": "https", "extensions": {"tls": {"tls_version": None}}}, Viewer("192.0.2.1", 40_000, "https")),
    ],
)
def test_the_viewer(front: Front, changes: dict[str, Any], viewer: Viewer) -> None:
    """Scheme, protocol, and the TLS session where the server tells it."""
    assert viewer_of(scope(**changes), front.location) == viewer


async def test_lifespan(front: Front) -> None:
    """There is nothing to start or to stop."""
    server = Server(front, {"type": "lifespan"}, {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})
    await server.call
    assert [message["type"] for message in server.heard] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


async def test_a_scope_of_another_type(front: Front) -> None:
    """Servers take the error for "not supported"."""
    with pytest.raises(ValueError, match="'telnet'"):
        await Server(front, {"type": "telnet"}).call


# With a real server.


@pytest.fixture
async def url(front: Front) -> AsyncIterator[str]:
    """The application on a port of hypercorn."""
    listening = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    config = Config()
    config.bind = [f"fd://{listening.detach()}"]
    config.accesslog = config.errorlog = None
    config.include_server_header = config.include_date_header = False
    config.graceful_timeout = 1
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(Application(front), config, shutdown_trigger=stop.wait))
    yield address
    stop.set()
    await serving


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as client:
        yield client


async def test_hypercorn_serves_it(front: Front, url: str, client: aiohttp.ClientSession) -> None:
    """Request after request."""
    front.always(200, ("X-One", "1"), body=b"abc")
    for _ in range(3):
        async with client.get(f"{url}/a?b") as response:
            assert (response.status, await response.read()) == (200, b"abc")
            assert response.headers["x-one"] == "1"
            assert response.headers["x-cache"] == "Miss"
    assert front.log == [(200, 3, True)] * 3
    assert front.viewers[0].ip == "127.0.0.1"


async def test_hypercorn_streams_both_ways(front: Front, url: str, client: aiohttp.ClientSession) -> None:
    """A large body goes through and comes back."""

    async def answer(request: Request, viewer: Viewer) -> Served:
        return front.served(request, viewer, body=request.body)  # type: ignore[no-any-return]

    async def upload() -> AsyncIterator[bytes]:
        for number in range(64):
            yield bytes([number]) * 16_384

    front.later(answer)
    async with client.post(url, data=upload()) as response:
        assert await response.read() == b"".join([part async for part in upload()])


async def test_hypercorn_cuts_off_a_body_that_breaks_off(front: Front, url: str, client: aiohttp.ClientSession) -> None:
    """So that the viewer notices."""
    front.always(body=front.pieces(b"abc", BodyBroken("the origin left")))
    async with client.get(url) as response:
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()


async def test_hypercorn_speaks_websocket(front: Front, url: str, client: aiohttp.ClientSession) -> None:
    """A message goes to the origin, and comes back."""
    origin = EchoingOrigin()
    front.always(101, ("Upgrade", "websocket"), ("Sec-WebSocket-Protocol", "chat"), body=origin)
    async with client.ws_connect(f"{url}/live?a", protocols=("chat", "other"), compress=15) as websocket:
        await websocket.send_str("hello")
        assert await websocket.receive_str() == "hello"
        await websocket.send_bytes(bytes(100_000))
        assert await websocket.receive_bytes() == bytes(100_000)
        assert websocket.protocol == "chat"
    request = front.requests[0]
    assert (request.method, request.target) == ("GET", "/live?a")
    assert request.headers.get("sec-websocket-protocol") == "chat,other"
    assert request.headers.get("sec-websocket-extensions") is None


async def test_hypercorn_answers_a_handshake_that_is_refused(
    front: Front, url: str, client: aiohttp.ClientSession
) -> None:
    """With the edge's answer."""
    front.always(403, ("X-One", "1"), body=b"no")
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await client.ws_connect(url)
    assert refused.value.status == 403
    assert refused.value.headers is not None
    assert refused.value.headers["x-one"] == "1"
    assert front.log == [(403, 2, True)]


class EchoingOrigin(Tunnel):
    """A tunnel to an origin that sends each message back."""

    def __init__(self) -> None:
        self._frames = Connection(ConnectionType.SERVER)
        self._outgoing: asyncio.Queue[bytes] = asyncio.Queue()

    async def read(self) -> bytes:
        return await self._outgoing.get()

    async def write(self, data: bytes) -> None:
        self._frames.receive_data(data)
        for event in self._frames.events():
            answer = event.response() if isinstance(event, CloseConnection) else event
            self._outgoing.put_nowait(self._frames.send(answer))

    def close(self) -> None:
        self._outgoing.put_nowait(b"")
