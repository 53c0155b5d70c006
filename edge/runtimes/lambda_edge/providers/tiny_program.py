"""Programs of a few bytes, as files that Linux on x86-64 starts.

Source: elf(5).
"""

from __future__ import annotations

import struct

_ADDRESS = 0x400000
_HEADER_BYTES, _SEGMENT_BYTES = 64, 56
_EXECUTABLE, _X86_64, _LOADED, _READ_EXECUTE = 2, 62, 1, 5


def elf(code: bytes) -> bytes:
    """An ELF file with one segment. The program begins with the first byte of its code, which nothing relocates."""
    begins = _HEADER_BYTES + _SEGMENT_BYTES
    size = begins + len(code)
    shape = (0, _HEADER_BYTES, _SEGMENT_BYTES, 1, 0, 0, 0)
    header = struct.pack(
        *("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", _EXECUTABLE, _X86_64, 1, _ADDRESS + begins, _HEADER_BYTES, 0),
        *shape,
    )
    segment = struct.pack("<IIQQQQQQ", _LOADED, _READ_EXECUTE, 0, _ADDRESS, _ADDRESS, size, size, 0x1000)
    return header + segment + code
