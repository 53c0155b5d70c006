"""The `microvm` provider: a virtual machine for each environment, QEMU's microvm machine.

Our bootstrap speaks the Runtime API over a serial port of virtio, which is the socket that other providers hand down.
The processor is emulated (TCG), which works on every machine without rights; code runs 10 to 30 times slower. QEMU does
not call TCG a security boundary: this gives the semantics of a virtual machine, not its isolation. Freezing is SIGSTOP to
the whole machine. Not done: acceleration by KVM, snapshots after INIT, networking.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
from functools import partial
from pathlib import Path

from edge.runtimes.lambda_edge import variables
from edge.runtimes.lambda_edge.failures import Exited, MemoryRanOut
from edge.runtimes.lambda_edge.providers import microvm_guest
from edge.runtimes.lambda_edge.providers.process import ProcessMachine, boot
from edge.runtimes.lambda_edge.providers.provider import BootOrder, Gives, Unavailable
from edge.runtimes.lambda_edge.warden import API_FD, Order
from edge.runtimes.lambda_edge.wardens import Warden

TASK_ROOT = "/var/task"
_KERNEL_MB = 128
"""What the guest's own kernel needs besides the function's memory."""


class MicrovmProvider:
    """Boots virtual machines from the guest in `folder` (see `microvm_guest.build`). Raises Unavailable."""

    name = "microvm"
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
            "an emulated processor is no security boundary, and 10 to 30 times slower",
            "there is no network",
            "/tmp does not outlive a crash: the machine is replaced",
            "CPU is not in proportion to memory",
            "INIT holds the boot of the machine, which AWS does not count",
        ),
    )

    def __init__(self, folder: Path) -> None:
        if shutil.which("qemu-system-x86_64") is None:
            raise Unavailable("microVMs need QEMU: apt install qemu-system-x86")
        self._guest = microvm_guest.found(folder)
        self._tsc_khz = _tsc_khz()
        self.warden = Warden()

    async def boot(self, order: BootOrder) -> MicrovmMachine:
        """Start a virtual machine. Its image is made first, of the function's code as it is now."""
        function, folder = order.function, Path(order.folder)
        environ = variables.variables(
            function, order.region, order.log_stream, task_root=TASK_ROOT, provisioned=order.provisioned
        )
        image = folder / "function.ext4"
        command = microvm_guest.command(function.runtime)
        await asyncio.to_thread(
            microvm_guest.make_function_image, Path(function.code_path), {**environ, "HOME": "/tmp"}, command, image
        )
        for name in ("end", "console"):
            (folder / name).unlink(missing_ok=True)
        what = Order(
            argv=self._command(folder, function.memory_mb), environ={}, cwd="/", limits={}, cgroups=[], files=[]
        )
        machine = await boot(self.warden, what, order, partial(MicrovmMachine, folder))
        assert isinstance(machine, MicrovmMachine)
        return machine

    async def close(self) -> None:
        """End the warden."""
        await asyncio.to_thread(self.warden.close)

    def _command(self, folder: Path, memory_mb: int) -> list[str]:
        """QEMU and its arguments. The kernel hangs unless it is told the clock rate of the processor."""
        kernel = (
            f"console=ttyS0 quiet panic=-1 reboot=t tsc_early_khz={self._tsc_khz} mitigations=off nokaslr "
            "cryptomgr.notests no_timer_check"
        )
        command = [str(shutil.which("qemu-system-x86_64")), "-accel", "tcg,thread=single", "-cpu", "max"]
        command += ["-M", "microvm,acpi=on,pit=off,pic=off,rtc=on,isa-serial=on", "-m", str(memory_mb + _KERNEL_MB)]
        command += ["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"]
        command += ["-serial", f"file:{folder / 'console'}", "-kernel", str(self._guest.kernel)]
        command += ["-initrd", str(self._guest.initial), "-append", kernel]
        for name, image in (("root", self._guest.root), ("function", folder / "function.ext4")):
            command += ["-drive", f"id={name},file={image},format=raw,if=none,readonly=on"]
            command += ["-device", f"virtio-blk-device,drive={name}"]
        command += ["-device", "virtio-serial-device"]
        ports = (f"socket,id=api,fd={API_FD}", "file,id=log,path=/dev/fd/1", f"file,id=end,path={folder / 'end'}")
        for number, port in enumerate(ports, 1):
            name = ("api", "log", "end")[number - 1]
            command += ["-chardev", port, "-device", f"virtserialport,nr={number},chardev={name},name={name}"]
        return command


class MicrovmMachine(ProcessMachine):
    """One virtual machine: a QEMU process."""

    def __init__(
        self,
        folder: Path,
        order: BootOrder,
        control: socket.socket,
        output: int,
        server: asyncio.Server | None,
        *,
        restored: bool,
    ) -> None:
        super().__init__(order, control, output, server, restored=restored)
        self._folder = folder

    def memory_bytes(self) -> int:
        return 0  # the guest's kernel holds the limit

    def memory_peak_bytes(self) -> int:
        return 0  # QEMU's own memory says nothing about the function's

    def _gone(self, exited: Exited | MemoryRanOut | None) -> None:
        said = re.search(r"exit (\d+)", _text(self._folder / "end"))
        if "Out of memory: Killed process" in _text(self._folder / "console"):
            exited = MemoryRanOut()
        elif said is not None:
            status = int(said.group(1))
            exited = Exited(0, status - 128) if status > 128 else Exited(status)
        super()._gone(exited)


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except FileNotFoundError:
        return ""


def _tsc_khz() -> int:
    """The rate of the processor's time stamp counter, as the emulated one has it too."""
    found = re.search(r"^cpu MHz\s*: ([\d.]+)", _text(Path("/proc/cpuinfo")), re.MULTILINE)
    if found is None:
        raise Unavailable("microVMs need an x86-64 machine whose clock rate is in /proc/cpuinfo")
    return int(float(found.group(1)) * 1000)
