"""Landlock: a process gives up rights, for itself and for all that it will start, whoever its user is.

Here the right to write, but to what is named; and, where the kernel knows how, to reach processes and abstract Unix
sockets that do not live by the same rules. Standard library only: the warden loads this file. Source: the kernel's
documentation, "Landlock: unprivileged access control"; landlock(7). Rules without `refer` would forbid to move files
between folders, so kernels before 5.19 count as having no Landlock.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
import sys
from collections.abc import Iterable

_CREATE_RULESET, _ADD_RULE = 444, 445  # the same on all architectures
_ASK_VERSION, _BENEATH = 1, 1
_VERSION_MIN = 2
_WRITE_FILE, _TRUNCATE, _REFER = 1 << 1, 1 << 14, 1 << 13
_CHANGE_FOLDERS = sum(1 << bit for bit in range(4, 13))  # remove and make entries of all kinds
_TRUNCATE_SINCE, _SCOPES_SINCE = 3, 6
_SCOPES = 0b11  # abstract Unix sockets, signals


_libc = ctypes.CDLL(None, use_errno=True)


def _call(number: int, *arguments: object) -> int:
    return int(_libc.syscall(number, *arguments))


def version() -> int:
    """The version of Landlock that the kernel offers and that is good enough; 0 for none."""
    if sys.platform != "linux":
        return 0
    found = _call(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_ASK_VERSION))
    return found if found >= _VERSION_MIN else 0


def rules(writable: Iterable[str]) -> int:
    """A descriptor of rules under which only these paths, and what is below them, may be written to. What is not there
    is passed over. Raises OSError where there is no Landlock."""
    offered = version()
    of_files = _WRITE_FILE | (_TRUNCATE if offered >= _TRUNCATE_SINCE else 0)
    rights = of_files | _CHANGE_FOLDERS | _REFER
    wanted = struct.pack("=QQ", rights, 0) + (struct.pack("=Q", _SCOPES) if offered >= _SCOPES_SINCE else b"")
    made = _call(_CREATE_RULESET, wanted, ctypes.c_size_t(len(wanted)), ctypes.c_uint32(0))
    if not offered or made < 0:
        raise OSError(ctypes.get_errno(), "this kernel has no Landlock")
    for path in writable:
        try:
            opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        allowed = rights if stat.S_ISDIR(os.fstat(opened).st_mode) else of_files
        rule = struct.pack("=Qi", allowed, opened)
        if _call(_ADD_RULE, ctypes.c_int(made), ctypes.c_int(_BENEATH), rule, ctypes.c_uint32(0)):
            raise OSError(ctypes.get_errno(), f"no Landlock rule for {path}")
        os.close(opened)
    return made
