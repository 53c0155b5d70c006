"""A guest of 62 bytes, for machine monitors: its source, and how its code is made, is in `toy_guest.s`."""

from __future__ import annotations

import struct
from pathlib import Path

SOURCE = Path(__file__).with_suffix(".s")
CODE = bytes.fromhex(
    """
    488d3530000000bb30000000ac84c0740766baf803eeebf466bafd03eca8
    0174f766baf803ec3c717407ffc388d8eeebe7b0fee664ebe17265616479
    0a00
    """
)
_ADDRESS = 0x100000
_HEADER_BYTES, _SEGMENT_BYTES = 64, 56


def kernel() -> bytes:
    """The guest as a kernel that Firecracker loads: an ELF file with one segment."""
    offset = _HEADER_BYTES + _SEGMENT_BYTES
    sizes = (0, _HEADER_BYTES, _SEGMENT_BYTES, 1, 0, 0, 0)
    header = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", 2, 62, 1, _ADDRESS, _HEADER_BYTES, 0, *sizes)
    segment = struct.pack("<IIQQQQQQ", 1, 5, offset, _ADDRESS, _ADDRESS, len(CODE), len(CODE), 1)
    return header + segment + CODE
