"""What runs inside of a microVM and renews what a copy has in common with its original: the clock, and chance.

A program of a few bytes: it is the first thing that a copy runs, and an emulated processor translates whatever runs for
the first time. On descriptor 3, a serial port or a socket, it reads orders. Each is a time and entropy; it credits the
entropy, has the kernel's generator start anew from it, sets the clock, and answers with one byte. Otherwise all copies
of a machine would draw the same numbers. Source and how its code is made: `guest_agent.s`.

Source: random(4), on RNDADDENTROPY and RNDRESEEDCRNG.
"""

from __future__ import annotations

import struct
from pathlib import Path

from edge.runtimes.lambda_edge.providers import tiny_program

SOURCE = Path(__file__).with_suffix(".s")
CODE = bytes.fromhex(
    """
    4883ec40b802000000488d3d94000000be010000000f054189c431db31c0
    bf03000000488d341cba3800000029da0f0585c07864745001c383fb3872
    dfb8100000004489e7be03520840488d5424100f05b8100000004489e7be
    075200000f05b8e300000031ff4889e60f05b801000000bf03000000488d
    3533000000ba010000000f05eb94b80700000031ff31f6ba010000000f05
    eb84b83c000000bf010000000f052f6465762f72616e646f6d002e
    """
)
ENTROPY_BYTES = 32
ORDER = struct.Struct(f"=qqii{ENTROPY_BYTES}s")
"""Seconds and nanoseconds of epoch time; how many bits of entropy in how many bytes; these."""


def order(clock: float, entropy: bytes) -> bytes:
    """Have the guest's clock set to epoch seconds, and 32 bytes of entropy credited."""
    seconds = int(clock)
    return ORDER.pack(seconds, int((clock - seconds) * 1_000_000_000), ENTROPY_BYTES * 8, ENTROPY_BYTES, entropy)


def program() -> bytes:
    """The agent as an ELF file."""
    return tiny_program.elf(CODE)
