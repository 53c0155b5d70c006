"""The sockets of one address for several processes (SO_REUSEPORT): one for each, and the kernel shares viewers out.

The owner of the workers makes them, and has them as long as it runs. So an address that is taken is found out once, and
a worker that dies leaves its socket to the next one: viewers who connect meanwhile wait, and are not turned away.
"""

from __future__ import annotations

import socket
from typing import NamedTuple

_FREE_PORT_ATTEMPTS = 8
_Address = tuple[socket.AddressFamily, str]


class Sockets(NamedTuple):
    """Of one process for one listener: a socket for each address that the host's name has; `udp` for HTTP/3."""

    tcp: tuple[socket.socket, ...]
    udp: tuple[socket.socket, ...] = ()


def bind(host: str, port: int, processes: int, *, quic: bool) -> tuple[int, list[Sockets]]:
    """Bind a host and a port, 0 for one that is free everywhere, for so many processes. The port, and the sockets of
    each process. Raises OSError when the address cannot be had, also when only another edge has it."""
    attempts = _FREE_PORT_ATTEMPTS if port == 0 else 1
    while True:
        attempts -= 1
        try:
            return _bind(host, port, processes, quic=quic)
        except OSError:
            if attempts == 0:
                raise


def close(all_sockets: list[Sockets]) -> None:
    """Let go of them."""
    for one in all_sockets:
        for each in (*one.tcp, *one.udp):
            each.close()


def _bind(host: str, port: int, processes: int, *, quic: bool) -> tuple[int, list[Sockets]]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    addresses = list(dict.fromkeys((family, str(address[0])) for family, _, _, _, address in found))
    kinds = (socket.SOCK_STREAM, socket.SOCK_DGRAM) if quic else (socket.SOCK_STREAM,)
    for address in addresses:
        for kind in kinds:
            port = _check_free(address, port, kind)
    made: list[Sockets] = []
    try:
        for _ in range(processes):
            one = Sockets(tuple(_bound(address, port, socket.SOCK_STREAM) for address in addresses))
            made.append(one)
            if quic:
                made[-1] = one._replace(udp=tuple(_bound(address, port, socket.SOCK_DGRAM) for address in addresses))
    except OSError:
        close(made)
        raise
    return port, made


def _check_free(address: _Address, port: int, kind: socket.SocketKind) -> int:
    """Bind it for a moment as nobody who shares can; the port that it got. Raises OSError."""
    with _made(address, kind) as probe:
        if kind is socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((address[1], port))
        bound: int = probe.getsockname()[1]
        return bound


def _bound(address: _Address, port: int, kind: socket.SocketKind) -> socket.socket:
    made = _made(address, kind)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if kind is socket.SOCK_STREAM:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.setblocking(False)
        made.bind((address[1], port))
    except OSError:
        made.close()
        raise
    return made


def _made(address: _Address, kind: socket.SocketKind) -> socket.socket:
    made = socket.socket(address[0], kind)
    if address[0] == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # as asyncio does
    return made
