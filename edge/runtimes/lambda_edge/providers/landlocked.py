"""What runs between bubblewrap and a runtime: it takes Landlock's rules upon itself, and becomes the runtime.

Bubblewrap could not mount under these rules, and no interpreter is in every sandbox. So it is a program of a few bytes:
its source, and how its code is made, are in `landlocked.s`.
"""

from __future__ import annotations

import platform
from pathlib import Path

from edge.runtimes.lambda_edge import landlock
from edge.runtimes.lambda_edge.providers import tiny_program

SOURCE = Path(__file__).with_suffix(".s")
CODE = bytes.fromhex(
    """
    b8be010000bf0500000031f60f0585c07826b803000000bf050000000f05
    488b7c2410488d742410488b0c24488d54cc10b83b0000000f05b83c0000
    00bf7e0000000f05
    """
)
DEVICES = tuple(f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom", "tty"))
"""What may be written to besides /tmp."""


def can_run() -> bool:
    """Whether the kernel has Landlock, and this machine understands the program."""
    return platform.machine() == "x86_64" and landlock.version() > 0


def program() -> bytes:
    """The program as an ELF file."""
    return tiny_program.elf(CODE)
