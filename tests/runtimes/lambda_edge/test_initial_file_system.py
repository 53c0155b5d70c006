"""The archive that a microVM's kernel unpacks."""

from __future__ import annotations

import gzip
from pathlib import Path

from edge.runtimes.lambda_edge.providers import initial_file_system
from edge.runtimes.lambda_edge.providers.initial_file_system import Member

HEADER = 110


def members(data: bytes) -> list[Member]:
    """The archive, read as the kernel's documentation says."""
    found: list[Member] = []
    at = 0
    while True:
        assert data[at : at + 6] == b"070701"
        fields = [int(data[at + 6 + place : at + 14 + place], 16) for place in range(0, 104, 8)]
        mode, size, name_size = fields[1], fields[6], fields[11]
        name = data[at + HEADER : at + HEADER + name_size - 1].decode()
        at = -(-(at + HEADER + name_size) // 4) * 4
        if name == "TRAILER!!!":
            return found
        found.append(Member(name, mode, data[at : at + size]))
        at = -(-(at + size) // 4) * 4


def test_what_is_written_is_read_back() -> None:
    """Names and data of any length are padded to four bytes."""
    written = [Member("a", 0o040755), Member("bcd", 0o100644, b"12345"), Member("e/f", 0o100755, b"")]
    assert members(initial_file_system.archive(written)) == written


def test_the_image_holds_the_first_program_busybox_and_modules(tmp_path: Path) -> None:
    for name in ("busybox", "virtio.ko"):
        (tmp_path / name).write_text(name)
    image = tmp_path / "initrd.gz"
    initial_file_system.write(image, "#!/bin/busybox sh\n", tmp_path / "busybox", [tmp_path / "virtio.ko"])
    found = {each.name: each for each in members(gzip.decompress(image.read_bytes()))}
    assert found["init"] == Member("init", 0o100755, b"#!/bin/busybox sh\n")
    assert found["bin/busybox"].data == b"busybox"
    assert found["modules/virtio.ko"].data == b"virtio.ko"
