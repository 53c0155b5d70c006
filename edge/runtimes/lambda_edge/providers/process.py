"""The `process` provider: a process group with limits. It works everywhere, and isolates least.

The runtime has a session of its own, a closed environment, its own folder for temporary files and no descriptor but its
own. Python of our own version is forked from a warm interpreter. Freezing is SIGSTOP to the group. The memory limit is
watched by `environment.py`, not enforced by the system.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import socket
from collections.abc import Callable, Sequence
from pathlib import Path

from edge.model import quotas
from edge.runtimes.lambda_edge import interpreters, variables
from edge.runtimes.lambda_edge.api_connection import ApiConnection
from edge.runtimes.lambda_edge.failures import Exited, MemoryRanOut
from edge.runtimes.lambda_edge.providers.provider import BootOrder, Gives, Unavailable
from edge.runtimes.lambda_edge.warden import Order
from edge.runtimes.lambda_edge.wardens import Guardian, Warden

_CLOSED_CONNECTION_GRACE_S = 0.2
_PIPE_READ_BYTES = 65_536
_STATUS_BYTES = 8_192

RLIMITS = {"RLIMIT_CORE": 0, "RLIMIT_NOFILE": 1_024, "RLIMIT_FSIZE": quotas.LAMBDA_TMP_MAX_BYTES + quotas.MIB}
"""Limits of every process. The number of open files is that of "Lambda quotas". A file may be a little larger than
/tmp, so that what a function meets is a full file system (ENOSPC), as on Lambda, wherever its /tmp is one."""


class ProcessProvider:
    """Boots processes. `client` is the command line of another runtime client than ours, such as AWS's own: the name of
    the handler is added to it. It finds the Runtime API on a loopback port, by AWS_LAMBDA_RUNTIME_API, as whatever else
    in the environment does; our own bootstraps have a socket for it.
    """

    name = "process"
    gives = Gives(
        isolates_files=False,
        isolates_processes=False,
        isolates_network=False,
        own_kernel=False,
        limits_cpu=False,
        limits_memory=True,
        freezes=True,
        snapshots=False,
        lacks=(
            "functions see this machine's files, but for /tmp, and its network",
            "they share its /tmp where namespaces cannot be made: not on Linux, or not by an ordinary user",
            "CPU is not in proportion to memory",
            "a child that leaves the process group is not frozen between events, but it ends with the environment",
        ),
    )

    def __init__(self, client: Sequence[str] = ()) -> None:
        self.warden = Warden()
        self._client = client
        self._cache = Path(self.warden.folder) / "compile-cache"
        self._cache.mkdir()

    async def boot(self, order: BootOrder) -> ProcessMachine:
        """Start a process. Raises Unavailable when the machine cannot run the function's runtime."""
        what = self.order(order)
        server = await on_loopback(what, order)
        if self._client:
            what["argv"] = [*self._client, order.function.handler]
            what["keeps"] += _programs(self._client)
        return await boot(self.warden, what, order, ProcessMachine, server, has_own_socket=not self._client)

    def order(self, order: BootOrder) -> Order:
        """What the warden starts for a function."""
        try:
            interpreter = interpreters.find(order.function.runtime)
        except interpreters.NoInterpreter as missing:
            raise Unavailable(str(missing)) from None
        code = str(Path(order.function.code_path).resolve())
        environ = variables.variables(
            order.function, order.region, order.log_stream, task_root=code, provisioned=order.provisioned
        )
        environ = variables.for_process(environ, order.folder)
        if "nodejs" in order.function.runtime:
            environ["NODE_COMPILE_CACHE"] = str(self._cache)
        return Order(
            argv=interpreters.sized(interpreter.argv, order.function.memory_mb),
            environ=environ,
            cwd=code,
            limits=RLIMITS,
            cgroups=[],
            files=[],
            tmp=order.folder,
            keeps=[code, str(self._cache), *_programs(interpreter.argv or interpreters.own_python())],
        )

    async def close(self) -> None:
        """End the warden."""
        await asyncio.to_thread(self.warden.close)


def _programs(argv: Sequence[str]) -> list[str]:
    """The folders of an interpreter, of the virtual environment that it is called in, and of its bootstrap."""
    home = Path(os.path.realpath(argv[0])).parent.parent
    environment = [str(Path(argv[0]).parent.parent)] if os.path.isabs(argv[0]) else []
    return [str(home), *environment, str(Path(argv[-1]).parent)]


async def on_loopback(what: Order, order: BootOrder) -> asyncio.Server:
    """The Runtime API on a port of its own, which `what` is told."""
    server = await asyncio.get_running_loop().create_server(lambda: ApiConnection(order.api), "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    what["environ"]["AWS_LAMBDA_RUNTIME_API"] = f"{host}:{port}"
    return server


async def boot(
    warden: Warden,
    what: Order,
    order: BootOrder,
    make: Callable[..., ProcessMachine],
    server: asyncio.Server | None = None,
    *,
    has_own_socket: bool = True,
) -> ProcessMachine:
    """Have the warden start a machine, and connect the Runtime API to it. `server` is closed with the machine."""
    api, their_api = socket.socketpair()
    control, their_control = socket.socketpair()
    output, their_output = os.pipe()
    warden.order(what, their_control, their_api, their_output)
    their_api.close()
    their_control.close()
    os.close(their_output)
    machine = make(order, control, output, server, restored=not what["argv"])
    loop = asyncio.get_running_loop()
    lost = machine.disconnected if has_own_socket else machine.gave_up_its_socket
    _, machine.connection = await loop.create_unix_connection(lambda: ApiConnection(order.api, lost), sock=api)
    await machine.known()
    return machine


class ProcessMachine:
    """One runtime in a process group of its own."""

    def __init__(
        self,
        order: BootOrder,
        control: socket.socket,
        output: int,
        server: asyncio.Server | None,
        *,
        restored: bool,
    ) -> None:
        self.restored = restored
        self.connection: ApiConnection | None = None
        self._server = server
        self._order = order
        self._pid = 0
        self._pidfd = -1
        self._end = select.poll()
        self._status: ProcessStatus | None = None
        self._is_frozen = False
        self._guardian = Guardian(control, self._gone)
        self._output = output
        self._loop = asyncio.get_running_loop()
        os.set_blocking(output, False)
        self._loop.add_reader(output, self.drain)

    async def known(self) -> None:
        """Wait until the process has an id."""
        self._pid = await self._guardian.pid
        if self._pid and hasattr(os, "pidfd_open"):
            with contextlib.suppress(OSError):
                self._pidfd = os.pidfd_open(self._pid)
                self._end.register(self._pidfd, select.POLLIN)

    @property
    def is_alive(self) -> bool:
        """Whether the process has not ended, which its guardian may not have told yet."""
        return self._pid != 0 if self._pidfd < 0 else not self._end.poll(0)

    def freeze(self) -> None:
        self._is_frozen = True
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        if self._is_frozen:
            self._is_frozen = False
            self._signal(signal.SIGCONT)

    def drain(self) -> None:
        while self._output >= 0:
            try:
                data = os.read(self._output, _PIPE_READ_BYTES)
            except BlockingIOError:
                return
            if not data:
                self._close_output()
                return
            self._order.output(data)
            if len(data) == _PIPE_READ_BYTES:
                return  # a flood: others have their turn first

    def reads_from(self, output: int) -> None:
        """What the runtime writes comes from another descriptor, which is the machine's from now on."""
        self.drain()
        self._close_output()
        self._output = output
        self._loop.add_reader(output, self.drain)

    def memory_bytes(self) -> int:
        return self.status_bytes(b"VmRSS:")

    def memory_peak_bytes(self) -> int:
        return self.status_bytes(b"VmHWM:")

    def status_bytes(self, field: bytes) -> int:
        """A field of the runtime's /proc/PID/status in bytes; 0 where there is none, or no process yet."""
        if self._status is None:
            pid = self.runtime_pid()
            if not pid:
                return 0
            self._status = ProcessStatus(pid)
        return self._status.bytes_of(field)

    def runtime_pid(self) -> int:
        """The process that runs the handler; 0 where there is none."""
        return self._pid

    def kill(self) -> None:
        self._guardian.kill()

    def disconnected(self) -> None:
        """The runtime closed its connection: it ends, or it has to."""
        self._loop.call_later(_CLOSED_CONNECTION_GRACE_S, self._guardian.kill)

    def gave_up_its_socket(self) -> None:
        """A client that uses the loopback port has no need of the socket it inherited."""

    def _gone(self, exited: Exited | MemoryRanOut | None) -> None:
        self._pid = 0
        if self._status is not None:
            self._status.close()
        if self._pidfd >= 0:
            self._end.unregister(self._pidfd)
            os.close(self._pidfd)
            self._pidfd = -1
        if self._server is not None:
            self._server.close()
        self.drain()
        self._close_output()
        self._order.ended(exited)

    def _close_output(self) -> None:
        if self._output >= 0:
            self._loop.remove_reader(self._output)
            os.close(self._output)
            self._output = -1

    def _signal(self, number: signal.Signals) -> None:
        if self._pid:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._pid, number)


class ProcessStatus:
    """What the kernel says about one process, in /proc/PID/status. It is asked after every event, so the file stays
    open; closing it is the owner's."""

    def __init__(self, pid: int) -> None:
        self._fd = -1
        with contextlib.suppress(OSError):
            self._fd = os.open(f"/proc/{pid}/status", os.O_RDONLY)

    def bytes_of(self, field: bytes) -> int:
        """A field in bytes; 0 where there is none, or no such process."""
        try:
            text = os.pread(self._fd, _STATUS_BYTES, 0)
        except OSError:
            return 0
        _, found, after = text.partition(field)
        return int(after.split(None, 1)[0]) * 1024 if found else 0

    def close(self) -> None:
        """Know nothing any more."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
