"""An address of `edge serve` at which workers take viewers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.viewers.listener import url_host
from edge.workers import sockets
from edge.workers.messages import Kind, Listening
from edge.workers.sockets import Sockets

if TYPE_CHECKING:
    from edge.viewers.local_certificate import Certificate


class SharedListener:
    """An address at which all workers take viewers: `port` says which, once it is started."""

    def __init__(
        self, kind: Kind, host: str, port: int, processes: int, certificate: Certificate | None = None
    ) -> None:
        self._kind: Kind = kind
        self._host = host
        self.port = port
        self._processes = processes
        self._certificate = certificate
        self._sockets: list[Sockets] = []

    @property
    def address(self) -> str:
        """HOST:PORT, as it was asked for or, once it is started, as it is."""
        return f"{url_host(self._host)}:{self.port}"

    @property
    def url(self) -> str:
        """Where viewers find it."""
        return f"{'http' if self._certificate is None else 'https'}://{self.address}"

    async def start(self) -> None:
        """Have the address. Raises OSError when it cannot be had."""
        quic = self._kind == "https"
        self.port, self._sockets = sockets.bind(self._host, self.port, self._processes, quic=quic)

    async def close(self) -> None:
        """Let go of it."""
        sockets.close(self._sockets)

    def of(self, number: int) -> Listening:
        """It, with the file descriptors that a worker is born with."""
        tcp, udp = (tuple(each.fileno() for each in kind) for kind in self._sockets[number])
        return Listening(self._kind, self._host, self.port, tcp, udp, self._certificate)
