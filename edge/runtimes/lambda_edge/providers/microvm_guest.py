"""What a microVM boots: Debian's cloud kernel, a small initial file system, and a read-only root with Node.js and Python.

All of it comes from packages: the kernel's is downloaded and unpacked, not installed; BusyBox, Node.js and Python are
those of this machine. Images are made by `mke2fs -d`, which needs no rights. A function's code is an image of its own.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from edge.runtimes.lambda_edge import interpreters
from edge.runtimes.lambda_edge.providers.provider import Unavailable

TOOLS = {
    "qemu-system-x86_64": "qemu-system-x86",
    "mke2fs": "e2fsprogs",
    "cpio": "cpio",
    "busybox": "busybox-static",
    "dpkg-deb": "dpkg",
    "apt-get": "apt",
}
"""Programs that are needed, and the Debian packages they are in."""

_KERNEL = "linux-image-cloud-amd64"
_MODULES = ("virtio/virtio_ring", "virtio/virtio", "virtio/virtio_mmio", "block/virtio_blk", "char/virtio_console")
_ROOT_MB = 512
_BOOTSTRAPS = Path(__file__).parent.parent
_LEFT_OUT = ("site-packages", "test", "__pycache__", "idlelib", "ensurepip", "tkinter", "*.a", "config-*")

# The ports are vport2: the serial device is the third of virtio, after two disks.
_INIT = """#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc; $b mount -t sysfs sys /sys; $b mount -t devtmpfs dev /dev
for m in virtio_ring virtio virtio_mmio virtio_blk virtio_console; do $b insmod /modules/$m.ko; done
while [ ! -e /dev/vdb ] || [ ! -e /dev/vport2p3 ]; do $b usleep 1000; done
$b mount -o ro /dev/vda /root; $b mount -o ro /dev/vdb /function
$b mount -o bind /function/task /root/var/task
$b mount -t tmpfs -o size=512m tmp /root/tmp
$b mount -t proc proc /root/proc; $b mount -t devtmpfs dev /root/dev
$b ip link set lo up
. /function/start
$b chroot /root /bin/sh -c 'cd /var/task; exec "$@"' sh $COMMAND 3<>/dev/vport2p1 >/dev/vport2p2 2>&1 </dev/null
echo "exit $?" > /dev/vport2p3
$b poweroff -f
"""


class Guest(NamedTuple):
    """The three files that every microVM boots from."""

    kernel: Path
    initial: Path
    root: Path


def found(folder: Path) -> Guest:
    """The guest in a folder. Raises Unavailable when there is none, or it is not complete."""
    guest = Guest(folder / "vmlinuz", folder / "initrd.gz", folder / "root.ext4")
    if not all(path.is_file() for path in guest):
        raise Unavailable(f"there is no guest for microVMs in {folder}: it has to be built first")
    return guest


def build(folder: Path, say: Callable[[str], None] = lambda text: None) -> Guest:
    """Build the guest in a folder, telling each step. Raises Unavailable with what is missing."""
    missing = [package for program, package in TOOLS.items() if shutil.which(program) is None]
    if missing:
        raise Unavailable(f"microVMs need: apt install {' '.join(missing)}")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as work:
        say(f"downloading {_KERNEL}")
        kernel = _unpacked_kernel(Path(work))
        say("making the initial file system")
        _make_initial(Path(work) / "initial", kernel, folder / "initrd.gz")
        say("making the root file system with Node.js and Python")
        _make_root(Path(work) / "root", folder / "root.ext4")
        shutil.copy(next(kernel.glob("boot/vmlinuz-*")), folder / "vmlinuz")
    return found(folder)


def make_function_image(code: Path, environ: Mapping[str, str], command: Sequence[str], image: Path) -> None:
    """An image with a function's code, its variables and the command that serves it."""
    with tempfile.TemporaryDirectory(dir=image.parent) as work:
        shutil.copytree(code, Path(work) / "task", symlinks=True)
        lines = [f"export {name}={shlex.quote(value)}" for name, value in environ.items()]
        (Path(work) / "start").write_text("\n".join([*lines, f"COMMAND={shlex.quote(' '.join(command))}", ""]))
        size = sum(path.lstat().st_size for path in Path(work).rglob("*"))
        _make_image(Path(work), image, 8 + size * 5 // 4 // 1_048_576)


def command(runtime: str) -> tuple[str, ...]:
    """The command line that serves a runtime inside of the guest."""
    if runtime.startswith("nodejs"):
        return ("/usr/bin/node", "/var/runtime/bootstrap.cjs")
    program, *flags = interpreters.own_python()
    return (program, *flags[:-1], "/var/runtime/bootstrap.py")


def _run(*command: str, cwd: Path | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Unavailable(f"{command[0]} failed: {done.stderr.strip()[-500:]}")
    return done.stdout


def _unpacked_kernel(work: Path) -> Path:
    depends = _run("apt-cache", "depends", _KERNEL)
    package = re.search(r"linux-image-\S+-cloud-amd64", depends.replace(_KERNEL, "", 1))
    if package is None:
        raise Unavailable(f"this system has no package {_KERNEL}")
    _run("apt-get", "download", "-q", package.group(), cwd=work)
    _run("dpkg-deb", "-x", str(next(work.glob("*.deb"))), str(work / "kernel"))
    return work / "kernel"


def _make_initial(work: Path, kernel: Path, image: Path) -> None:
    for name in ("bin", "proc", "sys", "dev", "root", "modules", "function"):
        (work / name).mkdir(parents=True)
    shutil.copy(str(shutil.which("busybox")), work / "bin" / "busybox")
    for module in _MODULES:
        shutil.copy(next(kernel.glob(f"lib/modules/*/kernel/drivers/{module}.ko")), work / "modules")
    (work / "init").write_text(_INIT)
    (work / "init").chmod(0o755)
    _run("sh", "-c", f"find . | cpio -o -H newc --quiet | gzip -1 > {shlex.quote(str(image))}", cwd=work)


def _make_root(work: Path, image: Path) -> None:
    for name in ("proc", "dev", "tmp", "var/task", "var/runtime", "usr/bin", "bin"):
        (work / name).mkdir(parents=True)
    shutil.copy(str(shutil.which("busybox")), work / "bin" / "sh")
    for name in ("bootstrap.py", "bootstrap.cjs"):
        shutil.copy(_BOOTSTRAPS / name, work / "var" / "runtime" / name)
    programs = [_copy_python(work)]
    node = interpreters.node_program()
    if node is not None:
        shutil.copy(os.path.realpath(node), work / "usr" / "bin" / "node")
        programs.append(Path(node))
    extensions = list((work / str(programs[0].parent.parent).lstrip("/")).rglob("lib-dynload/*.so"))
    for library in {library for each in (*programs, *extensions) for library in _libraries(each)}:
        place = work / library.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(os.path.realpath(library), place)
    _make_image(work, image, _ROOT_MB)


def _copy_python(work: Path) -> Path:
    """This Python with its standard library, at the same path."""
    program = Path(interpreters.own_python()[0])
    version = program.name
    home = program.parent.parent
    place = work / str(home).lstrip("/")
    shutil.copytree(
        home / "lib" / version, place / "lib" / version, symlinks=True, ignore=shutil.ignore_patterns(*_LEFT_OUT)
    )
    (place / "bin").mkdir(exist_ok=True)
    shutil.copy(program, place / "bin" / version)
    return program


def _libraries(program: Path) -> set[str]:
    return set(re.findall(r"/\S+\.so\S*", _run("ldd", str(program))))


def _make_image(folder: Path, image: Path, size_mb: int) -> None:
    image.unlink(missing_ok=True)
    _run("mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-d", str(folder), str(image), f"{size_mb}M")
