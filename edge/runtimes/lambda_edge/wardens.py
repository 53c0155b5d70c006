"""The proxy's side of the warden: starting it, and one channel to each machine's guardian.

See `warden.py` for what a guardian does. Folders of environments are in one folder of this process, named after its id,
so that what a machine's power cut leaves is found and removed by the next start.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edge.runtimes.lambda_edge.failures import Exited, MemoryRanOut
from edge.runtimes.lambda_edge.providers import cgroups
from edge.runtimes.lambda_edge.warden import Order

_PREFIX = "edge-lambda-"


class Warden:
    """Starts the warden on the first order, and again should it have been killed."""

    def __init__(self) -> None:
        remove_leftovers()
        _allow_open_files()
        self.folder = tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-")
        self._process: subprocess.Popen[bytes] | None = None
        self._orders: socket.socket | None = None

    def order(self, order: Order, control: socket.socket, api: socket.socket, output: int) -> None:
        """Ask for a machine. The descriptors are copied; the caller closes its own."""
        orders = self._started()
        text = json.dumps(order).encode()
        socket.send_fds(orders, [struct.pack(">I", len(text))], [control.fileno(), api.fileno(), output])
        orders.sendall(text)

    def close(self) -> None:
        """Wait for the end of the warden, which waits for that of all machines and removes the folder."""
        if self._orders is not None:
            self._orders.close()
        if self._process is not None:
            self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _started(self) -> socket.socket:
        if self._process is not None and self._process.poll() is not None and self._orders is not None:
            self._orders.close()
            self._orders = None
            os.makedirs(self.folder, exist_ok=True)
        if self._orders is None:
            self._orders, theirs = socket.socketpair()
            program = [sys.executable, "-I", "-S", "-B", str(Path(__file__).with_name("warden.py"))]
            self._process = subprocess.Popen(
                [*program, str(theirs.fileno()), self.folder],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env={"LANG": "C.UTF-8", "TZ": "UTC"},
            )
            theirs.close()
        return self._orders


def _allow_open_files() -> None:
    """As many open files as this process may have: an environment takes four."""
    import resource

    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def remove_leftovers() -> None:
    """Remove the folders and the control groups of processes that are no more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        pid = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdigit() and not _is_alive(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)
    for group in cgroups.named(f"{_PREFIX}*"):
        pid = group.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdigit() and not _is_alive(int(pid)):
            with contextlib.suppress(OSError):
                group.rmdir()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


class Guardian:
    """The channel to one guardian. `ended` is called once, when nothing is left of the machine: with how the runtime
    ended by itself, None when it was killed."""

    def __init__(self, channel: socket.socket, ended: Callable[[Exited | MemoryRanOut | None], None]) -> None:
        channel.setblocking(False)
        self._channel = channel
        self._ended = ended
        self._said = b""
        self._exited: Exited | MemoryRanOut | None = None
        self._loop = asyncio.get_running_loop()
        self.pid: asyncio.Future[int] = self._loop.create_future()
        self._loop.add_reader(channel, self._read)

    def kill(self) -> None:
        """End the machine."""
        if self._channel.fileno() >= 0:
            try:
                self._channel.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # the guardian is gone already

    def _read(self) -> None:
        try:
            data = self._channel.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._loop.remove_reader(self._channel)
            self._channel.close()
            if not self.pid.done():
                self.pid.set_result(0)
            self._ended(self._exited)
            return
        *lines, self._said = (self._said + data).split(b"\n")
        for line in lines:
            self._hear(json.loads(line))

    def _hear(self, said: dict[str, Any]) -> None:
        if "oom" in said:
            self._exited = MemoryRanOut()
        elif isinstance(self._exited, MemoryRanOut):
            return
        elif "pid" in said and not self.pid.done():
            self.pid.set_result(said["pid"])
        elif "exit" in said:
            self._exited = Exited(said["exit"])
        elif "signal" in said:
            self._exited = Exited(0, said["signal"])
