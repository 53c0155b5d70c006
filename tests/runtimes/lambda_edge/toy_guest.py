"""A guest of a few bytes, for machine monitors: its source, and how its code is made, is in `toy_guest.s`."""

from __future__ import annotations

import os
import shutil
import struct
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_suffix(".s")
CODE = bytes.fromhex(
    """
    488d3535000000bb30000000ac84c0740766baf803eeebf4803e00751966
    bafd03eca80174f766baf803ec3c717407ffc388d8eeebe7b0fee664ebe1
    """
)
_ADDRESS = 0x100000
_HEADER_BYTES, _SEGMENT_BYTES = 64, 56


def kernel(text: str = "ready\n", *, stays: bool = True) -> bytes:
    """The guest as a kernel that Firecracker loads: an ELF file with one segment. It writes `text` on its serial port;
    then it answers there, or it resets the machine."""
    offset = _HEADER_BYTES + _SEGMENT_BYTES
    code = CODE + text.encode() + (b"\0\0" if stays else b"\0\1")
    sizes = (0, _HEADER_BYTES, _SEGMENT_BYTES, 1, 0, 0, 0)
    header = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", 2, 62, 1, _ADDRESS, _HEADER_BYTES, 0, *sizes)
    segment = struct.pack("<IIQQQQQQ", 1, 5, offset, _ADDRESS, _ADDRESS, len(code), len(code), 1)
    return header + segment + code


def monitor() -> str:
    """The Firecracker to test with. Skips the test, with the reason, where it cannot run."""
    found = os.environ.get("EDGE_FIRECRACKER") or shutil.which("firecracker")
    if not found:
        pytest.skip("there is no Firecracker: EDGE_FIRECRACKER is not set, and it is not on the PATH")
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        pytest.skip("there is no /dev/kvm that may be opened")
    return found
