"""The kernel inside of a kernel's image: an ELF file, which Firecracker boots, where QEMU takes the image.

Source: the kernel's documentation, "The Linux/x86 Boot Protocol" (fields `setup_sects`, `payload_offset` and
`payload_length`).
"""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

from edge.runtimes.lambda_edge.providers.provider import Unavailable

_SETUP_SECTORS, _MAGIC, _PAYLOAD = 0x1F1, 0x202, 0x248
_SECTOR_BYTES = 512
_LENGTH_BYTES = 4

PROGRAMS = {
    b"\x02\x21\x4c\x18": "lz4",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\xfd\x37\x7a\x58": "xz",
}
"""What unpacks a kernel, by its first bytes: each is a program, and the Debian package with it."""


def unpack(image: Path, kernel: Path) -> None:
    """Write the kernel that is in an image. Raises Unavailable, with what is missing or wrong."""
    packed = _payload(image.read_bytes())
    program = PROGRAMS.get(packed[:4])
    if program is None:
        raise Unavailable(
            f"{image} is not a kernel that can be unpacked: it begins with {packed[:4].hex() or 'nothing'}"
        )
    if shutil.which(program) is None:
        raise Unavailable(f"Firecracker needs the kernel unpacked: apt install {program}")
    done = subprocess.run([program, "-dc"], input=packed, capture_output=True, check=False)
    if done.returncode != 0 or not done.stdout.startswith(b"\x7fELF"):
        raise Unavailable(f"{image} cannot be unpacked: {done.stderr.decode(errors='replace').strip()[-500:]}")
    kernel.write_bytes(done.stdout)


def _payload(image: bytes) -> bytes:
    """What is compressed in an image, without the length that follows it; b"" when it is no image."""
    if image[_MAGIC : _MAGIC + 4] != b"HdrS":
        return b""
    setup_bytes = ((image[_SETUP_SECTORS] or 4) + 1) * _SECTOR_BYTES
    offset, length = struct.unpack_from("<II", image, _PAYLOAD)
    return image[setup_bytes + offset : setup_bytes + offset + length - _LENGTH_BYTES]
