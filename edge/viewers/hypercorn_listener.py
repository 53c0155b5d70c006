"""The same listener for TLS by hypercorn: `edge serve --tls-server hypercorn`.

hypercorn runs the ASGI application over HTTP/1.1 and HTTP/2, chosen by ALPN. It is slower than `tls.py`, says nothing
of the TLS version and cipher, and breaks promises that are kept there; docs/decisions/0009-tls.md has them, with what
shows them. HTTP/3 is not offered: hypercorn's UDP side cannot be stopped within a running loop.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from typing import Any, cast

from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.asyncio.run import worker_serve
from hypercorn.config import Config, Sockets

from edge.model import quotas
from edge.viewers.asgi import Application
from edge.viewers.front import Front
from edge.viewers.listener import url_host
from edge.viewers.local_certificate import Certificate

_GRACE_S = 5.0


class HypercornListener:
    """Accepts viewers on a host and a port, 0 for any free one: `port` says which; or at sockets that somebody has
    bound to them, as `bound`."""

    def __init__(
        self, front: Front, host: str, port: int, certificate: Certificate, *, bound: Sequence[socket.socket] = ()
    ) -> None:
        self.host = host
        self.port = port
        self._bound = list(bound)
        self._application = Application(front)
        self._config = _configured(certificate)
        self._stop = asyncio.Event()
        self._serving: asyncio.Task[None] | None = None

    @property
    def address(self) -> str:
        """HOST:PORT, as it was asked for or, once it listens, as it is."""
        return f"{url_host(self.host)}:{self.port}"

    @property
    def url(self) -> str:
        """Where viewers find it."""
        return f"https://{self.address}"

    async def start(self) -> None:
        """Begin to accept. Raises OSError when the address cannot be had."""
        bound = self._bound or [_bound(self.host, self.port)]
        self.port = bound[0].getsockname()[1]
        for one in bound:
            one.listen(self._config.backlog)
        self._serving = asyncio.create_task(
            worker_serve(
                ASGIWrapper(cast("Any", self._application)),
                self._config,
                sockets=Sockets(bound, [], []),
                shutdown_trigger=self._stop.wait,
            )
        )

    async def close(self) -> None:
        """Stop accepting, and let what runs come to its end for a few seconds."""
        self._stop.set()
        if self._serving is not None:
            await asyncio.gather(self._serving, return_exceptions=True)


def _configured(certificate: Certificate) -> Config:
    config = Config()
    config.certfile = config.keyfile = str(certificate.file)
    config.alpn_protocols = ["h2", "http/1.1"]
    config.include_server_header = config.include_date_header = False
    config.graceful_timeout = config.shutdown_timeout = _GRACE_S
    config.keep_alive_timeout = quotas.VIEWER_KEEPALIVE_IDLE_S
    config.h11_max_incomplete_size = 4 * quotas.REQUEST_HEAD_MAX_BYTES
    config.h2_max_header_list_size = 4 * quotas.REQUEST_HEAD_MAX_BYTES
    config.accesslog = config.errorlog = None
    return config


def _bound(host: str, port: int) -> socket.socket:
    """A TCP socket on an address. Raises OSError."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setblocking(False)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound
