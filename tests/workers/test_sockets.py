"""One address for several processes."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from edge.workers import sockets
from edge.workers.sockets import Sockets

Made = list[Sockets]


@pytest.fixture
def made() -> Iterator[Made]:
    """What a test binds."""
    made: Made = []
    yield made
    sockets.close(made)


def test_every_process_has_a_socket_on_the_same_port(made: Made) -> None:
    """On TCP, and for HTTP/3 on UDP."""
    port, bound = sockets.bind("127.0.0.1", 0, 3, quic=True)
    made += bound
    assert len(made) == 3
    assert {each.getsockname() for one in made for each in (*one.tcp, *one.udp)} == {("127.0.0.1", port)}
    assert {each.type for one in made for each in one.udp} == {socket.SOCK_DGRAM}


def test_viewers_are_shared_out(made: Made) -> None:
    """By the kernel, and each is accepted somewhere."""
    port, bound = sockets.bind("127.0.0.1", 0, 2, quic=False)
    made += bound
    for one in made:
        one.tcp[0].listen(64)
    clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(40)]
    accepted = [_accepted(one.tcp[0]) for one in made]
    assert sum(accepted) == 40
    assert min(accepted) > 0  # that it were not has a chance of two to the power of -39
    for client in clients:
        client.close()


def _accepted(listening: socket.socket) -> int:
    count = 0
    while True:
        try:
            connection, _ = listening.accept()
        except BlockingIOError:
            return count
        connection.close()
        count += 1


@pytest.mark.parametrize("quic", [False, True])
def test_an_address_that_somebody_listens_on(made: Made, quic: bool) -> None:
    """Also somebody who would share it: two edges on one port would serve two sites in turn."""
    port, bound = sockets.bind("127.0.0.1", 0, 2, quic=quic)
    made += bound
    for one in made:
        one.tcp[0].listen()
    with pytest.raises(OSError, match="in use"):
        sockets.bind("127.0.0.1", port, 2, quic=quic)


def test_a_host_with_several_addresses(made: Made) -> None:
    """One port on each of them."""
    addresses = {address[4][0] for address in socket.getaddrinfo("localhost", 0, type=socket.SOCK_STREAM)}
    port, bound = sockets.bind("localhost", 0, 2, quic=False)
    made += bound
    assert {(each.getsockname()[0], each.getsockname()[1]) for one in made for each in one.tcp} == {
        (address, port) for address in addresses
    }
