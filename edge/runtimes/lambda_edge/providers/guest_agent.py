"""Runs inside of a microVM: renews what a restored machine has in common with its snapshot, the clock and chance.

A program of its own with nothing but the standard library. On descriptor 3, a serial port, it reads orders (`ORDER`):
the time in epoch seconds, and 32 bytes of entropy. It answers each with one byte once it is done. The entropy is
credited, and the kernel's generator starts anew from it: otherwise all copies of a machine would draw the same
numbers.

Source: random(4), on RNDADDENTROPY and RNDRESEEDCRNG.
"""

from __future__ import annotations

import fcntl
import os
import struct
import time

ENTROPY_BYTES = 32
ORDER = struct.Struct(f"=d{ENTROPY_BYTES}s")
_RNDADDENTROPY, _RNDRESEEDCRNG = 0x40085203, 0x5207


def main() -> None:
    """Serve until the machine ends."""
    device = os.open("/dev/random", os.O_WRONLY)
    order = b""
    while True:
        order += os.read(3, ORDER.size - len(order))
        if len(order) < ORDER.size:
            continue
        clock, entropy = ORDER.unpack(order)
        fcntl.ioctl(device, _RNDADDENTROPY, struct.pack("=ii", ENTROPY_BYTES * 8, ENTROPY_BYTES) + entropy)
        fcntl.ioctl(device, _RNDRESEEDCRNG)
        time.clock_settime(time.CLOCK_REALTIME, clock)
        os.write(3, b".")
        order = b""


if __name__ == "__main__":
    main()
