"""Viewers over TLS, with clients of HTTP/1.1, HTTP/2 and HTTP/3 over real sockets."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from aioquic.asyncio.client import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3_ALPN, ErrorCode, H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ConnectionTerminated, QuicEvent, StreamReset
from h2 import events
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes

from edge.model.body import BodyBroken, Tunnel
from edge.model.headers import Headers
from edge.model.malformed import Malformed
from edge.model.quotas import VIEWER_HEAD_TIMEOUT_S, VIEWER_KEEPALIVE_IDLE_S, VIEWER_SEND_TIMEOUT_S
from edge.model.request import Request
from edge.model.served import Served
from edge.model.viewer import Location, Tls, Viewer
from edge.viewers.http2 import Http2Connection
from edge.viewers.http3 import Http3Connection
from edge.viewers.listener import Http1Listener
from edge.viewers.local_certificate import Certificate
from edge.viewers.quic_windows import UPLOAD_WINDOW_BYTES
from edge.viewers.tls import TlsListener, local_certificate

Front = Any  # FakeFront of conftest.py
Until = Callable[[Callable[[], bool]], Awaitable[None]]
Settle = Callable[[Callable[[], object]], Awaitable[None]]
Everything = Callable[[object], Awaitable[bytes]]


@dataclass
class Reply:
    """One answer as it arrives. `broken` is the code of a reset, None without one."""

    status: int = 0
    fields: list[tuple[bytes, bytes]] = field(default_factory=list)
    interim: list[int] = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)
    broken: int | None = None
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def head(self, fields: list[tuple[bytes, bytes]]) -> None:
        (_, status), *rest = fields
        if status.startswith(b"1"):
            self.interim.append(int(status))
        else:
            self.status, self.fields = int(status), rest

    def get(self, name: bytes) -> bytes | None:
        return dict(self.fields).get(name)

    async def arrival(self) -> Reply:
        async with asyncio.timeout(10):
            await self.over.wait()
        return self

    def end(self, broken: int | None = None) -> None:
        if not self.over.is_set():
            self.broken = broken
            self.over.set()


class Client2(asyncio.Protocol):
    """A client of HTTP/2. With `greedy` False it takes no more than the first window of each answer."""

    window = 65_535
    transport: asyncio.Transport

    def __init__(self) -> None:
        self.h2 = H2Connection(H2Configuration(client_side=True, header_encoding=None))
        self.replies: defaultdict[int, Reply] = defaultdict(Reply)
        self.greedy = True
        self.goaway = False
        self.closed = asyncio.Event()
        self.pong = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        self.h2.initiate_connection()
        self.flush()

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set()
        for reply in self.replies.values():
            reply.end(-1)

    def flush(self) -> None:
        self.transport.write(self.h2.data_to_send())

    def data_received(self, data: bytes) -> None:
        for event in self.h2.receive_data(data):
            match event:
                case events.InformationalResponseReceived() | events.ResponseReceived():
                    self.replies[event.stream_id].head(list(event.headers))
                case events.DataReceived():
                    self.replies[event.stream_id].body += event.data
                    if self.greedy:
                        self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                case events.StreamEnded():
                    self.replies[event.stream_id].end()
                case events.StreamReset(stream_id=stream_id, error_code=code):
                    self.replies[stream_id].end(int(code))
                case events.ConnectionTerminated():
                    self.goaway = True
                case events.PingAckReceived():
                    self.pong.set()
        self.flush()

    def begin(self, method: bytes, path: bytes, *fields: tuple[bytes, bytes], last: bool = True) -> int:
        stream_id = self.h2.get_next_available_stream_id()
        pseudo = ((b":method", method), (b":scheme", b"https"), (b":authority", b"localhost"), (b":path", path))
        self.h2.send_headers(stream_id, [*pseudo, *fields], end_stream=last)
        self.flush()
        return stream_id

    def send(self, stream_id: int, data: bytes, *, last: bool = False) -> None:
        self.h2.send_data(stream_id, data, end_stream=last)
        self.flush()

    async def ping(self) -> None:
        """Wait for the answer too."""
        self.h2.ping(b"are you?")
        self.flush()
        await self.pong.wait()

    def room(self, stream_id: int) -> int:
        """The number of bytes that the other side lets us send."""
        return self.h2.local_flow_control_window(stream_id)

    def reset(self, stream_id: int) -> None:
        self.h2.reset_stream(stream_id, ErrorCodes.CANCEL)
        self.flush()

    async def close(self) -> None:
        self.transport.close()
        await self.closed.wait()


class Client3(QuicConnectionProtocol):
    """A client of HTTP/3. With `greedy` False it takes no more than the first window of each answer."""

    window = 1_048_576

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.h3 = H3Connection(self._quic)
        self.replies: defaultdict[int, Reply] = defaultdict(Reply)
        self.closed = asyncio.Event()
        self.goaway = False
        self.greedy = True
        self._opens_windows = self._quic._write_stream_limits
        self._quic._write_stream_limits = self._write_stream_limits

    def quic_event_received(self, event: QuicEvent) -> None:
        match event:
            case StreamReset(stream_id=stream_id, error_code=code):
                self.replies[stream_id].end(code)
            case ConnectionTerminated(error_code=code):
                self.goaway = code == ErrorCode.H3_NO_ERROR
                self.closed.set()
                for reply in self.replies.values():
                    reply.end(-1)
        for received in self.h3.handle_event(event):
            match received:
                case HeadersReceived(headers=fields, stream_id=stream_id, stream_ended=ended):
                    self.replies[stream_id].head(fields)
                case DataReceived(data=data, stream_id=stream_id, stream_ended=ended):
                    self.replies[stream_id].body += data
                case _:
                    continue
            if ended:
                self.replies[stream_id].end()

    def _write_stream_limits(self, **arguments: Any) -> None:
        if self.greedy:
            self._opens_windows(**arguments)

    def begin(self, method: bytes, path: bytes, *fields: tuple[bytes, bytes], last: bool = True) -> int:
        stream_id = self._quic.get_next_available_stream_id()
        pseudo = ((b":method", method), (b":scheme", b"https"), (b":authority", b"localhost"), (b":path", path))
        self.h3.send_headers(stream_id, [*pseudo, *fields], end_stream=last)
        self.transmit()
        return stream_id

    def send(self, stream_id: int, data: bytes, *, last: bool = False) -> None:
        self.h3.send_data(stream_id, data, end_stream=last)
        self.transmit()

    def reset(self, stream_id: int) -> None:
        self._quic.reset_stream(stream_id, ErrorCode.H3_REQUEST_CANCELLED)
        self._quic.stop_stream(stream_id, ErrorCode.H3_REQUEST_CANCELLED)
        self.transmit()


Client = Client2 | Client3


async def get(client: Client, path: bytes = b"/a?b", *fields: tuple[bytes, bytes]) -> Reply:
    return await client.replies[client.begin(b"GET", path, *fields)].arrival()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return local_certificate(("www.example.com",), directory=tmp_path_factory.mktemp("certificate"))


@pytest.fixture
async def listener(front: Front, certificate: Certificate) -> AsyncIterator[TlsListener]:
    listener = TlsListener(front, "127.0.0.1", 0, certificate)
    await listener.start()
    yield listener
    await listener.close(grace_s=0)


def trusting(certificate: Certificate, *protocols: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=certificate.authority)
    if protocols:
        context.set_alpn_protocols(protocols)
    return context


@asynccontextmanager
async def over_2(listener: TlsListener, certificate: Certificate) -> AsyncIterator[Client2]:
    _, client = await asyncio.get_running_loop().create_connection(
        Client2, "127.0.0.1", listener.port, ssl=trusting(certificate, "h2"), server_hostname="localhost"
    )
    yield client
    await client.close()


@asynccontextmanager
async def over_3(listener: TlsListener, certificate: Certificate) -> AsyncIterator[Client3]:
    configuration = QuicConfiguration(
        is_client=True, alpn_protocols=H3_ALPN, cafile=str(certificate.authority), server_name="localhost"
    )
    async with connect("127.0.0.1", listener.port, configuration=configuration, create_protocol=Client3) as client:
        yield client  # type: ignore[misc]  # it is a Client3


@pytest.fixture
async def client2(listener: TlsListener, certificate: Certificate) -> AsyncIterator[Client2]:
    async with over_2(listener, certificate) as client:
        yield client


@pytest.fixture(params=[over_2, over_3], ids=["HTTP/2", "HTTP/3"])
async def client(
    listener: TlsListener, certificate: Certificate, request: pytest.FixtureRequest
) -> AsyncIterator[Client]:
    async with request.param(listener, certificate) as client:
        yield client


# Requests and who sends them.


async def test_a_request_and_its_viewer(front: Front, client: Client) -> None:
    """Host is the authority, names are in lower case, and the viewer's protocol and TLS session are known."""
    reply = await get(client, b"/a?b", (b"x-one", b"1"))
    assert (reply.status, bytes(reply.body)) == (200, b"GET /a?b")
    assert front.requests == [Request("GET", "/a", "b", Headers((("host", "localhost"), ("x-one", "1"))))]
    (viewer,) = front.viewers
    version = "2.0" if isinstance(client, Client2) else "3.0"
    assert viewer == Viewer("127.0.0.1", viewer.port, "https", version, viewer.tls)
    assert (viewer.tls.fingerprints is not None) is (version == "2.0")  # aioquic does not show the ClientHello
    assert viewer.port > 0
    assert viewer.tls.protocol == "TLSv1.3"
    assert viewer.tls.cipher in ("TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256")
    assert front.log == [(200, 8, True)]


async def test_http_1_1(front: Front, listener: TlsListener, certificate: Certificate) -> None:
    """A client without ALPN gets it, with the answers of the listener on plain TCP."""
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", listener.port, ssl=trusting(certificate), server_hostname="localhost"
    )
    request = b"GET /a HTTP/1.1\r\nHost: localhost\r\n"
    writer.write(request + b"\r\n" + request + b"Connection: close\r\n\r\n")
    said = await reader.read()
    writer.close()
    assert said.count(b"HTTP/1.1 200 OK\r\n") == 2
    ip, port = "127.0.0.1", front.viewers[0].port
    seen = front.viewers[0].tls
    tls = Tls("TLSv1.3", seen.cipher, "localhost", fingerprints=seen.fingerprints)
    later = replace(tls, handshake="connectionReused")
    assert front.viewers == [Viewer(ip, port, "https", "1.1", one) for one in (tls, later)]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_session_is_resumed(
    front: Front, listener: TlsListener, certificate: Certificate, version: ssl.TLSVersion
) -> None:
    """By a client who has kept it, and the edge says so of the first request on the new connection."""
    context = trusting(certificate)
    context.maximum_version = version

    def visit(session: ssl.SSLSession | None) -> ssl.SSLSession | None:
        with (
            socket.create_connection(("127.0.0.1", listener.port)) as plain,
            context.wrap_socket(plain, server_hostname="localhost", session=session) as secure,
        ):
            secure.sendall(b"GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            while secure.recv(65_536):
                pass
            return secure.session

    await asyncio.to_thread(visit, await asyncio.to_thread(visit, None))
    assert [viewer.tls.handshake for viewer in front.viewers] == ["fullHandshake", "sessionResumed"]


async def test_tls_1_2(front: Front, listener: TlsListener, certificate: Certificate) -> None:
    """It is spoken too; what is older is not."""
    context = trusting(certificate)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port, ssl=context, server_hostname="localhost")
    writer.write(b"GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert (await reader.read()).startswith(b"HTTP/1.1 200 OK\r\n")
    writer.close()
    tls = front.viewers[0].tls
    assert (tls.protocol, tls.cipher, tls.server_name) == ("TLSv1.2", "ECDHE-ECDSA-AES256-GCM-SHA384", "localhost")
    assert tls.fingerprints.ja4.startswith("t12d")
    assert listener.tls is not None
    assert listener.tls.minimum_version is ssl.TLSVersion.TLSv1_2


async def test_a_malformed_request_over_http_1_1_is_answered(
    front: Front, listener: TlsListener, certificate: Certificate
) -> None:
    """And the connection closed, which under TLS cannot be done by halves."""
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", listener.port, ssl=trusting(certificate), server_hostname="localhost"
    )
    writer.write(b"GET /a HTTP/1.1\r\n\r\n")
    head = await reader.readuntil(b"\r\n\r\n")
    assert b"\r\nConnection: close\r\n" in head
    writer.close()
    assert front.refused == [Malformed.NO_HOST]


async def test_where_viewers_are(front: Front, client: Client) -> None:
    """Each connection is where the front says that viewers are."""
    assert (await get(client)).status == 200
    assert front.viewers[0].location == front.location


async def test_the_location_may_change(front: Front, listener: TlsListener, certificate: Certificate) -> None:
    """It is asked for when a viewer connects."""
    front.location = Location("DE")
    async with over_2(listener, certificate) as client:
        await get(client)
    assert front.viewers[0].location == Location("DE")


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "www.example.com"])
async def test_the_certificate_is_for_every_name_in_use(
    listener: TlsListener, certificate: Certificate, name: str
) -> None:
    """Of this machine, and of the distribution."""
    context = trusting(certificate)
    _, writer = await asyncio.open_connection("127.0.0.1", listener.port, ssl=context, server_hostname=name)
    writer.close()


async def test_other_names_are_not_vouched_for(listener: TlsListener, certificate: Certificate) -> None:
    """The handshake fails at the client."""
    context = trusting(certificate)
    with pytest.raises(ssl.SSLCertVerificationError):
        await asyncio.open_connection("127.0.0.1", listener.port, ssl=context, server_hostname="example.org")


# Answers.


async def test_many_requests_on_one_connection(front: Front, client: Client) -> None:
    """None waits for another."""
    gate = asyncio.Event()

    async def answer(request: Request, viewer: Viewer) -> Served:
        if request.path == "/slow":
            await gate.wait()
        return front.served(request, viewer, body=request.path.encode())  # type: ignore[no-any-return]

    front.later(answer)
    slow = client.replies[client.begin(b"GET", b"/slow")]
    assert [bytes((await get(client, b"/%d" % number)).body) for number in range(20)] == [
        b"/%d" % number for number in range(20)
    ]
    assert not slow.over.is_set()
    gate.set()
    await slow.arrival()
    assert slow.body == b"/slow"
    assert len({viewer.port for viewer in front.viewers}) == 1


@pytest.mark.parametrize("status", [200, 204, 304, 404])
@pytest.mark.parametrize("method", [b"GET", b"HEAD"])
async def test_no_body_where_none_belongs(front: Front, client2: Client2, method: bytes, status: int) -> None:
    """After HEAD, 204 and 304; the length that a body would have is said all the same."""
    front.always(status, ("Content-Length", "3"), body=b"abc" if status in (200, 404) else b"")
    reply = client2.replies[client2.begin(method, b"/")]
    await reply.arrival()
    sent = b"abc" if method == b"GET" and status in (200, 404) else b""
    assert (reply.status, bytes(reply.body), reply.broken) == (status, sent, None)
    assert reply.get(b"content-length") == (None if status == 204 else b"3")
    assert front.log == [(status, len(sent), True)]


async def test_ids_do_not_push_what_repeats_out_of_the_viewers_table(front: Front, client2: Client2) -> None:
    """HPACK, section 6.2.3: what is never the same again is not remembered by either side."""
    front.always(200, ("X-Amz-Cf-Id", "abc"), ("Age", "1"), ("X-Kind", "page"), body=b"a")
    reply = await get(client2, b"/")
    assert dict(reply.fields)[b"x-amz-cf-id"] == b"abc"
    remembered = {name for name, _ in client2.h2.decoder.header_table.dynamic_entries}
    assert b"x-kind" in remembered
    assert not {b"x-amz-cf-id", b"age"} & remembered


async def test_fields_of_an_answer(front: Front, client: Client) -> None:
    """In the origin's order, repeated ones kept; framing and what belongs to a connection stay behind."""
    front.always(
        200,
        ("Set-Cookie", "a=1"),
        ("Connection", "keep-alive"),
        ("Keep-Alive", "timeout=5"),
        ("Transfer-Encoding", "chunked"),
        ("Set-Cookie", "b=2"),
        ("X-Name", "J\xfcrgen"),
        body=b"abc",
    )
    reply = await get(client)
    assert reply.fields == [
        (b"set-cookie", b"a=1"),
        (b"set-cookie", b"b=2"),
        (b"x-name", b"J\xfcrgen"),
        (b"content-length", b"3"),
        (b"x-cache", b"Miss"),
    ]


async def test_a_body_is_sent_as_it_comes(front: Front, client: Client, until: Until) -> None:
    """The first piece arrives before the second is there."""
    gate = asyncio.Event()
    body = front.pieces(b"one", gate, b"two")
    front.always(body=body)
    reply = client.replies[client.begin(b"GET", b"/")]
    await until(lambda: reply.body == b"one")
    assert not reply.over.is_set()
    gate.set()
    await reply.arrival()
    assert (bytes(reply.body), reply.broken, reply.get(b"content-length")) == (b"onetwo", None, None)
    assert body.closed
    assert front.log == [(200, 6, True)]


@pytest.mark.parametrize("as_bytes", [True, False])
async def test_a_large_download(front: Front, client: Client, as_bytes: bool) -> None:
    """Larger than every window and every buffer."""
    size = 3_000_000
    piece = bytes(range(256)) * 1_000
    whole = (piece * 12)[:size]
    pieces = [whole[at : at + len(piece)] for at in range(0, size, len(piece))]
    front.always(body=whole if as_bytes else front.pieces(*pieces, length=size))
    reply = await get(client)
    assert reply.get(b"content-length") == b"3000000"
    assert bytes(reply.body) == whole
    assert front.log == [(200, size, True)]


async def test_a_slow_viewer_holds_the_origin_back(front: Front, client2: Client2, settle: Settle) -> None:
    """Not the other streams: their answers come through."""
    client2.greedy = False
    body = front.pieces(*[bytes(16_384)] * 1_000)
    answers = {"/big": body, "/small": b"small"}
    front.answer = lambda request, viewer: front.served(request, viewer, body=answers[request.path])
    client2.h2.increment_flow_control_window(1_000_000)
    reply = client2.replies[client2.begin(b"GET", b"/big")]
    await settle(lambda: body.given)
    assert body.given < 20
    assert len(reply.body) == 65_535
    small = await get(client2, b"/small")
    assert small.body == b"small"


async def test_a_viewer_of_http_3_who_takes_nothing_holds_the_origin_back(
    front: Front, listener: TlsListener, certificate: Certificate, settle: Settle
) -> None:
    """Within a bound, for QUIC's windows are larger."""
    body = front.pieces(*[bytes(65_536)] * 1_000)
    front.always(body=body)
    async with over_3(listener, certificate) as client:
        client._quic._configuration.max_stream_data = 1
        client.datagram_received = lambda data, addr: None  # type: ignore[method-assign]
        client.begin(b"GET", b"/")
        await settle(lambda: body.given)
        assert 0 < body.given < 20


@pytest.mark.parametrize("length", [None, 6])
async def test_a_body_that_breaks_off_resets_the_stream(front: Front, client: Client, length: int | None) -> None:
    """So that nobody takes it for the whole; the connection goes on."""
    front.always(body=front.pieces(b"abc", BodyBroken("the origin left"), length=length))
    reply = await get(client)
    assert reply.broken == (ErrorCodes.INTERNAL_ERROR if isinstance(client, Client2) else ErrorCode.H3_INTERNAL_ERROR)
    assert front.log == [(200, 3, False)]
    front.always(body=b"next")
    assert (await get(client)).body == b"next"


@pytest.mark.parametrize("pieces", [(b"abc",), (b"abc", b"defg")])
async def test_a_body_of_another_length_than_announced(front: Front, client: Client, pieces: tuple[bytes, ...]) -> None:
    """Shorter or longer, it is broken off."""
    front.always(body=front.pieces(*pieces, length=6))
    assert (await get(client)).broken is not None
    assert front.log == [(200, 3, False)]


async def test_an_error_of_ours_resets_the_stream_and_is_reported(front: Front, client: Client) -> None:
    """The connection goes on."""
    reported: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: reported.append(context))

    def fail(request: Request, viewer: Viewer) -> Served:
        raise LookupError("a bug")

    front.answer = fail
    assert (await get(client)).broken is not None
    assert [type(context["exception"]) for context in reported] == [LookupError]
    front.answer = None
    assert (await get(client)).status == 200


async def test_alt_svc_names_the_port(front: Front, listener: TlsListener, client: Client) -> None:
    """Of this listener, where the distribution has HTTP/3 at all."""
    advertised = (("X-Cache", "Miss"), ("Alt-Svc", 'h3=":443"; ma=86400'), ("X-Amz-Cf-Id", "id"))

    def at_once(request: Request, viewer: Viewer) -> Served:
        return front.served(request, viewer)._replace(edge_lines=advertised)  # type: ignore[no-any-return]

    async def later(request: Request, viewer: Viewer) -> Served:
        return at_once(request, viewer)

    for answer in (at_once, later):
        front.answer = answer
        assert (await get(client)).fields[-3:] == [
            (b"x-cache", b"Miss"),
            (b"alt-svc", b'h3=":%d"; ma=86400' % listener.port),
            (b"x-amz-cf-id", b"id"),
        ]
    front.answer = None
    assert (await get(client)).get(b"alt-svc") is None


# What is refused.


@pytest.mark.parametrize(
    ("method", "path", "fields", "malformed"),
    [
        (b"BREW", b"/", (), Malformed.BAD_METHOD),
        (b"get", b"/", (), Malformed.BAD_METHOD),
        (b"GET", b"nowhere", (), Malformed.BAD_TARGET),
        (b"GET", b"/a#b", (), Malformed.BAD_TARGET),
        (b"GET", b"/\xe4", (), Malformed.BAD_TARGET),
        (b"GET", b"/a b", (), Malformed.BAD_TARGET),
    ],
)
async def test_a_malformed_request_is_refused(
    front: Front, client: Client, method: bytes, path: bytes, fields: tuple[Any, ...], malformed: Malformed
) -> None:
    """With the front's answer; the connection goes on."""
    reply = client.replies[client.begin(method, path, *fields)]
    await reply.arrival()
    assert (reply.status, reply.body) == (400, malformed.name.encode())
    assert front.refused == [malformed]
    assert (await get(client)).status == 200


class Deaf(asyncio.Transport):
    """A viewer's transport that nobody reads from."""

    def __init__(self) -> None:
        super().__init__()
        self.unread_bytes = 0
        self.aborted = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.unread_bytes += len(data)

    def get_write_buffer_size(self) -> int:
        return self.unread_bytes

    def is_closing(self) -> bool:
        return self.aborted

    def abort(self) -> None:
        self.aborted = True


async def test_a_viewer_who_asks_and_does_not_read_is_parted_with(
    listener: TlsListener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answers to PING do not pile up in memory."""
    monkeypatch.setattr("edge.viewers.http2._UNREAD_MAX_BYTES", 100_000)
    connection, transport = Http2Connection(listener, asyncio.get_running_loop()), Deaf()
    connection.connection_made(transport)
    client = H2Connection(H2Configuration(client_side=True))
    client.initiate_connection()
    connection.data_received(client.data_to_send())
    for _ in range(1_000):
        client.ping(b"12345678")
    pings = client.data_to_send()
    answered = len(pings)  # as long as what they answer
    while not transport.aborted:
        assert transport.unread_bytes <= 100_000
        connection.data_received(pings)
    assert transport.unread_bytes <= 100_000 + answered
    connection.connection_lost(None)


async def test_bytes_that_are_no_http_2_end_the_connection(front: Front, client2: Client2) -> None:
    """h2 says why."""
    client2.transport.write(b"\0\0\x08\x06\0\0\0\0\x01" + bytes(8))  # a PING on a stream
    await client2.closed.wait()
    assert client2.goaway
    assert front.requests == []


# Uploads.


@pytest.mark.parametrize("length", [None, 6])
async def test_an_upload(front: Front, client: Client, length: int | None) -> None:
    """Its bytes arrive as they were sent, its length where it was announced."""
    front.echo()
    fields = () if length is None else ((b"content-length", b"%d" % length),)
    stream = client.begin(b"POST", b"/", *fields, last=False)
    client.send(stream, b"abc")
    client.send(stream, b"def", last=True)
    reply = client.replies[stream]
    await reply.arrival()
    assert reply.body == b"abcdef"
    assert front.requests[0].body.length == length


async def test_an_upload_is_read_as_it_comes(front: Front, client: Client, until: Until) -> None:
    """And answered as it comes."""

    async def answer(request: Request, viewer: Viewer) -> Served:
        return front.served(request, viewer, body=request.body)  # type: ignore[no-any-return]

    front.later(answer)
    stream = client.begin(b"POST", b"/", (b"content-length", b"6"), last=False)
    client.send(stream, b"abc")
    await until(lambda: client.replies[stream].body == b"abc")
    client.send(stream, b"def", last=True)
    await client.replies[stream].arrival()
    assert client.replies[stream].body == b"abcdef"


async def test_a_large_upload(front: Front, client2: Client2, everything: Everything, until: Until) -> None:
    """The window opens as the bytes are read."""
    front.echo()
    whole = bytes(range(256)) * 4_000
    stream = client2.begin(b"POST", b"/", last=False)
    at = 0
    while at < len(whole):
        await until(lambda: client2.room(stream) > 0)
        part = whole[at : at + min(client2.room(stream), 16_384)]
        at += len(part)
        client2.send(stream, part, last=at == len(whole))
    await client2.replies[stream].arrival()
    assert client2.replies[stream].body == whole


async def test_an_upload_that_nobody_reads_is_held_back(front: Front, client2: Client2, settle: Settle) -> None:
    """On its own stream alone."""
    gate = asyncio.Event()

    async def answer(request: Request, viewer: Viewer) -> Served:
        if request.method == "POST":
            await gate.wait()
        return front.served(request, viewer)  # type: ignore[no-any-return]

    front.later(answer)
    stream = client2.begin(b"POST", b"/", last=False)
    sent, unchanged = 0, 0
    while unchanged < 200:
        room = min(client2.room(stream), 16_384)
        unchanged = 0 if room > 0 else unchanged + 1
        if room > 0:
            client2.send(stream, bytes(room))
            sent += room
        await asyncio.sleep(0)
    assert sent == 262_144
    assert (await get(client2)).status == 200
    gate.set()
    await client2.replies[stream].arrival()


async def test_an_upload_over_http_3_that_nobody_reads_is_held_back(
    front: Front, listener: TlsListener, certificate: Certificate, everything: Everything, settle: Settle
) -> None:
    """A window of it arrives, and the rest when it is read; another upload beside it is not in its way."""
    gate = asyncio.Event()
    size = 1_500_000

    async def answer(request: Request, viewer: Viewer) -> Served:
        if request.path == "/slow":
            await gate.wait()
        return front.served(request, viewer, body=b"%d" % len(await everything(request.body)))  # type: ignore[no-any-return]

    front.later(answer)
    async with over_3(listener, certificate) as client:
        slow = client.begin(b"POST", b"/slow", last=False)
        client.send(slow, bytes(size), last=True)
        (connection,) = listener.connections
        assert isinstance(connection, Http3Connection)
        await settle(lambda: connection._unread_bytes(slow))
        fast = client.begin(b"POST", b"/fast", last=False)
        client.send(fast, bytes(size), last=True)
        assert (await client.replies[fast].arrival()).body == b"%d" % size
        assert 0 < (connection._unread_bytes(slow) or 0) <= UPLOAD_WINDOW_BYTES
        gate.set()
        assert (await client.replies[slow].arrival()).body == b"%d" % size


async def test_a_request_without_a_body(front: Front, client: Client) -> None:
    """Also where its end comes after its head."""
    stream = client.begin(b"POST", b"/", last=False)
    client.send(stream, b"", last=True)
    await client.replies[stream].arrival()
    assert front.requests[0].body == b""


async def test_an_answer_before_the_end_of_the_upload(front: Front, client: Client) -> None:
    """It is complete, and the viewer is asked to stop; the connection goes on."""
    front.always(403, body=b"no")
    stream = client.begin(b"POST", b"/", (b"content-length", b"1000000"), last=False)
    reply = client.replies[stream]
    await reply.arrival()
    assert (reply.status, bytes(reply.body), reply.broken) == (403, b"no", None)
    assert front.log == [(403, 2, True)]
    assert (await get(client)).status == 403


async def test_a_viewer_who_waits_for_100_continue(front: Front, client: Client, until: Until) -> None:
    """Is told to go on when somebody reads, not before."""
    gate = asyncio.Event()

    async def answer(request: Request, viewer: Viewer) -> Served:
        await gate.wait()
        return front.served(request, viewer, body=b"".join([piece async for piece in request.body]))  # type: ignore[no-any-return, union-attr]

    front.later(answer)
    stream = client.begin(b"POST", b"/", (b"content-length", b"3"), (b"expect", b"100-continue"), last=False)
    reply = client.replies[stream]
    await until(lambda: len(front.requests) == 1)
    assert reply.interim == []
    gate.set()
    await until(lambda: reply.interim == [100])
    client.send(stream, b"abc", last=True)
    await reply.arrival()
    assert (reply.status, reply.body) == (200, b"abc")


async def test_trailers_are_ignored(front: Front, client: Client) -> None:
    """They are no part of the body, nor of the header."""
    front.echo()
    stream = client.begin(b"POST", b"/", last=False)
    client.send(stream, b"abc")
    trailers = [(b"x-sum", b"1")]
    if isinstance(client, Client2):
        client.h2.send_headers(stream, trailers, end_stream=True)
        client.flush()
    else:
        client.h3.send_headers(stream, trailers, end_stream=True)
        client.transmit()
    await client.replies[stream].arrival()
    assert client.replies[stream].body == b"abc"
    assert front.requests[0].headers.get("x-sum") is None


async def test_trailers_after_the_answer(
    front: Front, listener: TlsListener, certificate: Certificate, until: Until
) -> None:
    """Sent by a viewer of HTTP/3 who has not seen it yet, they are no new request."""
    front.always(403, body=b"no")
    async with over_3(listener, certificate) as client:
        hear = client.datagram_received
        client.datagram_received = lambda data, addr: None  # type: ignore[method-assign]
        stream = client.begin(b"POST", b"/", last=False)
        client.send(stream, b"abc")
        await until(lambda: bool(front.log))
        client.h3.send_headers(stream, [(b"x-sum", b"1")], end_stream=True)
        client.transmit()
        client.datagram_received = hear  # type: ignore[method-assign]
        assert (await get(client)).status == 403
    assert len(front.requests) == 2
    assert front.refused == []


async def test_a_head_over_the_quota_reaches_the_edge(front: Front, client: Client) -> None:
    """Which answers it; the protocols have larger limits of their own."""
    reply = await get(client, b"/", (b"x-large", b"x" * 40_000))
    assert reply.status == 200
    assert len(front.requests[0].headers.get("x-large")) == 40_000


# WebSocket.


class Echo(Tunnel):
    """A tunnel to an origin that sends everything back."""

    def __init__(self) -> None:
        self._bytes: asyncio.Queue[bytes] = asyncio.Queue()
        self.closed = asyncio.Event()

    async def read(self) -> bytes:
        return await self._bytes.get()

    async def write(self, data: bytes) -> None:
        self._bytes.put_nowait(data)

    def close(self) -> None:
        self.closed.set()


async def test_a_websocket_over_http_1_1(front: Front, listener: TlsListener, certificate: Certificate) -> None:
    """Bytes both ways, as on plain TCP."""
    origin = Echo()
    front.always(101, ("Upgrade", "websocket"), ("Connection", "Upgrade"), body=origin)
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", listener.port, ssl=trusting(certificate, "http/1.1"), server_hostname="localhost"
    )
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
    for _ in range(3):
        writer.write(bytes(100_000))
        assert await reader.readexactly(100_000) == bytes(100_000)
    writer.close()
    await origin.closed.wait()


# Viewers who leave.


async def test_a_reset_cancels_the_request(front: Front, client: Client, until: Until) -> None:
    """And no other."""
    cancelled = asyncio.Event()

    async def answer(request: Request, viewer: Viewer) -> Served:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        raise AssertionError

    front.later(answer)
    stream = client.begin(b"POST", b"/slow", (b"content-length", b"3"), last=False)
    await until(lambda: len(front.requests) == 1)
    client.reset(stream)
    await cancelled.wait()
    assert front.log == []
    front.answer = None
    assert (await get(client)).status == 200


async def test_a_reset_in_the_middle_of_an_answer(front: Front, client: Client, until: Until) -> None:
    """The body is closed, and the front told how much went out."""
    body = front.pieces(b"abc", asyncio.Event())
    front.always(body=body)
    stream = client.begin(b"GET", b"/")
    await until(lambda: client.replies[stream].body == b"abc")
    client.reset(stream)
    await until(lambda: bool(front.log))
    assert front.log == [(200, 3, False)]
    assert body.closed
    assert body.finalized


async def test_a_reset_in_the_middle_of_an_upload(front: Front, client: Client, until: Until) -> None:
    """Whoever reads the body is cancelled with the request."""
    pieces: list[bytes] = []
    ended = asyncio.Event()

    async def answer(request: Request, viewer: Viewer) -> Served:
        try:
            async for piece in request.body:  # type: ignore[union-attr]
                pieces.append(piece)
        finally:
            ended.set()
        return front.served(request, viewer)  # type: ignore[no-any-return]

    front.later(answer)
    stream = client.begin(b"POST", b"/", (b"content-length", b"6"), last=False)
    client.send(stream, b"abc")
    await until(lambda: pieces == [b"abc"])
    client.reset(stream)
    await ended.wait()
    assert front.log == []


async def test_a_viewer_who_opens_no_window_is_parted_with(
    front: Front, listener: TlsListener, client: Client, until: Until
) -> None:
    """After five minutes in which an answer waited for him. That he pings all the time does not help him."""
    client.greedy = False
    body = front.pieces(*[bytes(16_384)] * 1_000)
    front.always(body=body)
    reply = client.replies[client.begin(b"GET", b"/big")]
    await until(lambda: len(reply.body) > client.window - 1_000)  # frames have heads too
    await client.ping()
    begun = listener.now
    listener.sweep(begun + VIEWER_HEAD_TIMEOUT_S + 1)
    await client.ping()
    assert not body.closed
    listener.sweep(begun + VIEWER_SEND_TIMEOUT_S + 1)
    await until(lambda: body.closed)
    assert [complete for _, _, complete in front.log] == [False]


async def test_a_viewer_who_leaves_cancels_all_that_he_asked_for(
    front: Front, listener: TlsListener, certificate: Certificate, until: Until
) -> None:
    """Over HTTP/2 by closing, over HTTP/3 by saying so."""
    running = 0

    async def answer(request: Request, viewer: Viewer) -> Served:
        nonlocal running
        running += 1
        try:
            await asyncio.Event().wait()
        finally:
            running -= 1
        raise AssertionError

    front.later(answer)
    for over in (over_2, over_3):
        async with over(listener, certificate) as client:
            for _ in range(3):
                client.begin(b"GET", b"/")
            await until(lambda: running == 3)
        await until(lambda: running == 0)
    await until(lambda: listener.connections == set())


# Silent viewers.


async def test_an_idle_connection_is_closed(listener: TlsListener, client: Client, until: Until) -> None:
    """With a farewell, and pings or not."""
    await get(client)
    begun = listener.now
    listener.sweep(begun + VIEWER_KEEPALIVE_IDLE_S - 1)
    await client.ping()
    assert listener.connections
    listener.sweep(begun + VIEWER_KEEPALIVE_IDLE_S + 1)
    await client.closed.wait()
    assert client.goaway


async def test_a_body_that_stops_coming(front: Front, listener: TlsListener, client: Client, until: Until) -> None:
    """Its stream is reset; one that waits for the edge is not."""
    gate = asyncio.Event()

    async def answer(request: Request, viewer: Viewer) -> Served:
        if request.path == "/slow":
            await gate.wait()
            return front.served(request, viewer)  # type: ignore[no-any-return]
        async for _ in request.body:  # type: ignore[union-attr]
            pass
        raise AssertionError

    front.later(answer)
    slow = client.replies[client.begin(b"GET", b"/slow")]
    upload = client.replies[client.begin(b"POST", b"/", (b"content-length", b"3"), last=False)]
    await until(lambda: len(front.requests) == 2)
    listener.sweep(listener.now + VIEWER_HEAD_TIMEOUT_S + 1)
    await upload.arrival()
    assert upload.broken is not None
    gate.set()
    await slow.arrival()
    assert slow.status == 200


# Opening and closing.


async def test_closing_lets_answers_come_to_their_end(front: Front, certificate: Certificate, until: Until) -> None:
    """On every protocol; new requests are turned away."""
    listener = TlsListener(front, "127.0.0.1", 0, certificate)
    await listener.start()
    gate = asyncio.Event()

    async def answer(request: Request, viewer: Viewer) -> Served:
        await gate.wait()
        return front.served(request, viewer, body=b"done")  # type: ignore[no-any-return]

    front.later(answer)
    async with over_2(listener, certificate) as second, over_3(listener, certificate) as third:
        replies = [client.replies[client.begin(b"GET", b"/")] for client in (second, third)]
        await until(lambda: len(front.requests) == 2)
        closing = asyncio.create_task(listener.close())
        await until(lambda: listener.closing)
        late = second.replies[second.begin(b"GET", b"/")]
        await late.arrival()
        assert late.broken == ErrorCodes.REFUSED_STREAM
        gate.set()
        for reply in replies:
            await reply.arrival()
            assert reply.body == b"done"
        await closing
        await second.closed.wait()
        assert second.goaway


async def test_closing_cuts_off_what_does_not_end(front: Front, certificate: Certificate, until: Until) -> None:
    """After the time of grace."""
    listener = TlsListener(front, "127.0.0.1", 0, certificate)
    await listener.start()

    async def answer(request: Request, viewer: Viewer) -> Served:
        await asyncio.Event().wait()
        raise AssertionError

    front.later(answer)
    async with over_2(listener, certificate) as second, over_3(listener, certificate) as third:
        replies = [client.replies[client.begin(b"GET", b"/")] for client in (second, third)]
        await until(lambda: len(front.requests) == 2)
        await listener.close(grace_s=0)
        for reply in replies:
            await reply.arrival()
            assert reply.broken is not None


async def test_a_port_that_is_taken(front: Front, certificate: Certificate, listener: TlsListener) -> None:
    """Is an OSError, on TCP as on UDP."""
    with pytest.raises(OSError, match="in use"):
        await TlsListener(front, "127.0.0.1", listener.port, certificate).start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as only_udp:
        with socket.socket() as tcp:  # free there too
            tcp.bind(("127.0.0.1", 0))
            port = tcp.getsockname()[1]
            only_udp.bind(("127.0.0.1", port))
        with pytest.raises(OSError, match="in use"):
            await TlsListener(front, "127.0.0.1", port, certificate).start()
        plain = Http1Listener(front, "127.0.0.1", port)  # TCP was given back
        await plain.start()
        await plain.close(grace_s=0)


async def test_a_handshake_that_fails_leaves_the_listener_as_it_was(
    front: Front, listener: TlsListener, certificate: Certificate
) -> None:
    """Such as clear text on the TLS port."""
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    await reader.read()
    writer.close()
    async with over_2(listener, certificate) as client:
        assert (await get(client)).status == 200


async def test_a_certificate_must_be_readable(front: Front, certificate: Certificate, tmp_path: Path) -> None:
    """The listener does not come into being without one."""
    with pytest.raises(OSError, match="No such file"):
        TlsListener(front, "127.0.0.1", 0, replace(certificate, file=tmp_path / "none.pem"))
