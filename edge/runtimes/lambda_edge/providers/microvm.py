"""The `microvm` provider: a virtual machine for each environment, QEMU's microvm machine.

Our bootstrap speaks the Runtime API over a serial port of virtio, which is the socket that other providers hand down.
The first environment of a function boots. When its INIT is over, the machine is copied to files, and the ones after it
are restored from there: their memory is a private map of one file, so what they do not write they share. A restored
machine gets the right time, and chance of its own, before it goes on (`microvm_machine.py`).

The processor is real where KVM is (`kvm_probe.py`), else emulated (TCG), which works on every machine without rights;
code runs 10 to 30 times slower there. QEMU does not call TCG a security boundary: it gives the semantics of a virtual
machine, not its isolation. Freezing is SIGSTOP to the whole machine. Not done: a network.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import os
import shutil
from functools import partial
from pathlib import Path

from edge.model.function import LambdaFunction
from edge.runtimes.lambda_edge import interpreters, variables
from edge.runtimes.lambda_edge.providers import kvm_probe, microvm_guest, microvm_machine
from edge.runtimes.lambda_edge.providers.microvm_machine import Files, MicrovmMachine
from edge.runtimes.lambda_edge.providers.process import boot
from edge.runtimes.lambda_edge.providers.provider import BootOrder, Gives, Unavailable
from edge.runtimes.lambda_edge.providers.qmp import QmpError
from edge.runtimes.lambda_edge.warden import Order
from edge.runtimes.lambda_edge.wardens import Warden

TASK_ROOT = "/var/task"
KERNEL_MB = 128
"""What the guest's own kernel needs besides the function's memory."""


class MicrovmProvider:
    """Boots virtual machines from the guest in `folder` (see `microvm_guest.build`). Raises Unavailable."""

    name = "microvm"

    def __init__(self, folder: Path) -> None:
        if shutil.which(microvm_machine.PROGRAM) is None:
            raise Unavailable("microVMs need QEMU: apt install qemu-system-x86")
        self._guest = microvm_guest.found(folder)
        self.acceleration = kvm_probe.acceleration()
        self.gives = _gives(self.acceleration)
        self.warden = Warden()
        self._snapshots: dict[str, asyncio.Future[Files | None]] = {}
        self._numbers = itertools.count(1)

    async def boot(self, order: BootOrder) -> MicrovmMachine:
        """Start a virtual machine: a copy of one that is past its INIT where there is one. Raises Unavailable."""
        key = await asyncio.to_thread(_fingerprint, order)
        while (copied := self._snapshots.get(key)) is not None:
            files = await asyncio.shield(copied)
            if files is not None:
                return await self._restored(order, files)
        copying = self._snapshots[key] = asyncio.get_running_loop().create_future()

        def copied_to(files: Files | None) -> None:
            if files is None:
                self._snapshots.pop(key, None)
            if not copying.done():
                copying.set_result(files)

        try:
            return await self._cold(order, copied_to)
        except BaseException:
            copied_to(None)
            raise

    async def close(self) -> None:
        """End the warden."""
        await asyncio.to_thread(self.warden.close)

    async def _cold(self, order: BootOrder, copied_to: microvm_machine.CopiedTo) -> MicrovmMachine:
        """Boot a machine. Its images are made first, of the function's code as it is now."""
        function, folder = order.function, Path(order.folder)
        environ = variables.variables(
            function, order.region, order.log_stream, task_root=TASK_ROOT, provisioned=order.provisioned
        )
        files = Files(Path(self.warden.folder) / f"snapshot-{next(self._numbers)}")
        files.folder.mkdir()
        await asyncio.to_thread(
            microvm_guest.make_function_image,
            Path(function.code_path),
            {**environ, "HOME": "/tmp", "_EDGE_COPIES": "1"},
            interpreters.sized(microvm_guest.command(function.runtime), function.memory_mb),
            files.function,
        )
        machine = await self._started(order, folder / "memory", files, is_restored=False)
        machine.copy_after_init(files, copied_to)
        return machine

    async def _restored(self, order: BootOrder, files: Files) -> MicrovmMachine:
        """Start a copy of a machine."""
        machine = await self._started(order, files.memory, files, is_restored=True)
        try:
            await machine.go_on()
        except (QmpError, TimeoutError) as error:
            machine.kill()
            raise Unavailable(f"a virtual machine could not be restored: {error}") from None
        return machine

    async def _started(self, order: BootOrder, memory: Path, files: Files, *, is_restored: bool) -> MicrovmMachine:
        folder = Path(order.folder)
        for name in ("end", "console"):
            (folder / name).unlink(missing_ok=True)
        channels = microvm_machine.Channels(Path(self.warden.folder) / f"vm-{next(self._numbers)}")
        await channels.listen()
        command = microvm_machine.command(
            self.acceleration,
            self._guest,
            folder,
            files.function,
            memory,
            order.function.memory_mb + KERNEL_MB,
            is_restored=is_restored,
        )
        what = Order(
            argv=[*command, *channels.arguments],
            environ={},
            cwd="/",
            limits={},
            cgroups=[],
            files=[str(files.state)] if is_restored else [],
            tmp="",
            keeps=[],
        )
        try:
            made = await boot(self.warden, what, order, partial(MicrovmMachine, folder, channels, is_copy=is_restored))
        except BaseException:
            channels.close()
            raise
        assert isinstance(made, MicrovmMachine)
        return made


def _gives(acceleration: kvm_probe.Acceleration) -> Gives:
    lacks = [
        "there is no network",
        "/tmp does not outlive a crash: the machine is replaced",
        "CPU is not in proportion to memory",
        "INIT holds the boot of the machine, which AWS does not count",
        "what a library outside of Node.js and Python keeps of random numbers from INIT is the same in all copies",
    ]
    if not acceleration.is_hardware:
        why = acceleration.reason
        lacks.insert(0, f"an emulated processor is no security boundary, and 10 to 30 times slower ({why})")
    return Gives(
        isolates_files=True,
        isolates_processes=True,
        isolates_network=True,
        own_kernel=True,
        limits_cpu=False,
        limits_memory=True,
        freezes=True,
        snapshots=True,
        lacks=tuple(lacks),
        boot_max_s=60.0,
    )


def _fingerprint(order: BootOrder) -> str:
    """What two machines must have in common for one to be a copy of the other."""
    function: LambdaFunction = order.function
    seen = hashlib.sha256(json.dumps([order.region, order.provisioned, *map(str, _settings(function))]).encode())
    for folder, below, names in os.walk(function.code_path):
        below.sort()
        for name in sorted(names):
            path = os.path.join(folder, name)
            found = os.lstat(path)
            seen.update(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\0{found.st_ino}\0".encode())
    return seen.hexdigest()


def _settings(function: LambdaFunction) -> tuple[object, ...]:
    return (function.name, function.version, function.handler, function.runtime, function.memory_mb)
