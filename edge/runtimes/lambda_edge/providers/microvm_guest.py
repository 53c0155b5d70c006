"""What a microVM boots: Debian's cloud kernel, an initial file system, a read-only root with Node.js and Python.

All of it comes from packages: those of the kernel and of BusyBox are downloaded and unpacked, not installed; Node.js
and Python are those of this machine. Images are made by `mke2fs -d`, which needs no rights. A function's code is in an
image of its own, and so are our bootstraps.
"""

from __future__ import annotations

import hashlib
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
from edge.runtimes.lambda_edge.providers import guest_agent, initial_file_system, uncompressed_kernel
from edge.runtimes.lambda_edge.providers.provider import Unavailable

TOOLS = {
    "qemu-system-x86_64": "qemu-system-x86",
    "mke2fs": "e2fsprogs",
    "dpkg-deb": "dpkg",
    "apt-get": "apt",
}
"""Programs that are needed, and the Debian packages they are in."""

_KERNEL, _BUSYBOX = "linux-image-cloud-amd64", "busybox-static"
_MODULES = (
    *("drivers/virtio/virtio_ring", "drivers/virtio/virtio", "drivers/virtio/virtio_mmio"),
    *("drivers/block/virtio_blk", "drivers/char/virtio_console", "net/vmw_vsock/vsock"),
    *("net/vmw_vsock/vmw_vsock_virtio_transport_common", "net/vmw_vsock/vmw_vsock_virtio_transport"),
    "net/vmw_vsock/vsock_loopback",
)
"""The last one is for a test, which is a host inside of the guest."""
_ROOT_MB = 512
_UNPACKED = "vmlinux"
_BUILD = "build it with `edge lambda setup-microvm`"
_BOOTSTRAPS = Path(__file__).parent.parent
_PROGRAMS = (
    *(_BOOTSTRAPS / "bootstrap.py", _BOOTSTRAPS / "bootstrap.cjs"),
    Path(__file__).with_name("guest_vsock.py"),
)
_AGENT = "/var/runtime/guest_agent"
_LEFT_OUT = ("site-packages", "test", "__pycache__", "idlelib", "ensurepip", "tkinter", "*.a", "config-*")

# Under QEMU the ports are vport2: the serial device is the third of virtio, after two disks. The fourth port is the
# agent's, which renews clock and chance of a machine that was restored. Under Firecracker they are those of a vsock,
# and a reset is what ends the machine.
VSOCK_ARGUMENT = "edge.vsock"
"""On the kernel's command line: the host is found by vsock."""

_INIT = f"""#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc; $b mount -t sysfs sys /sys; $b mount -t devtmpfs dev /dev
case "$($b cat /proc/cmdline)" in
*{VSOCK_ARGUMENT}*) port=/dev/vsock; own="vsock vmw_vsock_virtio_transport_common vmw_vsock_virtio_transport";;
*) port=/dev/vport2p4; own=virtio_console;;
esac
for m in virtio_ring virtio virtio_mmio virtio_blk $own; do $b insmod /modules/$m.ko; done
while [ ! -e /dev/vdb ] || [ ! -e $port ]; do $b usleep 1000; done
$b mount -o ro /dev/vda /root; $b mount -o ro /dev/vdb /function
$b mount -o bind /function/task /root/var/task
$b mount -o bind /function/runtime /root/var/runtime
$b mount -t tmpfs -o size=512m tmp /root/tmp
$b mount -t proc proc /root/proc; $b mount -t devtmpfs dev /root/dev
$b ip link set lo up
. /function/start
if [ $port = /dev/vsock ]; then
    $b chroot /root $VSOCK $AGENT -- /bin/sh -c 'cd /var/task; exec "$@"' sh $COMMAND </dev/null
    echo "exit $?"
    $b reboot -f
fi
$b chroot /root $AGENT 3<>/dev/vport2p4 >/dev/null 2>&1 </dev/null &
$b chroot /root /bin/sh -c 'cd /var/task; exec "$@"' sh $COMMAND 3<>/dev/vport2p1 >/dev/vport2p2 2>&1 </dev/null
echo "exit $?" > /dev/vport2p3
$b poweroff -f
"""


VERSION = hashlib.sha256(" ".join([*_MODULES, _INIT]).encode()).hexdigest()[:12]
"""Changes when a guest has to be built anew."""


class Guest(NamedTuple):
    """The three files that every microVM boots from."""

    kernel: Path
    initial: Path
    root: Path


def default_folder() -> Path:
    """Where the guest is kept for this user."""
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(cache).expanduser() / "edge-on-a-laptop" / "microvm"


def found(folder: Path) -> Guest:
    """The guest in a folder. Raises Unavailable when there is none, or it is not complete."""
    guest = Guest(folder / "vmlinuz", folder / "initrd.gz", folder / "root.ext4")
    if not all(path.is_file() for path in (*guest, folder / "version")):
        raise Unavailable(f"there is no guest for microVMs in {folder}: {_BUILD}")
    if (folder / "version").read_text() != VERSION:
        raise Unavailable(f"the guest for microVMs in {folder} is of another version: {_BUILD}")
    return guest


def build(folder: Path, say: Callable[[str], None] = lambda text: None) -> Guest:
    """Build the guest in a folder, telling each step. Raises Unavailable with what is missing."""
    missing = [package for program, package in TOOLS.items() if shutil.which(program) is None]
    if missing:
        raise Unavailable(f"microVMs need: apt install {' '.join(missing)}")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as work:
        say(f"1/5 downloading {_KERNEL}")
        kernel = _unpacked(_kernel_package(), Path(work))
        say(f"2/5 downloading {_BUSYBOX}")
        busybox = _unpacked(_BUSYBOX, Path(work)) / "bin" / "busybox"
        say("3/5 making the initial file system")
        initial_file_system.write(folder / "initrd.gz", _INIT, busybox, _modules(kernel))
        say("4/5 making the root file system with Node.js and Python")
        _make_root(Path(work) / "root", busybox, folder / "root.ext4")
        say("5/5 keeping the kernel, and unpacking it for Firecracker")
        shutil.copy(next(kernel.glob("boot/vmlinuz-*")), folder / "vmlinuz")
        (folder / "version").write_text(VERSION)
    _unpack_kernel(folder, say)
    return found(folder)


def unpacked_kernel(folder: Path) -> Path:
    """The kernel that Firecracker boots, of the guest in a folder. Raises Unavailable when there is none."""
    if not (folder / _UNPACKED).is_file():
        raise Unavailable(f"there is no unpacked kernel in {folder}: apt install lz4, then {_BUILD}")
    return folder / _UNPACKED


def _unpack_kernel(folder: Path, say: Callable[[str], None]) -> None:
    """For Firecracker alone, so it is left out where it cannot be done."""
    (folder / _UNPACKED).unlink(missing_ok=True)
    try:
        uncompressed_kernel.unpack(folder / "vmlinuz", folder / _UNPACKED)
    except Unavailable as missing:
        say(f"left out: {missing}")


def make_function_image(code: Path, environ: Mapping[str, str], command: Sequence[str], image: Path) -> None:
    """An image with a function's code, our bootstraps, its variables, and the commands that serve it."""
    with tempfile.TemporaryDirectory(dir=image.parent) as work:
        shutil.copytree(code, Path(work) / "task", symlinks=True)
        (Path(work) / "runtime").mkdir()
        for source in _PROGRAMS:
            shutil.copy(source, Path(work) / "runtime")
        agent = Path(work) / "runtime" / "guest_agent"
        agent.write_bytes(guest_agent.program())
        agent.chmod(0o755)
        lines = [f"export {name}={shlex.quote(value)}" for name, value in environ.items()]
        lines += [f"COMMAND={shlex.quote(' '.join(command))}", f"AGENT={_AGENT}"]
        lines += [f"VSOCK={shlex.quote(' '.join(_ours('guest_vsock')))}", ""]
        (Path(work) / "start").write_text("\n".join(lines))
        size = sum(path.lstat().st_size for path in Path(work).rglob("*"))
        _make_image(Path(work), image, 8 + size * 5 // 4 // 1_048_576)


def command(runtime: str) -> tuple[str, ...]:
    """The command line that serves a runtime inside of the guest."""
    if runtime.startswith("nodejs"):
        return ("/usr/bin/node", "/var/runtime/bootstrap.cjs")
    return _ours("bootstrap")


def _ours(name: str) -> tuple[str, ...]:
    """The command line of a program of ours in the guest."""
    program, *flags = interpreters.own_python()
    return (program, *flags[:-1], f"/var/runtime/{name}.py")


def _run(*command: str, cwd: Path | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Unavailable(f"{command[0]} failed: {done.stderr.strip()[-500:]}")
    return done.stdout


def _kernel_package() -> str:
    depends = _run("apt-cache", "depends", _KERNEL)
    package = re.search(r"linux-image-\S+-cloud-amd64", depends.replace(_KERNEL, "", 1))
    if package is None:
        raise Unavailable(f"this system has no package {_KERNEL}")
    return package.group()


def _unpacked(package: str, work: Path) -> Path:
    """The files of a Debian package, which is downloaded and not installed."""
    folder = work / package
    folder.mkdir()
    _run("apt-get", "download", "-q", package, cwd=folder)
    _run("dpkg-deb", "-x", str(next(folder.glob("*.deb"))), str(folder))
    return folder


def _modules(kernel: Path) -> list[Path]:
    return [next(kernel.glob(f"lib/modules/*/kernel/{module}.ko")) for module in _MODULES]


def _make_root(work: Path, busybox: Path, image: Path) -> None:
    for name in ("proc", "dev", "tmp", "var/task", "var/runtime", "usr/bin", "bin"):
        (work / name).mkdir(parents=True)
    shutil.copy(busybox, work / "bin" / "sh")
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
