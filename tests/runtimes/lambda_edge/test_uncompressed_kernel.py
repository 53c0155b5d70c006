"""A kernel's image is made here as the boot protocol has it, around a kernel that the real programs have packed."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from edge.runtimes.lambda_edge.providers import uncompressed_kernel
from edge.runtimes.lambda_edge.providers.provider import Unavailable

KERNEL = b"\x7fELF" + bytes(range(256)) * 999
_ARGUMENTS = {"lz4": ["-l"], "xz": ["--check=crc32"], "zstd": []}


def image(packed: bytes, setup_sectors: int = 3, offset: int = 700) -> bytes:
    setup = bytearray((setup_sectors + 1) * 512)
    setup[0x1F1] = setup_sectors
    setup[0x202:0x206] = b"HdrS"
    struct.pack_into("<II", setup, 0x248, offset, len(packed) + 4)
    return bytes(setup) + bytes(offset) + packed + struct.pack("<I", len(KERNEL)) + b"the end of the image"


@pytest.mark.parametrize("program", uncompressed_kernel.PROGRAMS.values())
def test_the_kernel_is_found_and_unpacked(program: str, tmp_path: Path) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"there is no {program}")
    packed = subprocess.run([program, "-zc", *_ARGUMENTS[program]], input=KERNEL, capture_output=True, check=True)
    (tmp_path / "vmlinuz").write_bytes(image(packed.stdout))
    uncompressed_kernel.unpack(tmp_path / "vmlinuz", tmp_path / "vmlinux")
    assert (tmp_path / "vmlinux").read_bytes() == KERNEL


@pytest.mark.parametrize("program", uncompressed_kernel.PROGRAMS.values())
def test_a_missing_program_is_named(program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    magic = {name: magic for magic, name in uncompressed_kernel.PROGRAMS.items()}[program]
    (tmp_path / "vmlinuz").write_bytes(image(magic + b"..."))
    with pytest.raises(Unavailable, match=f"^Firecracker needs the kernel unpacked: apt install {program}$"):
        uncompressed_kernel.unpack(tmp_path / "vmlinuz", tmp_path / "vmlinux")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "begins with nothing"),
        (b"not an image" * 100, "begins with nothing"),
        (image(b"BZh9..."), "begins with 425a6839"),
        (image(b"\xfd7zXZ, but not really"), "cannot be unpacked"),
    ],
)
def test_what_is_no_kernel_is_told_apart(data: bytes, words: str, tmp_path: Path) -> None:
    """And nothing is written."""
    if words == "cannot be unpacked" and shutil.which("xz") is None:
        pytest.skip("xz is not installed")
    (tmp_path / "vmlinuz").write_bytes(data)
    with pytest.raises(Unavailable, match=words):
        uncompressed_kernel.unpack(tmp_path / "vmlinuz", tmp_path / "vmlinux")
    assert not (tmp_path / "vmlinux").exists()
