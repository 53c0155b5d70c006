"""How virtual machines run here: on the processor, by KVM, or emulated.

That /dev/kvm is there and opens proves nothing. Inside of some virtual machines KVM interprets the kernel of a guest,
instruction by instruction: it was seen to run 1.7 million a second, and to give up on Linux altogether, without QEMU
ending or saying so. So a loop is timed on one virtual processor. Hardware takes well under a millisecond for it, such a
KVM some 70.

Source: the kernel's documentation, "The Definitive KVM (Kernel-based Virtual Machine) API Documentation".
"""

from __future__ import annotations

import ctypes
import fcntl
import functools
import mmap
import os
import struct
import time
from pathlib import Path
from typing import NamedTuple

_CREATE_VM, _CREATE_VCPU, _RUN, _VCPU_MMAP_SIZE = 0xAE01, 0xAE41, 0xAE80, 0xAE04
_SET_USER_MEMORY_REGION, _GET_SREGS, _SET_SREGS, _SET_REGS = 0x4020AE46, 0x8138AE83, 0x4138AE84, 0x4090AE82
_EXIT_HLT = 5
_MEMORY_BYTES, _SREGS_BYTES = 0x1000, 312
_LOOP = bytes.fromhex("b90000 e2fe 49 e2fe f4".replace(" ", ""))
"""mov cx, 0; loop $ (65,536 rounds); dec cx; loop $ (65,534 more); hlt -- in 16-bit code."""
_HARDWARE_MAX_MS = 20.0


class Acceleration(NamedTuple):
    """QEMU's arguments for the processor, and the kernel's. `reason` says why it is not hardware."""

    arguments: tuple[str, ...]
    kernel_arguments: tuple[str, ...]
    is_hardware: bool
    reason: str = ""


@functools.cache
def acceleration() -> Acceleration:
    """What is there, found out once."""
    reason = why_not()
    if not reason:
        return Acceleration(("-accel", "kvm", "-cpu", "host"), (), True)
    # Without a rate for the clock, the kernel waits for a timer that does not come.
    clock = f"tsc_early_khz={tsc_khz()}"
    return Acceleration(("-accel", "tcg,thread=single", "-cpu", "max"), (clock, "tsc=reliable"), False, reason)


def why_not(device: Path = Path("/dev/kvm")) -> str:
    """Why hardware does not run virtual machines here; "" when it does."""
    if os.uname().machine != "x86_64":
        return "only x86-64 machines are tried"
    try:
        took_ms = _timed(device)
    except FileNotFoundError:
        return f"there is no {device}"
    except PermissionError:
        return f"{device} may not be opened by this user"
    except OSError as error:
        return f"{device} does not work: {error.strerror or error}"
    if took_ms > _HARDWARE_MAX_MS:
        return f"{device} emulates: 131,000 instructions took {took_ms:.0f} ms"
    return ""


def tsc_khz() -> int:
    """The rate of the processor's time stamp counter, which an emulated processor shares; measured, because the rate in
    /proc/cpuinfo is that of the moment."""
    # rdtsc; shl rdx, 32; or rax, rdx; ret
    with mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC) as page:
        page.write(bytes.fromhex("0f3148c1e2204809d0c3"))
        view = ctypes.c_char.from_buffer(page)
        counter = ctypes.CFUNCTYPE(ctypes.c_uint64)(ctypes.addressof(view))
        before, started = int(counter()), time.perf_counter()
        while time.perf_counter() - started < 0.02:
            pass
        rate = (int(counter()) - before) / (time.perf_counter() - started)
        del view
    return round(rate / 1_000)


def _timed(device: Path) -> float:
    """Milliseconds that one virtual processor takes for the loop. Raises OSError."""
    files: list[int] = []
    with mmap.mmap(-1, _MEMORY_BYTES) as memory:
        memory.write(_LOOP)
        view = ctypes.c_char.from_buffer(memory)
        try:
            files.append(os.open(device, os.O_RDWR | os.O_CLOEXEC))
            files.append(fcntl.ioctl(files[0], _CREATE_VM, 0))
            region = struct.pack("=IIQQQ", 0, 0, 0, _MEMORY_BYTES, ctypes.addressof(view))
            fcntl.ioctl(files[1], _SET_USER_MEMORY_REGION, region)
            files.append(fcntl.ioctl(files[1], _CREATE_VCPU, 0))
            size = fcntl.ioctl(files[0], _VCPU_MMAP_SIZE, 0)
            segments = bytearray(_SREGS_BYTES)
            fcntl.ioctl(files[2], _GET_SREGS, segments)
            segments[:8] = bytes(8)  # the base of the code segment
            segments[12:14] = bytes(2)  # and its selector
            fcntl.ioctl(files[2], _SET_SREGS, bytes(segments))
            fcntl.ioctl(files[2], _SET_REGS, struct.pack("=18Q", *[0] * 17, 2))
            with mmap.mmap(files[2], size) as shared:
                started = time.perf_counter()
                fcntl.ioctl(files[2], _RUN, 0)
                took_ms = (time.perf_counter() - started) * 1_000
                if struct.unpack_from("=I", shared, 8)[0] != _EXIT_HLT:
                    raise OSError("a virtual processor did not run to the end of a loop")
        finally:
            del view
            for each in reversed(files):
                os.close(each)
    return took_ms
