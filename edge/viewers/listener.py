"""Listening for viewers on plain TCP, and parting with those who are silent too long.

How long CloudFront keeps an idle or a slow viewer is not documented; the values are nginx's defaults (see
`edge/model/quotas.py`).
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Sequence
from functools import partial

from edge.viewers.connection import Connection
from edge.viewers.front import Front
from edge.viewers.http1 import Http1Connection

_SWEEP_EVERY_S = 1.0
_BACKLOG = 1_024

GRACE_S = 0.5
"""How long answers that have begun may take when the edge is told to end: whoever presses Ctrl-C waits for it."""


def url_host(host: str) -> str:
    """A host as URLs write it: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host


class Http1Listener:
    """Accepts viewers on a host and a port, 0 for any free one: `port` says which; or at sockets that somebody has
    bound to them, as `bound`.
    """

    tls: ssl.SSLContext | None = None
    """How connections are secured; None for clear text."""

    def __init__(self, front: Front, host: str, port: int, *, bound: Sequence[socket.socket] = ()) -> None:
        self.front = front
        self.connections: set[Connection] = set()
        self.closing = False
        self.now = 0.0
        """The loop's time, a second old at most: good enough for timeouts, and free to read."""
        self._host = host
        self.port = port
        self._bound = bound
        self.hosts: tuple[str, ...] = ()
        """The addresses that it listens on, once it does."""
        self._servers: list[asyncio.Server] = []
        self._sweeping: asyncio.TimerHandle | None = None
        self._empty = asyncio.Event()

    @property
    def address(self) -> str:
        """HOST:PORT, as it was asked for or, once it listens, as it is."""
        return f"{url_host(self._host)}:{self.port}"

    @property
    def url(self) -> str:
        """Where viewers find it."""
        return f"{'http' if self.tls is None else 'https'}://{self.address}"

    async def start(self) -> None:
        """Begin to accept. Raises OSError when the address cannot be had."""
        loop = asyncio.get_running_loop()
        make = partial(loop.create_server, lambda: self.protocol(loop), backlog=_BACKLOG, ssl=self.tls)
        if self._bound:
            self._servers = [await make(sock=one) for one in self._bound]
        else:
            self._servers = [await make(self._host, self.port)]
        addresses = [one.getsockname() for server in self._servers for one in server.sockets]
        self.port = addresses[0][1]
        self.hosts = tuple(address[0] for address in addresses)
        self._sweep_on(loop)

    def protocol(self, loop: asyncio.AbstractEventLoop) -> asyncio.Protocol:
        """What speaks with a viewer who has just connected."""
        return Http1Connection(self, loop)

    def sweep(self, now: float) -> None:
        """Part with connections that have been silent too long at `now`, in the loop's time."""
        self.now = now
        for connection in tuple(self.connections):
            connection.look_at_clock(now)

    async def close(self, grace_s: float = GRACE_S) -> None:
        """Stop accepting, let what runs come to its end for so many seconds, and cut off the rest."""
        self.closing = True
        if self._sweeping is not None:
            self._sweeping.cancel()
        if not self._servers:
            return
        for server in self._servers:
            server.close()
        for connection in tuple(self.connections):
            connection.finish()
        if self.connections:
            try:
                async with asyncio.timeout(grace_s):
                    await self._empty.wait()
            except TimeoutError:
                for connection in tuple(self.connections):
                    connection.abort()
                await self._empty.wait()
        for server in self._servers:
            await server.wait_closed()

    def left(self, connection: Connection) -> None:
        """A connection is over."""
        self.connections.discard(connection)
        if self.closing and not self.connections:
            self._empty.set()

    def _sweep_on(self, loop: asyncio.AbstractEventLoop) -> None:
        self.sweep(loop.time())
        self._sweeping = loop.call_later(_SWEEP_EVERY_S, self._sweep_on, loop)
