"""Starts the processes of execution environments, and sees to it that nothing of them stays behind.

A program of its own, with nothing but the standard library: `python -I -S -B warden.py FD FOLDER`. FD is a stream
socket on which each environment is asked for: four bytes of length, JSON (`Order`), and three file descriptors with it:
the environment's control socket, its end of the Runtime API, and where its output goes. The warden has a guardian for
it. When the proxy is gone, and all environments with it, the warden removes FOLDER.

Forking takes longer than all that follows, so one guardian and its runtime's process are forked ahead: while there are
no orders, each waits for its part of the next one. Orders that come faster than that wait for a fork of their own.

A guardian stays the parent of the runtime. It adopts whatever the runtime's children leave behind (Linux), so it can
end all of them: when the runtime ends, when the control socket closes, which it does when the proxy dies, and
when the guardian is told to terminate. Then it closes the socket: end of file is the promise that nothing is left. On
the control socket it writes one JSON object a line: {"pid": 17}, {"exit": 1} or {"signal": 9}, before it {"oom": 1}.

For functions in this very version of Python, the runtime is a fork: the interpreter is warm, its modules are loaded.
"""

from __future__ import annotations

import contextlib
import gc
import glob
import json
import os
import select
import shutil
import signal
import socket
import struct
import sys
import time
from typing import Any, NoReturn, TypedDict

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

TMP_MAX_BYTES = 512 << 20
"""The size of /tmp: `quotas.LAMBDA_TMP_MAX_BYTES`, which a test compares. This program imports nothing of ours."""
_REMOVE_TRIES, _REMOVE_PAUSE_S = 400, 0.005
_QUIET_S = 0.05
"""How long there must have been no order before the next environment is forked ahead: the last one starts first."""
API_FD = 3
"""Where a runtime finds its end of the Runtime API."""

WARM_MODULES = (
    "base64 collections.abc contextlib copy datetime decimal email.utils functools hashlib hmac http.client io "
    "itertools json logging math operator random re ssl string time traceback typing urllib.parse urllib.request uuid"
).split()


class Order(TypedDict):
    """What to start. `argv` empty means Python forked from the warden. `limits` are rlimits by name. `cgroups` are
    folders: joined at the start, removed at the end. `files` are opened for reading, from descriptor 4 on. `tmp` is the
    environment's folder that gets a file system of its own, "" for none; where `keeps` is not empty the runtime sees it
    as /tmp, but for the folders in `keeps`."""

    argv: list[str]
    environ: dict[str, str]
    cwd: str
    limits: dict[str, int]
    cgroups: list[str]
    files: list[str]
    tmp: str
    keeps: list[str]


def _prctl() -> Any:
    if sys.platform != "linux":
        return lambda option, value: None
    import ctypes

    return ctypes.CDLL(None, use_errno=True).prctl


def main(fd: int, folder: str) -> None:
    """Serve orders until the proxy closes the socket. Then wait for the guardians, and remove `folder`."""
    orders = socket.socket(fileno=fd)
    orders.set_inheritable(False)
    private_tmp = _sibling("private_tmp")
    has_mounts = private_tmp.enter()
    with contextlib.suppress(OSError):
        os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    prctl = _prctl()
    for name in WARM_MODULES:
        __import__(name)
    bootstrap = _sibling("bootstrap")
    gc.collect()
    gc.freeze()
    folders: set[str] = set()
    while True:
        select.select([orders], [], [], _QUIET_S)
        ahead = _Ahead(orders, bootstrap, private_tmp, prctl)
        order, fds = _receive(orders)
        if order is None:
            break
        if not (has_mounts and _has_tmp(order, private_tmp)):
            order["tmp"] = ""
        folders.update(filter(None, [order["tmp"]]))
        ahead.start(order, fds)
        for each in fds:
            os.close(each)
    ahead.end()
    with contextlib.suppress(ChildProcessError):
        os.wait()
    private_tmp.let_go(folders)
    for cgroup in _cgroups_of(os.path.basename(folder)):  # made for an order that never came, as the proxy was killed
        _remove(cgroup)
    shutil.rmtree(folder, ignore_errors=True)


class _Ahead:
    """A guardian and its runtime's process that were forked ahead of an order."""

    def __init__(self, orders: socket.socket, bootstrap: Any, private_tmp: Any, prctl: Any) -> None:
        self._guardian, for_guardian = socket.socketpair()
        self._runtime, for_runtime = socket.socketpair()
        if os.fork() == 0:
            for each in (orders, self._guardian, self._runtime):
                each.close()
            _guard(for_guardian, for_runtime, bootstrap, private_tmp, prctl)
        for_guardian.close()
        for_runtime.close()

    def start(self, order: Order, fds: list[int]) -> None:
        """Have an order carried out. Where somebody has killed one of the two, the environment ends as it begins."""
        control, api, output = fds
        text = json.dumps(order).encode()
        with contextlib.suppress(OSError):
            _send(self._guardian, text, [control])
            _send(self._runtime, text, [api, output])
        self.end()

    def end(self) -> None:
        """There will be no order, or no more than one: both processes see the end of their socket."""
        self._guardian.close()
        self._runtime.close()


def _has_tmp(order: Order, private_tmp: Any) -> bool:
    """Whether the environment has a file system of its own."""
    if not order["tmp"] or not private_tmp.may_hide_tmp(order["keeps"]):
        return False
    try:
        private_tmp.provide(order["tmp"], TMP_MAX_BYTES)
    except OSError:
        return False
    return True


def _sibling(name: str) -> Any:
    """The module in a file beside this one."""
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location(name, os.path.join(os.path.dirname(os.path.abspath(__file__)), f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _receive(orders: socket.socket) -> tuple[Order | None, list[int]]:
    head, fds, _, _ = socket.recv_fds(orders, 4, 3)
    while head and len(head) < 4:
        head += orders.recv(4 - len(head))
    if not head:
        return None, []
    (length,) = struct.unpack(">I", head)
    text = b""
    while len(text) < length:
        piece = orders.recv(length - len(text))
        if not piece:
            return None, []
        text += piece
    return json.loads(text), fds


def _send(where: socket.socket, text: bytes, fds: list[int]) -> None:
    socket.send_fds(where, [struct.pack(">I", len(text))], fds)
    where.sendall(text)


def _guard(orders: socket.socket, for_runtime: socket.socket, bootstrap: Any, private_tmp: Any, prctl: Any) -> NoReturn:
    """Be the guardian of one environment, and end."""
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        prctl(PR_SET_CHILD_SUBREAPER, 1)
        told = os.pipe()
        os.set_blocking(told[1], False)
        signal.set_wakeup_fd(told[1], warn_on_full_buffer=False)
        signal.signal(signal.SIGTERM, lambda *_: None)
        if not hasattr(os, "pidfd_open"):
            signal.signal(signal.SIGCHLD, lambda *_: None)
        pid = os.fork()
        if pid == 0:
            orders.close()
            _become_the_runtime(for_runtime, bootstrap, private_tmp, prctl)
        for_runtime.close()
        order, fds = _receive(orders)
        if order is None:
            os.waitpid(pid, 0)
            os._exit(0)
        control = socket.socket(fileno=fds[0])
        _say(control, {"pid": pid})
        status = _await_end(pid, control, told[0])
        _end_everything(pid)
        for cgroup in order["cgroups"]:
            if _ran_out_of_memory(cgroup):
                _say(control, {"oom": 1})
            _remove(cgroup)
        if status is not None:
            code = os.waitstatus_to_exitcode(status)
            _say(control, {"exit": code} if code >= 0 else {"signal": -code})
        code = 0
    except Exception as error:
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(code)


def _say(control: socket.socket, what: dict[str, int]) -> None:
    with contextlib.suppress(OSError):
        control.sendall(json.dumps(what).encode() + b"\n")


def _await_end(pid: int, control: socket.socket, told: int) -> int | None:
    """Wait until the runtime ends, and return its wait status; None when it has to be ended."""
    waiting: list[Any] = [control, told]
    if hasattr(os, "pidfd_open"):
        waiting.append(os.pidfd_open(pid))
    while True:
        ready, _, _ = select.select(waiting, [], [])
        if control in ready:
            return None
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return status
        if told in ready and signal.SIGTERM in os.read(told, 64):
            return None


def _end_everything(pid: int) -> None:
    """Kill the runtime's group and everything that was ever its child, until there is nothing left to wait for."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    while True:
        for each in _children(os.getpid()):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(each, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _children(parent: int) -> list[int]:
    """All descendants of a process. Empty where the system has no /proc."""
    found: list[int] = []
    for task in _listed(f"/proc/{parent}/task"):
        try:
            with open(f"/proc/{parent}/task/{task}/children") as file:
                direct = [int(each) for each in file.read().split()]
        except OSError:
            continue
        for each in direct:
            found += [each, *_children(each)]
    return found


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _join(cgroup: str) -> None:
    """Move this process. A single thread that moves itself by version 1's `tasks` needs no lock of the whole system,
    which takes tens of milliseconds to get."""
    tasks = os.path.join(cgroup, "tasks")
    with open(tasks if os.path.exists(tasks) else os.path.join(cgroup, "cgroup.procs"), "w") as file:
        file.write("0")


def _cgroups_of(name: str) -> list[str]:
    """The control groups that begin with a name, of version 1 or 2."""
    root = "/sys/fs/cgroup"
    return [*glob.glob(f"{root}/{name}-*"), *glob.glob(f"{root}/*/{name}-*")]


def _remove(cgroup: str) -> None:
    """Remove a control group. The kernel lets go of one a moment after its last process, so it is tried for a while."""
    for _ in range(_REMOVE_TRIES):
        try:
            os.rmdir(cgroup)
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(_REMOVE_PAUSE_S)
        else:
            return


def _ran_out_of_memory(cgroup: str) -> bool:
    """Whether the kernel killed something in a cgroup (of either version) for its memory."""
    for name in ("memory.oom_control", "memory.events"):
        with contextlib.suppress(OSError), open(os.path.join(cgroup, name)) as file:
            return any(line.startswith("oom_kill ") and line.split()[1] != "0" for line in file)
    return False


def _become_the_runtime(orders: socket.socket, bootstrap: Any, private_tmp: Any, prctl: Any) -> NoReturn:
    """In the child: limits, descriptors, folder, and then the program or the forked interpreter."""
    try:
        os.setsid()
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.set_wakeup_fd(-1)
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, signal.SIG_DFL)
        order, fds = _receive(orders)
        if order is None:
            os._exit(0)
        if order["argv"]:
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        for cgroup in order["cgroups"]:
            _join(cgroup)
        api, output = (os.dup2(fd, 100 + place) for place, fd in enumerate(fds))
        null = os.open(os.devnull, os.O_RDONLY)
        for fd, place in ((null, 0), (output, 1), (output, 2), (api, API_FD)):
            os.dup2(fd, place)
        os.closerange(API_FD + 1, 1024)
        for place, name in enumerate(order["files"], API_FD + 1):
            os.dup2(os.open(name, os.O_RDONLY), place)
            os.set_inheritable(place, True)
        environ = order["environ"]
        if order["tmp"] and order["keeps"]:
            private_tmp.show(order["tmp"], order["keeps"])
            environ = {**environ, "TMPDIR": "/tmp", "HOME": "/tmp"}
        _limit(order["limits"])
        os.chdir(order["cwd"])
        if order["argv"]:
            os.execve(order["argv"][0], order["argv"], environ)
        os.environ.clear()
        os.environ.update(environ)
        sys.argv = [""]
        gc.unfreeze()
        bootstrap.run(API_FD)
        os._exit(0)
    except SystemExit as ended:
        os._exit(ended.code if isinstance(ended.code, int) else int(ended.code is not None))
    except BaseException as error:
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
        os._exit(127)


def _limit(limits: dict[str, int]) -> None:
    import resource

    for name, value in limits.items():
        hard = resource.getrlimit(getattr(resource, name))[1]
        most = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(getattr(resource, name), (most, most))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
