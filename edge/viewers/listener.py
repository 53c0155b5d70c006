"""Listening for viewers on plain TCP, and parting with those who are silent too long.

How long CloudFront keeps an idle or a slow viewer is not documented; the values are nginx's defaults (see
`edge/model/quotas.py`).
"""

from __future__ import annotations

import asyncio

from edge.viewers.front import Front
from edge.viewers.http1 import Http1Connection

_SWEEP_EVERY_S = 1.0
_BACKLOG = 1_024


class Http1Listener:
    """Accepts viewers on a host and a port, 0 for any free one: `port` says which. With `reuse_port` several processes
    may listen on one port.
    """

    def __init__(self, front: Front, host: str, port: int, *, reuse_port: bool = False) -> None:
        self.front = front
        self.connections: set[Http1Connection] = set()
        self.closing = False
        self.now = 0.0
        """The loop's time, a second old at most: good enough for timeouts, and free to read."""
        self._host = host
        self.port = port
        self._reuse_port = reuse_port
        self._server: asyncio.Server | None = None
        self._sweeping: asyncio.TimerHandle | None = None
        self._empty = asyncio.Event()

    async def start(self) -> None:
        """Begin to accept. Raises OSError when the address cannot be had."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Http1Connection(self, loop),
            self._host,
            self.port,
            backlog=_BACKLOG,
            reuse_port=self._reuse_port or None,
        )
        self.port = self._server.sockets[0].getsockname()[1]
        self._sweep_on(loop)

    def sweep(self, now: float) -> None:
        """Part with connections that have been silent too long at `now`, in the loop's time."""
        self.now = now
        for connection in tuple(self.connections):
            connection.look_at_clock(now)

    async def close(self, grace_s: float = 5.0) -> None:
        """Stop accepting, let what runs come to its end for so many seconds, and cut off the rest."""
        self.closing = True
        if self._sweeping is not None:
            self._sweeping.cancel()
        if self._server is None:
            return
        self._server.close()
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
        await self._server.wait_closed()

    def left(self, connection: Http1Connection) -> None:
        """A connection is over."""
        self.connections.discard(connection)
        if self.closing and not self.connections:
            self._empty.set()

    def _sweep_on(self, loop: asyncio.AbstractEventLoop) -> None:
        self.sweep(loop.time())
        self._sweeping = loop.call_later(_SWEEP_EVERY_S, self._sweep_on, loop)
