"""Listening for viewers on TLS: HTTP/1.1 and HTTP/2 over TCP, chosen by ALPN, and HTTP/3 over UDP on the same port.

HTTP/1.1 is spoken by the connection that speaks it in clear text. Where the distribution says Alt-Svc, the port in it
is this listener's: browsers would look for HTTP/3 on 443 in vain.
Sources: CloudFront Developer Guide, "Supported HTTP versions", "Supported protocols and ciphers between viewers and
CloudFront" (TLS 1.2 and 1.3). Near: HTTP/2 and HTTP/3 are spoken whatever HttpVersion says; only Alt-Svc follows it.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Sequence
from functools import partial

from aioquic.asyncio.server import QuicServer
from aioquic.h3.connection import H3_ALPN
from aioquic.quic.configuration import QuicConfiguration

from edge.model.malformed import Malformed
from edge.model.quotas import VIEWER_KEEPALIVE_IDLE_S
from edge.model.request import Request
from edge.model.served import Served
from edge.model.viewer import Location, Viewer
from edge.viewers.client_hello import fingerprints
from edge.viewers.front import Front
from edge.viewers.http1 import Http1Connection
from edge.viewers.http2 import Http2Connection
from edge.viewers.http3 import Http3Connection
from edge.viewers.listener import GRACE_S, Http1Listener
from edge.viewers.local_certificate import Certificate, how_to_trust, local_certificate
from edge.viewers.quic_windows import UPLOAD_WINDOW_BYTES

__all__ = ["TlsListener", "how_to_trust", "local_certificate"]

_CLIENT_HELLO = 1
_FREE_PORT_ATTEMPTS = 8


class TlsListener(Http1Listener):
    """Accepts viewers on a host and a port, 0 for one that is free on TCP and UDP: `port` says which; or at sockets
    that somebody has bound to them, as `bound` and, for HTTP/3, `bound_udp`."""

    def __init__(
        self,
        front: Front,
        host: str,
        port: int,
        certificate: Certificate,
        *,
        bound: Sequence[socket.socket] = (),
        bound_udp: Sequence[socket.socket] = (),
    ) -> None:
        super().__init__(_AdvertisingFront(front, self), host, port, bound=bound)
        self._bound_udp = bound_udp
        self.tls = _context(certificate)
        self.tls._msg_callback = _keep_fingerprints  # type: ignore[attr-defined]  # Python's name for it is private
        self.tls.sni_callback = partial(_remember, _context(certificate))
        self._quic = QuicConfiguration(
            is_client=False,
            alpn_protocols=H3_ALPN,
            idle_timeout=float(VIEWER_KEEPALIVE_IDLE_S),
            max_stream_data=UPLOAD_WINDOW_BYTES,
        )
        self._quic.load_cert_chain(certificate.file)
        self._quic_servers: list[QuicServer] = []

    async def start(self) -> None:
        """Begin to accept. Raises OSError when the address cannot be had."""
        wanted = self.port
        for attempt in range(_FREE_PORT_ATTEMPTS):
            await super().start()
            try:
                await self._start_quic(asyncio.get_running_loop())
            except OSError:
                await self.close(0)
                self.closing = False
                self.port = wanted
                if wanted != 0 or attempt == _FREE_PORT_ATTEMPTS - 1:
                    raise
            else:
                return

    async def close(self, grace_s: float = GRACE_S) -> None:
        """Stop accepting, let what runs come to its end for so many seconds, and cut off the rest."""
        await super().close(grace_s)
        while self._quic_servers:
            self._quic_servers.pop().close()

    def protocol(self, loop: asyncio.AbstractEventLoop) -> asyncio.Protocol:
        """What waits for the end of the handshake."""
        return _Negotiated(self, loop)

    async def _start_quic(self, loop: asyncio.AbstractEventLoop) -> None:
        """HTTP/3 on the addresses that have TCP."""
        for one in self._bound_udp:
            _, server = await loop.create_datagram_endpoint(self._quic_server, sock=one)
            self._quic_servers.append(server)
        for host in () if self._bound_udp else self.hosts:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            bound = socket.socket(family, socket.SOCK_DGRAM)
            try:
                if family == socket.AF_INET6:
                    bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # as asyncio does for TCP
                bound.bind((host, self.port))
                bound.setblocking(False)
                _, server = await loop.create_datagram_endpoint(self._quic_server, sock=bound)
            except OSError:
                bound.close()
                raise
            self._quic_servers.append(server)

    def _quic_server(self) -> QuicServer:
        return QuicServer(configuration=self._quic, create_protocol=partial(Http3Connection, self))


def _context(certificate: Certificate) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["h2", "http/1.1"])
    context.load_cert_chain(certificate.file)
    return context


def _keep_fingerprints(
    session: ssl.SSLObject, direction: str, version: int, content_type: int, message_type: int, data: bytes
) -> None:
    """Called with each message of a handshake, of which the first is the viewer's ClientHello."""
    if direction == "read" and message_type == _CLIENT_HELLO and not hasattr(session, "fingerprints"):
        session.fingerprints = fingerprints(data)  # type: ignore[attr-defined]


def _remember(quiet: ssl.SSLContext, session: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> None:
    """Keep the name that a viewer asked a certificate for: one certificate serves all, but Host may name another. The
    rest of the connection is `quiet`, or Python would be called for each record of it."""
    session.asked_for = name  # type: ignore[attr-defined]
    session.context = quiet


class _Negotiated(asyncio.Protocol):
    """Hands a connection over to the protocol that the handshake chose."""

    def __init__(self, listener: TlsListener, loop: asyncio.AbstractEventLoop) -> None:
        self._listener = listener
        self._loop = loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        chosen = transport.get_extra_info("ssl_object").selected_alpn_protocol()
        protocol: asyncio.Protocol = (Http2Connection if chosen == "h2" else Http1Connection)(
            self._listener, self._loop
        )
        transport.set_protocol(protocol)
        protocol.connection_made(transport)


class _AdvertisingFront:
    """A front whose Alt-Svc names the listener's port."""

    def __init__(self, front: Front, listener: TlsListener) -> None:
        self._front = front
        self._listener = listener
        self.sent = front.sent

    @property
    def location(self) -> Location:
        return self._front.location

    def begin(self, request: Request, viewer: Viewer) -> Served | Awaitable[Served]:
        """Answer a request."""
        begun = self._front.begin(request, viewer)
        return self._corrected(begun) if isinstance(begun, Served) else self._later(begun)

    def refuse(self, malformed: Malformed, viewer: Viewer) -> Served:
        """The answer to what is not a fit request."""
        return self._corrected(self._front.refuse(malformed, viewer))

    async def _later(self, begun: Awaitable[Served]) -> Served:
        return self._corrected(await begun)

    def _corrected(self, served: Served) -> Served:
        if all(name != "Alt-Svc" for name, _ in served.edge_lines):
            return served
        here = ("Alt-Svc", f'h3=":{self._listener.port}"; ma=86400')
        return served._replace(edge_lines=tuple(here if line[0] == "Alt-Svc" else line for line in served.edge_lines))
