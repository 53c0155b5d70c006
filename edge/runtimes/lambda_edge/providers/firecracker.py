"""The `firecracker` provider: a virtual machine for each environment, AWS's own machine monitor.

The guest is that of `microvm`, with its kernel unpacked, and so are the bootstraps and the agent. What differs is how
the guest reaches its host, a vsock in place of serial ports (`guest_vsock.py`), and who is asked for a machine
(`firecracker_api.py`). Each environment boots: a copy of a machine would lose its connections. Freezing is SIGSTOP to
the whole machine.

Firecracker is the user's own: `[lambda] firecracker`, EDGE_FIRECRACKER or the PATH names it. It needs hardware KVM.
What was tested is this file and Firecracker itself with a guest of a few bytes, and the Linux guest by itself, under
QEMU. **No Linux was ever booted under Firecracker.**

Source: Firecracker's documentation, "Getting started", "Using the Firecracker virtio-vsock device".
"""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import socket
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from edge.model import quotas
from edge.runtimes.lambda_edge import interpreters, variables
from edge.runtimes.lambda_edge.api_connection import ApiConnection
from edge.runtimes.lambda_edge.failures import Exited, MemoryRanOut
from edge.runtimes.lambda_edge.providers import guest_agent, guest_vsock, kvm_probe, microvm_guest
from edge.runtimes.lambda_edge.providers.firecracker_api import FirecrackerApi, FirecrackerError
from edge.runtimes.lambda_edge.providers.microvm import KERNEL_MB, TASK_ROOT
from edge.runtimes.lambda_edge.providers.microvm_guest import Guest
from edge.runtimes.lambda_edge.providers.microvm_machine import how_it_ended, text_of
from edge.runtimes.lambda_edge.providers.process import ProcessMachine, boot
from edge.runtimes.lambda_edge.providers.provider import BootOrder, Gives, Unavailable
from edge.runtimes.lambda_edge.warden import Order
from edge.runtimes.lambda_edge.wardens import Warden

_GUEST_CID = 3
_RESET_GRACE_S = 2.0
"""How long a guest has, after its runtime's end, to say how that was and to reset."""
_CONSOLE_MAX_BYTES = 16 * quotas.MIB
"""A machine whose guest writes more to its console than this ends."""
_KERNEL_ARGUMENTS = (
    "console=ttyS0 quiet reboot=k panic=-1 pci=off i8042.noaux i8042.nomux i8042.dumbkbd mitigations=off "
    f"cryptomgr.notests {microvm_guest.VSOCK_ARGUMENT}"
)
TO_CONSOLE = 'console=$1; shift; exec "$@" >"$console" 2>&1'
"""Firecracker writes the guest's console to its own output."""

UNTRIED = (
    "this project has started Firecracker with a guest of a few bytes, and never with Linux: see docs/lambda-edge.md"
)


def found(program: str | None, folder: Path) -> FirecrackerProvider:
    """The provider, where this machine has what it needs: `program`, hardware KVM, the guest in `folder`. Raises
    Unavailable with the first thing that is missing."""
    path = shutil.which(program or os.environ.get("EDGE_FIRECRACKER") or "firecracker")
    if path is None:
        named = program or os.environ.get("EDGE_FIRECRACKER")
        what = f"{named} is not a program" if named else "there is no Firecracker on the PATH"
        raise Unavailable(f"{what}: name it in EDGE_FIRECRACKER, or in edge.toml: [lambda] firecracker")
    if reason := kvm_probe.acceleration().reason:
        raise Unavailable(f"Firecracker needs hardware KVM: {reason}")
    guest = microvm_guest.found(folder)
    return FirecrackerProvider(os.path.abspath(path), guest._replace(kernel=microvm_guest.unpacked_kernel(folder)))


class FirecrackerProvider:
    """Boots virtual machines with `program`, of a guest whose kernel is unpacked. Checks nothing: see `found`."""

    name = "firecracker"
    gives = Gives(
        isolates_files=True,
        isolates_processes=True,
        isolates_network=True,
        own_kernel=True,
        limits_cpu=False,
        limits_memory=True,
        freezes=True,
        snapshots=False,
        lacks=(
            UNTRIED,
            "there is no network",
            "/tmp does not outlive a crash: the machine is replaced",
            "CPU is not in proportion to memory",
            "INIT holds the boot of the machine, which AWS does not count; no machine is a copy of another",
        ),
        boot_max_s=30.0,
    )

    def __init__(self, program: str, guest: Guest) -> None:
        self._program = program
        self._guest = guest
        self.warden = Warden()
        self._numbers = itertools.count(1)

    async def boot(self, order: BootOrder) -> FirecrackerMachine:
        """Start a virtual machine. Raises Unavailable."""
        place = Place(Path(self.warden.folder) / f"vm-{next(self._numbers)}")
        place.folder.mkdir()
        try:
            function = order.function
            environ = variables.variables(
                function, order.region, order.log_stream, task_root=TASK_ROOT, provisioned=order.provisioned
            )
            await asyncio.to_thread(
                microvm_guest.make_function_image,
                Path(function.code_path),
                {**environ, "HOME": "/tmp"},
                interpreters.sized(microvm_guest.command(function.runtime), function.memory_mb),
                place.function,
            )
            machine = await self._started(order, place)
        except BaseException:
            shutil.rmtree(place.folder, ignore_errors=True)
            raise
        try:
            await self._power_on(machine, place, function.memory_mb + KERNEL_MB)
        except FirecrackerError as error:
            console = machine.console().strip()[-500:]
            machine.kill()
            raise Unavailable(f"a virtual machine could not be started: {error}. {console}".strip()) from None
        return machine

    async def close(self) -> None:
        """End the warden."""
        await asyncio.to_thread(self.warden.close)

    async def _started(self, order: BootOrder, place: Place) -> FirecrackerMachine:
        """Firecracker, which waits for orders. The guest will find its host."""
        ports = Ports(place.vsock)
        await ports.listen(order)
        what = Order(
            argv=["/bin/sh", "-c", TO_CONSOLE, "sh", str(place.console), self._program, *place.arguments],
            environ={},
            cwd="/",
            limits={"RLIMIT_CORE": 0, "RLIMIT_FSIZE": _CONSOLE_MAX_BYTES},
            cgroups=[],
            files=[],
            tmp="",
            keeps=[],
        )
        try:
            make = partial(FirecrackerMachine, place, ports)
            machine = await boot(self.warden, what, order, make, has_own_socket=False)
        except BaseException:
            ports.close()
            raise
        assert isinstance(machine, FirecrackerMachine)
        return machine

    async def _power_on(self, machine: FirecrackerMachine, place: Place, memory_mb: int) -> None:
        """Describe the machine to Firecracker, and start it. Raises FirecrackerError."""
        api = FirecrackerApi(place.api)
        await api.ready(lambda: machine.is_alive)
        await api.size(processors=1, memory_mb=memory_mb)
        await api.boot_source(self._guest.kernel, _KERNEL_ARGUMENTS, self._guest.initial)
        await api.drive("root", self._guest.root)
        await api.drive("function", place.function)
        await api.vsock(place.vsock, _GUEST_CID)
        await api.start()


class Place(NamedTuple):
    """The files and sockets of one machine, in a folder of their own."""

    folder: Path

    @property
    def function(self) -> Path:
        return self.folder / "function.ext4"

    @property
    def console(self) -> Path:
        return self.folder / "console"

    @property
    def api(self) -> Path:
        return self.folder / "api"

    @property
    def vsock(self) -> Path:
        return self.folder / "vsock"

    @property
    def arguments(self) -> tuple[str, ...]:
        return ("--api-sock", str(self.api), "--id", self.folder.name, "--level", "Error")


class Ports:
    """What a guest reaches on its host: a port N of its vsock is the socket `<vsock>_N` here."""

    def __init__(self, vsock: Path) -> None:
        self._vsock = vsock
        self._servers: list[asyncio.Server] = []
        self.lost: Callable[[], None] = lambda: None
        """The guest closed the Runtime API."""
        self.log: Callable[[int], None] = os.close
        """The guest's output, as a descriptor that is handed over."""
        self._listening: socket.socket | None = None

    async def listen(self, order: BootOrder) -> None:
        """Be there before the guest starts."""
        loop = asyncio.get_running_loop()
        path = f"{self._vsock}_{guest_vsock.API_PORT}"
        self._servers.append(await loop.create_unix_server(lambda: ApiConnection(order.api, lambda: self.lost()), path))
        path = f"{self._vsock}_{guest_vsock.AGENT_PORT}"
        self._servers.append(await asyncio.start_unix_server(self._renew, path))
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.setblocking(False)
        self._listening.bind(f"{self._vsock}_{guest_vsock.LOG_PORT}")
        self._listening.listen(1)
        loop.add_reader(self._listening, self._accept, self._listening)

    def close(self) -> None:
        """The machine has ended."""
        for server in self._servers:
            server.close()
        self._stop_listening()

    def _accept(self, listening: socket.socket) -> None:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        self._stop_listening()
        connection.setblocking(False)
        self.log(connection.detach())

    def _stop_listening(self) -> None:
        if self._listening is not None:
            asyncio.get_running_loop().remove_reader(self._listening)
            self._listening.close()
            self._listening = None

    async def _renew(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The agent is there: set the clock, and the kernel's random number generator."""
        writer.write(guest_agent.order(time.time(), os.urandom(guest_agent.ENTROPY_BYTES)))
        await reader.read()
        writer.close()


class FirecrackerMachine(ProcessMachine):
    """One virtual machine: a Firecracker process."""

    def __init__(
        self,
        place: Place,
        ports: Ports,
        order: BootOrder,
        control: socket.socket,
        output: int,
        server: asyncio.Server | None,
        *,
        restored: bool,
    ) -> None:
        super().__init__(order, control, output, server, restored=restored)
        self._place = place
        self._ports = ports
        self._last_words = ""
        ports.lost = self.disconnected
        ports.log = self.reads_from

    def console(self) -> str:
        """What the guest's kernel and its first program have written, and Firecracker itself."""
        return self._last_words or text_of(self._place.console)

    def disconnected(self) -> None:
        """The runtime closed its connection: it ends, and the machine with it, or it has to."""
        self._loop.call_later(_RESET_GRACE_S, self.kill)

    def memory_bytes(self) -> int:
        return 0  # the guest's kernel holds the limit

    def memory_peak_bytes(self) -> int:
        return 0  # Firecracker's own memory says nothing about the function's

    def _gone(self, exited: Exited | MemoryRanOut | None) -> None:
        console = self._last_words = self.console()
        self._ports.close()
        shutil.rmtree(self._place.folder, ignore_errors=True)
        super()._gone(how_it_ended(exited, console, console))
