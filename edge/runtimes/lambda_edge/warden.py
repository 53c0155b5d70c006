"""Starts the processes of execution environments, and sees to it that nothing of them stays behind.

A program of its own, with nothing but the standard library: `python -I -S -B warden.py FD FOLDER`. FD is a stream
socket on which each environment is asked for: four bytes of length, JSON (`Order`), and three file descriptors with it:
the environment's control socket, its end of the Runtime API, and where its output goes. When the proxy is gone, and all
environments with it, the warden removes FOLDER.

Forking takes longer than all that follows. So the warden forks a guardian, and the guardian its runtime's process,
ahead of an order, which that process reads by itself. Orders that come faster than that wait for the next fork.

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
from typing import Any, NoReturn, NotRequired, TypedDict

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

TMP_MAX_BYTES = 512 << 20
"""The size of /tmp: `quotas.LAMBDA_TMP_MAX_BYTES`, which a test compares. This program imports nothing of ours."""
_REMOVE_TRIES, _REMOVE_PAUSE_S = 400, 0.005
_QUIET_S = 0.25
"""How long the next environment is not forked ahead, so that the last one can start; but for an order it is at once."""
API_FD = 3
"""Where a runtime finds its end of the Runtime API."""

WARM_MODULES = (
    "base64 collections.abc contextlib copy datetime decimal email.utils functools hashlib hmac http.client io "
    "itertools json logging math operator random re resource ssl string time traceback typing urllib.parse "
    "urllib.request uuid"
).split()


class Order(TypedDict):
    """What to start. `argv` empty means Python forked from the warden. `limits` are rlimits by name. `cgroups` are
    folders: joined at the start, removed at the end. `files` are opened for reading, from descriptor 4 on. `tmp` is the
    environment's folder that gets a file system of its own, "" for none; where `keeps` is not empty the runtime sees it
    as /tmp, but for the folders in `keeps`. Landlock's rules that only `writable` may be written to are a descriptor
    behind those of `files`, for a program that takes them upon itself."""

    argv: list[str]
    environ: dict[str, str]
    cwd: str
    limits: dict[str, int]
    cgroups: list[str]
    files: list[str]
    tmp: str
    keeps: list[str]
    writable: NotRequired[list[str]]


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
    bootstrap, landlock = _sibling("bootstrap"), _sibling("landlock")
    gc.collect()
    gc.freeze()
    folders: set[str] = set()
    while not _has_ended(orders):
        taken, told = os.pipe()
        if os.fork() == 0:
            os.close(taken)
            _guard(orders, told, bootstrap, private_tmp if has_mounts else None, landlock, prctl)
        os.close(told)
        with open(taken, encoding="utf-8") as told_of:
            folders.update(filter(None, [told_of.read()]))
        select.select([orders], [], [], _QUIET_S)
    with contextlib.suppress(ChildProcessError):
        os.wait()
    private_tmp.let_go(folders)
    for cgroup in _cgroups_of(os.path.basename(folder)):  # made for an order that never came, as the proxy was killed
        _remove(cgroup)
    shutil.rmtree(folder, ignore_errors=True)


def _has_ended(orders: socket.socket) -> bool:
    """Whether there will be no order any more."""
    try:
        return not orders.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True


def _tmp_of(order: Order, private_tmp: Any) -> str:
    """The folder that has become a file system of the environment's own; "" where it cannot have one."""
    if private_tmp is None or not order["tmp"] or not private_tmp.may_hide_tmp(order["keeps"]):
        return ""
    try:
        private_tmp.provide(order["tmp"], TMP_MAX_BYTES)
    except OSError:
        return ""
    return order["tmp"]


def _sibling(name: str) -> Any:
    """The module in a file beside this one."""
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location(name, os.path.join(os.path.dirname(os.path.abspath(__file__)), f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _pass_on(guardian: socket.socket, cgroups: list[str], control: int) -> None:
    text = json.dumps(cgroups).encode()
    socket.send_fds(guardian, [struct.pack(">I", len(text))], [control])
    guardian.sendall(text)


def _receive(orders: socket.socket) -> tuple[Any, list[int]]:
    """What was sent, and the descriptors that came with it; None at the end."""
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


def _guard(orders: socket.socket, told: int, bootstrap: Any, private_tmp: Any, landlock: Any, prctl: Any) -> NoReturn:
    """Be the guardian of one environment, and end."""
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        prctl(PR_SET_CHILD_SUBREAPER, 1)
        passed, passes = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            passed.close()
            _become_the_runtime(orders, told, passes, bootstrap, private_tmp, landlock, prctl)
        for each in (passes, orders):
            each.close()
        os.close(told)
        cgroups, fds = _receive(passed)
        if cgroups is None:  # there was no order
            os.waitpid(pid, 0)
            os._exit(0)
        signals = _signals()
        control = socket.socket(fileno=fds[0])
        _say(control, {"pid": pid})
        status = _await_end(pid, control, signals)
        _end_everything(pid)
        for cgroup in cgroups:
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


def _signals() -> int:
    """A descriptor that tells of SIGTERM from now on, and of the end of a child where there are no pidfds."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    signal.signal(signal.SIGTERM, lambda *_: None)
    if not hasattr(os, "pidfd_open"):
        signal.signal(signal.SIGCHLD, lambda *_: None)
    return reading


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


def _become_the_runtime(
    orders: socket.socket,
    told: int,
    guardian: socket.socket,
    bootstrap: Any,
    private_tmp: Any,
    landlock: Any,
    prctl: Any,
) -> NoReturn:
    """In the child: an order, its limits, descriptors, folder, and then the program or the forked interpreter. The
    warden is told of the file system that it now has, the guardian what it has to know."""
    try:
        os.setsid()
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, signal.SIG_DFL)
        _rehearse(bootstrap)
        order, fds = _receive(orders)
        if order is None:
            os._exit(0)
        tmp = _tmp_of(order, private_tmp)
        os.write(told, tmp.encode())
        os.close(told)
        _pass_on(guardian, order["cgroups"], fds[0])
        if order["argv"]:
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        for cgroup in order["cgroups"]:
            _join(cgroup)
        _, api, output = (os.dup2(fd, 100 + place) for place, fd in enumerate(fds))
        null = os.open(os.devnull, os.O_RDONLY)
        for fd, place in ((null, 0), (output, 1), (output, 2), (api, API_FD)):
            os.dup2(fd, place)
        os.closerange(API_FD + 1, 1024)
        for place, name in enumerate(order["files"], API_FD + 1):
            os.dup2(os.open(name, os.O_RDONLY), place)
            os.set_inheritable(place, True)
        if writable := order.get("writable"):
            place = API_FD + 1 + len(order["files"])
            os.dup2(landlock.rules(writable), place)
            os.set_inheritable(place, True)
        environ = order["environ"]
        if tmp and order["keeps"]:
            private_tmp.show(tmp, order["keeps"])
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


def _rehearse(bootstrap: Any) -> None:
    """Do what will be done with an order. A fork's memory is its parent's until it is written to, page by page, and
    this interpreter writes to all that it uses."""
    ours, theirs = socket.socketpair()
    _pass_on(ours, [f"{number}/name" for number in range(40)], 0)
    words, (copy,) = _receive(theirs)
    os.close(copy)
    ours.close()
    theirs.close()
    os.path.realpath(words[0])
    with contextlib.suppress(bootstrap.Failure):
        bootstrap.load("edge_rehearsal.handler")
    compile("def handler(event, context): return {'status': '200'}", "rehearsal", "exec")


def _limit(limits: dict[str, int]) -> None:
    import resource

    for name, value in limits.items():
        hard = resource.getrlimit(getattr(resource, name))[1]
        most = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(getattr(resource, name), (most, most))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
