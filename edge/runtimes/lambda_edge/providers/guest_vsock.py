"""Runs inside of a microVM under Firecracker: gives the runtime what it has elsewhere, over a vsock.

A program of its own with nothing but the standard library: `python guest_vsock.py AGENT... -- COMMAND...`. It connects
to three ports of its host. The agent (`guest_agent.py`) gets one of them as its descriptor 3. The runtime gets a socket
and a pipe, because Node.js knows no vsock; what goes through them is handed on. It ends as the runtime does.

Source: vsock(7).
"""

from __future__ import annotations

import os
import select
import socket
import sys
import time
from collections.abc import Callable, Sequence

API_PORT, LOG_PORT, AGENT_PORT = 1, 2, 3
_HOST = 2
_CONNECT_MAX_S, _CONNECT_PAUSE_S = 10.0, 0.01
_PIECE_BYTES = 65_536
_HIGH = 100


def main(arguments: Sequence[str], connect: Callable[[int], socket.socket]) -> int:
    """Serve until the runtime ends, and return its exit status."""
    parting = list(arguments).index("--")
    renewing = connect(AGENT_PORT)
    _start(arguments[:parting], {3: renewing.fileno()})
    renewing.close()
    api, log = connect(API_PORT), connect(LOG_PORT)
    ours, theirs = socket.socketpair()
    written, their_output = os.pipe()
    runtime = _start(arguments[parting + 1 :], {1: their_output, 2: their_output, 3: theirs.fileno()})
    theirs.close()
    os.close(their_output)
    _hand_on(api, log, ours, written, os.pidfd_open(runtime))
    return os.waitstatus_to_exitcode(os.waitpid(runtime, 0)[1])


def _start(command: Sequence[str], descriptors: dict[int, int]) -> int:
    """Start a program with descriptors of its own, in the places where it looks for them, and return its id."""
    pid = os.fork()
    if pid:
        return pid
    try:
        for place, fd in descriptors.items():
            os.dup2(fd, _HIGH + place)
        for place in descriptors:
            os.dup2(_HIGH + place, place)
        os.closerange(4, _HIGH + 4)
        os.execvp(command[0], list(command))
    except OSError as error:
        os.write(2, f"{command[0]}: {error.strerror}\n".encode())
    finally:
        os._exit(127)


def _hand_on(api: socket.socket, log: socket.socket, ours: socket.socket, written: int, ended: int) -> None:
    """Hand on everything in both directions until the runtime has ended (`ended` is a pidfd). What it wrote goes before
    what it says: the log of an event is whole when its result comes."""
    open_ends: set[socket.socket | int] = {api, ours, written, ended}
    while True:
        ready, _, _ = select.select(open_ends, [], [])
        if written in ready:
            piece = os.read(written, _PIECE_BYTES)
            log.sendall(piece)
            if not piece:
                open_ends.discard(written)
        elif ours in ready:
            _pass(ours, api, open_ends)
        elif api in ready:
            _pass(api, ours, open_ends)
        else:
            return


def _pass(source: socket.socket, target: socket.socket, open_ends: set[socket.socket | int]) -> None:
    """Hand on one piece; the end of it too."""
    try:
        piece = source.recv(_PIECE_BYTES)
        target.sendall(piece)
        if not piece:
            target.shutdown(socket.SHUT_WR)
    except OSError:
        piece = b""
    if not piece:
        open_ends.discard(source)


def vsock(port: int) -> socket.socket:
    """A connection to the host; its device may come up a moment later than this program."""
    deadline = time.monotonic() + _CONNECT_MAX_S
    while True:
        connection = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)
        try:
            connection.connect((_HOST, port))
        except OSError:
            connection.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(_CONNECT_PAUSE_S)
        else:
            return connection


if __name__ == "__main__":
    status = main(sys.argv[1:], vsock)
    sys.exit(status if status >= 0 else 128 - status)
