"""A /tmp for each environment, of the size that Lambda gives: a file system in memory, which no other process sees.

Loaded by the warden, with nothing but the standard library. The warden has a mount namespace of its own, in it a file
system for the folder of each environment: it outlives a reset, and goes with the folder. The runtime has another
namespace, in which that file system is /tmp. Root may make namespaces; other users may where the system lets them have
a user namespace, in which they are who they are.

Source: Lambda Developer Guide, "Configure ephemeral storage for Lambda functions"; mount_namespaces(7),
user_namespaces(7).
"""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any

_CLONE_NEWNS, _CLONE_NEWUSER = 0x00020000, 0x10000000
_MS_NOSUID, _MS_NODEV, _MS_BIND, _MS_REC, _MS_PRIVATE = 2, 4, 4096, 16384, 1 << 18
_MS_RDONLY, _MS_REMOUNT = 1, 32
_MNT_DETACH = 2
_TMP = "/tmp"


def enter(say: Callable[[str], None] = lambda text: None) -> bool:
    """Give this process a mount namespace of its own. False, and `say` why, where that cannot be: nothing has changed,
    then. Once for a process that has one thread."""
    if sys.platform != "linux":
        return False
    user, group = os.getuid(), os.getgid()
    try:
        _try_out(user, group)
        _unshare(user, group)
        _mount("none", "/", None, _MS_REC | _MS_PRIVATE)
    except OSError as error:
        say(f"functions share this machine's /tmp: {error}")
        return False
    return True


def provide(folder: str, size_bytes: int) -> None:
    """Have a file system in a folder, if it has none. Raises OSError."""
    if not os.path.ismount(folder):
        _mount("tmpfs", folder, "tmpfs", _MS_NOSUID | _MS_NODEV, f"size={size_bytes},mode=1777")


def let_go(folders: Iterable[str]) -> None:
    """Have the file systems in folders no more, so that the folders can be removed."""
    for folder in folders:
        _libc().umount2(os.fsencode(folder), _MNT_DETACH)


def show(folder: str, keeps: Iterable[str]) -> None:
    """Make a folder the /tmp of this process and of what it starts. `keeps` are folders that stay where they are,
    though they are in /tmp; the first of them is the function's code, which can only be read, as on Lambda. Raises
    OSError."""
    keeps = list(keeps)
    _unshare_mounts()
    _make_read_only(os.path.realpath(keeps[0]))
    kept = sorted({path for path in map(os.path.realpath, keeps) if path.startswith(f"{_TMP}/")})
    for path in kept:
        place = folder + path.removeprefix(_TMP)
        os.makedirs(place, exist_ok=True)
        _mount(path, place, None, _MS_BIND | _MS_REC)
    _mount(folder, _TMP, None, _MS_BIND | _MS_REC)


def _make_read_only(folder: str) -> None:
    """Where the system lets an ordinary user do so; else the folder stays as it is."""
    _mount(folder, folder, None, _MS_BIND | _MS_REC)
    with contextlib.suppress(OSError):
        _mount("none", folder, None, _MS_BIND | _MS_REMOUNT | _MS_RDONLY)


def may_hide_tmp(keeps: Iterable[str]) -> bool:
    """Whether /tmp can be another one for a process that needs these folders."""
    return not any(os.path.realpath(path) == _TMP for path in keeps)


def _try_out(user: int, group: int) -> None:
    """Do in a child what cannot be undone here. Raises OSError."""
    pid = os.fork()
    if pid == 0:
        number = 1
        try:
            _unshare(user, group)
            _mount("none", "/", None, _MS_REC | _MS_PRIVATE)
            _mount("tmpfs", _TMP, "tmpfs", 0)
            number = 0
        except OSError as error:
            number = error.errno or 1
        finally:
            os._exit(number)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code:
        raise OSError(code, os.strerror(code))


def _unshare(user: int, group: int) -> None:
    if user == 0:
        _unshare_mounts()
        return
    _check(_libc().unshare(_CLONE_NEWUSER | _CLONE_NEWNS))
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def _unshare_mounts() -> None:
    _check(_libc().unshare(_CLONE_NEWNS))


def _mount(source: str, target: str, kind: str | None, flags: int, data: str = "") -> None:
    words = [os.fsencode(text) if text is not None else None for text in (source, target, kind)]
    _check(_libc().mount(*words, flags, data.encode() or None), target)


def _check(result: int, what: str = "a mount namespace") -> None:
    if result != 0:
        import ctypes

        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)


@functools.cache
def _libc() -> Any:
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    libc.mount.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_char_p]
    return libc
