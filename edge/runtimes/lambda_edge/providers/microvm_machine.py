"""One virtual machine: QEMU's command line, and how a machine is copied after INIT and goes on as a copy.

A copy has the clock and the random numbers of its original. Before it goes on, the agent inside of it
(`guest_agent.py`) gives the kernel new entropy and sets the clock right. Libraries that keep random numbers of their
own, OpenSSL above all, draw new seeds when they see time go back. So before a machine is copied its clock is set far
ahead, and the runtime has OpenSSL draw: whatever it draws next, in a copy, is new.

Source: Lambda Developer Guide, "Handling uniqueness with Lambda SnapStart"; QEMU's documentation,
"microvm", "Migration".
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeAlias

from edge.runtimes.lambda_edge.failures import Exited, MemoryRanOut
from edge.runtimes.lambda_edge.providers import guest_agent
from edge.runtimes.lambda_edge.providers.kvm_probe import Acceleration
from edge.runtimes.lambda_edge.providers.microvm_guest import Guest
from edge.runtimes.lambda_edge.providers.process import ProcessMachine
from edge.runtimes.lambda_edge.providers.provider import BootOrder
from edge.runtimes.lambda_edge.providers.qmp import ANSWER_MAX_S, Qmp, QmpError
from edge.runtimes.lambda_edge.runtime_api import Answer, ApiReply
from edge.runtimes.lambda_edge.warden import API_FD

PROGRAM = "qemu-system-x86_64"
STATE_FD = API_FD + 1
"""Where QEMU finds the state of the machine that it copies."""
_FAR_AHEAD = 4_000_000_000.0  # the year 2096


class Files(NamedTuple):
    """A function's image, and what is kept of a machine that is past its INIT."""

    folder: Path

    @property
    def function(self) -> Path:
        """The image with the code."""
        return self.folder / "function.ext4"

    @property
    def memory(self) -> Path:
        """The machine's memory."""
        return self.folder / "memory"

    @property
    def state(self) -> Path:
        """All of the machine but its memory."""
        return self.folder / "state"


CopiedTo: TypeAlias = Callable[[Files | None], None]


def command(
    acceleration: Acceleration,
    guest: Guest,
    folder: Path,
    function: Path,
    memory: Path,
    memory_mb: int,
    *,
    is_restored: bool,
) -> list[str]:
    """QEMU and its arguments, for a machine that boots or one that is restored. A copy maps the file `memory`
    privately, and has the kernel in it; an original writes to it."""
    made = [str(shutil.which(PROGRAM)), *acceleration.arguments]
    made += ["-M", "microvm,acpi=on,pit=off,pic=off,rtc=on,isa-serial=on,memory-backend=ram", "-m", str(memory_mb)]
    share = "off" if is_restored else "on"
    made += ["-object", f"memory-backend-file,id=ram,size={memory_mb}M,mem-path={memory},share={share}"]
    made += ["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"]
    made += ["-serial", f"file:{folder / 'console'}"]
    if not is_restored:
        made += ["-kernel", str(guest.kernel), "-initrd", str(guest.initial)]
        quiet = "console=ttyS0 quiet panic=-1 reboot=t mitigations=off nokaslr cryptomgr.notests no_timer_check"
        made += ["-append", " ".join([quiet, *acceleration.kernel_arguments])]
    for name, image in (("root", guest.root), ("function", function)):
        made += ["-drive", f"id={name},file={image},format=raw,if=none,readonly=on"]
        made += ["-device", f"virtio-blk-device,drive={name}"]
    made += ["-device", "virtio-serial-device"]
    ports = (f"socket,id=api,fd={API_FD}", "file,id=log,path=/dev/fd/1", f"file,id=end,path={folder / 'end'}")
    for number, port in enumerate(ports, 1):
        name = ("api", "log", "end")[number - 1]
        made += ["-chardev", port, "-device", f"virtserialport,nr={number},chardev={name},name={name}"]
    return [*made, "-incoming", "defer"] if is_restored else made


class Channels:
    """The sockets that QEMU connects to: its own protocol, and the agent's serial port. `path` is what their names
    begin with."""

    def __init__(self, path: Path) -> None:
        self.broken: Callable[[], None] = lambda: None
        self.qmp = Qmp(path.with_suffix(".qmp"), lambda: self.broken())
        self._agent_path = path.with_suffix(".agent")
        self.arguments = [
            *self.qmp.arguments,
            *("-chardev", f"socket,id=agent,path={self._agent_path}"),
            *("-device", "virtserialport,nr=4,chardev=agent,name=agent"),
        ]
        self._server: asyncio.Server | None = None
        self._agent: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]]
        self._agent = asyncio.get_running_loop().create_future()

    async def listen(self) -> None:
        """Be there before QEMU starts."""
        await self.qmp.listen()
        self._server = await asyncio.start_unix_server(self._connected, self._agent_path)

    async def renew(self, clock: float) -> None:
        """Have the agent set the clock, and the kernel's random number generator. Raises TimeoutError."""
        async with asyncio.timeout(ANSWER_MAX_S):
            reader, writer = await asyncio.shield(self._agent)
            writer.write(guest_agent.order(clock, os.urandom(guest_agent.ENTROPY_BYTES)))
            await reader.read(1)

    def close(self) -> None:
        """The machine has ended."""
        self.qmp.close()
        if self._server is not None:
            self._server.close()
            self._agent_path.unlink(missing_ok=True)
        if self._agent.done() and not self._agent.cancelled():
            self._agent.result()[1].close()
        self._agent.cancel()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._agent.done():
            self._agent.set_result((reader, writer))


class MicrovmMachine(ProcessMachine):
    """One virtual machine: a QEMU process."""

    def __init__(
        self,
        folder: Path,
        channels: Channels,
        order: BootOrder,
        control: socket.socket,
        output: int,
        server: asyncio.Server | None,
        *,
        restored: bool,
        is_copy: bool,
    ) -> None:
        super().__init__(order, control, output, server, restored=is_copy)
        self._folder = folder
        self._channels = channels
        self._copied_to: CopiedTo = lambda files: None
        self._files: Files | None = None
        self._is_ahead = False
        self._tasks: set[asyncio.Task[None]] = set()
        channels.broken = self.kill
        order.api.on_restore = self._hold

    def copy_after_init(self, files: Files, copied_to: CopiedTo) -> None:
        """Have the machine copied to files once its INIT is over. `copied_to` hears of it, with None when it does not
        come to that."""
        self._files, self._copied_to = files, copied_to

    async def go_on(self) -> None:
        """A copy goes on. Raises QmpError, TimeoutError."""
        await self._channels.qmp.restore(STATE_FD)
        await self._channels.qmp.execute("cont")
        await self._channels.renew(time.time())
        assert self.connection is not None
        self.connection.answer_copy(self._may_go_on())

    def memory_bytes(self) -> int:
        return 0  # the guest's kernel holds the limit

    def memory_peak_bytes(self) -> int:
        return 0  # QEMU's own memory says nothing about the function's

    def _hold(self, answer: Answer) -> None:
        task = asyncio.create_task(self._answer(answer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, answer: Answer) -> None:
        """The runtime's INIT is over. It asks twice: the second time, it is copied."""
        try:
            if not self._is_ahead:
                await self._channels.renew(_FAR_AHEAD)
                self._is_ahead = True
            else:
                await self._copy()
                await self._channels.renew(time.time())
        except (QmpError, TimeoutError, OSError):
            self.kill()
        else:
            answer(self._may_go_on())

    async def _copy(self) -> None:
        files = self._files
        assert files is not None
        await self._channels.qmp.save(files.state)
        await asyncio.to_thread(_copy_sparse, self._folder / "memory", files.memory)
        await self._channels.qmp.execute("cont")
        self._copied_to(files)
        self._copied_to = lambda files: None

    def _may_go_on(self) -> ApiReply:
        own = {"AWS_LAMBDA_LOG_STREAM_NAME": self._order.log_stream}
        return ApiReply(200, json.dumps(own).encode())

    def _gone(self, exited: Exited | MemoryRanOut | None) -> None:
        exited = how_it_ended(exited, text_of(self._folder / "console"), text_of(self._folder / "end"))
        self._channels.close()
        self._copied_to(None)
        with contextlib.suppress(FileNotFoundError):
            (self._folder / "memory").unlink()
        super()._gone(exited)


def _copy_sparse(source: Path, target: Path) -> None:
    """Copy a file without the holes in it: most of a machine's memory was never written."""
    with source.open("rb") as reading, target.open("wb") as writing:
        size = os.fstat(reading.fileno()).st_size
        os.ftruncate(writing.fileno(), size)
        at = 0
        while at < size:
            try:
                at = os.lseek(reading.fileno(), at, os.SEEK_DATA)
            except OSError:
                return  # a hole until the end
            end = os.lseek(reading.fileno(), at, os.SEEK_HOLE)
            while at < end:
                at += os.copy_file_range(reading.fileno(), writing.fileno(), end - at, at, at)


def how_it_ended(exited: Exited | MemoryRanOut | None, console: str, last_words: str) -> Exited | MemoryRanOut | None:
    """What ended a runtime in a machine that ended as `exited`: by what its kernel wrote on the console, and its first
    program at the end."""
    if "Out of memory: Killed process" in console:
        return MemoryRanOut()
    said = re.search(r"^exit (\d+)", last_words, re.MULTILINE)
    if said is None:
        return exited
    status = int(said.group(1))
    return Exited(0, status - 128) if status > 128 else Exited(status)


def text_of(path: Path) -> str:
    """The text of a file; "" when there is none."""
    try:
        return path.read_text(errors="replace")
    except FileNotFoundError:
        return ""
