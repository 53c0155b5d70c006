"""The program that renews a guest's clock and chance. What it does to a kernel is in test_microvm.py."""

from __future__ import annotations

import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from edge.runtimes.lambda_edge.providers import guest_agent


@pytest.mark.skipif(sys.platform != "linux" or platform.machine() != "x86_64", reason="it is a program for Linux")
def test_it_answers_each_order_once_it_is_whole() -> None:
    """Also one that comes in pieces. Without rights neither the clock nor the generator hears of it."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        program = Path(folder) / "agent"
        program.write_bytes(guest_agent.program())
        program.chmod(0o755)
        _answers(program)


def _answers(program: Path) -> None:
    ours, theirs = socket.socketpair()
    ours.settimeout(20)
    user = ["setpriv", "--reuid=65534", "--clear-groups"] if os.getuid() == 0 else []
    if user and shutil.which("setpriv") is None:
        pytest.skip("as root it would set this machine's clock")
    start = "import os, sys; os.dup2(int(sys.argv[1]), 3); os.execvp(sys.argv[2], sys.argv[2:])"
    command = [sys.executable, "-c", start, str(theirs.fileno()), *user, str(program)]
    with subprocess.Popen(command, pass_fds=[theirs.fileno()]) as agent:
        order = guest_agent.order(4e9, bytes(guest_agent.ENTROPY_BYTES))
        ours.sendall(order)
        assert ours.recv(8) == b"."
        ours.sendall(order[:9])
        ours.sendall(order[9:] + order)
        assert ours.recv(1) + ours.recv(1) == b".."
        agent.kill()
    ours.close()
    theirs.close()


def test_an_order_is_a_time_and_entropy() -> None:
    order = guest_agent.order(1_700_000_000.25, b"e" * 32)
    assert guest_agent.ORDER.unpack(order) == (1_700_000_000, 250_000_000, 256, 32, b"e" * 32)
