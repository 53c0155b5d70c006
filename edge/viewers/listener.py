"""Listening for viewers on plain TCP."""

from __future__ import annotations

import asyncio

from edge.model import quotas
from edge.viewers.front import Front
from edge.viewers.http1 import Http1Connection

_SWEEP_S = 5
_SHUTDOWN_S = 5.0


class Http1Listener:
    """A listening socket and its connections. With port 0 the system chooses; `port` says which."""

    def __init__(self, front: Front, host: str, port: int, *, reuse_port: bool = False) -> None:
        self.host = host
        self.port = port
        self.connections: set[Http1Connection] = set()
        self._front = front
        self._reuse_port = reuse_port
        self._server: asyncio.Server | None = None
        self._empty: asyncio.Future[None] | None = None
        self._sweeper: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        """Begin to listen. Raises OSError when the address cannot be had."""
        loop = asyncio.get_running_loop()
        self.now = loop.time
        self._server = await loop.create_server(
            lambda: Http1Connection(self._front, self),
            self.host,
            self.port,
            backlog=1024,
            reuse_port=self._reuse_port or None,
        )
        self.port = self._server.sockets[0].getsockname()[1]
        self._sweeper = loop.call_later(_SWEEP_S, self._sweep)

    async def close(self) -> None:
        """Stop listening, let answers that have begun come to their end, and close what is left."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        if self._server is not None:
            self._server.close()
        for connection in tuple(self.connections):
            connection.shut_down()
        if self.connections:
            self._empty = asyncio.get_running_loop().create_future()
            await asyncio.wait((self._empty,), timeout=_SHUTDOWN_S)
        for connection in tuple(self.connections):
            connection.transport.abort()

    def gone(self, connection: Http1Connection) -> None:
        """A connection has ended."""
        self.connections.discard(connection)
        if not self.connections and self._empty is not None and not self._empty.done():
            self._empty.set_result(None)

    def _sweep(self) -> None:
        """Close connections that have been silent for too long. Coarse, and free for each request."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        for connection in tuple(self.connections):
            silent_s = now - connection.waiting_since
            if (connection.expecting == "head" and silent_s > quotas.VIEWER_HEAD_TIMEOUT_S) or (
                connection.expecting == "request" and silent_s > quotas.VIEWER_KEEPALIVE_IDLE_S
            ):
                connection.time_out()
        self._sweeper = loop.call_later(_SWEEP_S, self._sweep)
