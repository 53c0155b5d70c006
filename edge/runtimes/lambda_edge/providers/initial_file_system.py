"""The initial file system of a microVM: a cpio archive of the `newc` kind, compressed.

Source: the kernel's documentation, "initramfs buffer format". Written here because the archive is six files and the
program `cpio` is on few machines.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

_FOLDERS = ("bin", "proc", "sys", "dev", "root", "modules", "function")
_FOLDER_MODE, _PROGRAM_MODE, _FILE_MODE = 0o040755, 0o100755, 0o100644


class Member(NamedTuple):
    """A file or a folder of the archive. `mode` as in `stat`."""

    name: str
    mode: int
    data: bytes = b""


def write(image: Path, init: str, busybox: Path, modules: Sequence[Path]) -> None:
    """Make the image: `init` is the first program's text, `modules` are those of the kernel that it loads."""
    members = [Member(name, _FOLDER_MODE) for name in _FOLDERS]
    members.append(Member("bin/busybox", _PROGRAM_MODE, busybox.read_bytes()))
    members.append(Member("init", _PROGRAM_MODE, init.encode()))
    members += [Member(f"modules/{module.name}", _FILE_MODE, module.read_bytes()) for module in modules]
    image.write_bytes(gzip.compress(archive(members), compresslevel=1, mtime=0))


def archive(members: Iterable[Member]) -> bytes:
    """The archive, uncompressed."""
    return b"".join(_records((*members, Member("TRAILER!!!", 0))))


def _records(members: Iterable[Member]) -> Iterator[bytes]:
    for number, member in enumerate(members, 1):
        name = member.name.encode() + b"\0"
        links = 2 if member.mode == _FOLDER_MODE else 1
        fields = (number, member.mode, 0, 0, links, 0, len(member.data), 0, 0, 0, 0, len(name), 0)
        yield _padded(b"070701" + b"".join(b"%08X" % field for field in fields) + name)
        yield _padded(member.data)


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)
