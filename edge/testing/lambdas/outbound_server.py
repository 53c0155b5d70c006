"""The server behind which a test plays everybody that a handler may ask: any host, HTTP and HTTPS, on one port.

What comes in says itself whether it is TLS; then the certificate is for the name that was asked for, by an authority
that only handlers under test trust.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edge.model.headers import Headers
from edge.model.origin import OriginFailure, OriginFailureKind, OriginResponse
from edge.viewers import local_certificate

Answer = Callable[[str, str, Headers, bytes], OriginResponse | OriginFailure]
"""Method, URL, headers and body of a request; what the script says to it."""

_TLS_HANDSHAKE = b"\x16"
_OWN_LINES = frozenset({"connection", "content-length", "transfer-encoding"})


class OutboundServer:
    """Answers by `answer`, which may be replaced. `folder` is for certificates, `authority` what clients must trust."""

    def __init__(self, folder: Path, answer: Answer) -> None:
        self.answer = answer
        self.authority = folder / "authority.pem"
        self.port = 0
        self._folder = folder
        now = datetime.now(UTC)
        self._pair = local_certificate.make_authority(now)
        self.authority.write_bytes(self._pair.certificate_pem())
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._listening: socket.socket | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._http: Any = None
        self._ended = asyncio.Event()

    async def start(self) -> None:
        """Begin to listen on a free port."""
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.setblocking(False)
        self.port = self._listening.getsockname()[1]
        self._beside(self._accept(self._listening))

    async def close(self) -> None:
        """Stop, and part with everybody."""
        self._ended.set()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._listening is not None:
            self._listening.close()
        if self._http is not None:
            await self._http.shutdown(0)

    def _beside(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            connection, _ = await loop.sock_accept(listening)
            self._beside(self._serve(connection))

    async def _serve(self, connection: socket.socket) -> None:
        from aiohttp import web  # heavy, and most handlers ask nobody

        loop = asyncio.get_running_loop()
        connection.setblocking(False)
        if self._http is None:
            self._http = web.Server(self._answer, access_log=None)
        try:
            await _readable(connection)
            is_tls = connection.recv(1, socket.MSG_PEEK) == _TLS_HANDSHAKE
            context = self._context("localhost") if is_tls else None
            await loop.connect_accepted_socket(self._http, connection, ssl=context)
        except OSError:
            connection.close()

    def _context(self, name: str) -> ssl.SSLContext:
        context = self._contexts.get(name)
        if context is None:
            leaf = local_certificate.make_leaf(self._pair, [name], datetime.now(UTC))
            file = self._folder / f"leaf-{len(self._contexts)}.pem"
            file.write_bytes(leaf.certificate_pem() + leaf.key_pem())
            context = self._contexts[name] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(file)
            context.set_alpn_protocols(["http/1.1"])
            context.sni_callback = self._named
        return context

    def _named(self, connection: Any, name: str | None, _: ssl.SSLContext) -> None:
        if name:
            connection.context = self._context(name)

    async def _answer(self, request: Any) -> Any:
        from aiohttp import web

        scheme = "http" if request.transport.get_extra_info("ssl_object") is None else "https"
        url = f"{scheme}://{request.headers.get('Host', '')}{request.raw_path}"
        answer = self.answer(request.method, url, Headers(tuple(request.headers.items())), await request.read())
        if isinstance(answer, OriginResponse):
            made = web.Response(status=answer.status, body=answer.body)
            for name, value in answer.headers.lines:
                if name.lower() not in _OWN_LINES:
                    made.headers.add(name, value)
            return made
        if answer.kind is OriginFailureKind.READ_TIMEOUT:
            await self._ended.wait()  # whoever asked has had enough before
            return web.Response()
        if answer.kind is OriginFailureKind.INVALID_RESPONSE:
            request.transport.write(b"this is no HTTP\r\n\r\n")
            request.transport.close()
        else:
            request.transport.abort()
        return web.Response()


async def _readable(connection: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    readable: asyncio.Future[None] = loop.create_future()
    loop.add_reader(connection, readable.set_result, None)
    try:
        await readable
    finally:
        loop.remove_reader(connection)
