"""Control groups for sandboxes: memory, CPU and number of processes, in version 1 or 2, as the machine has them.

Source: Lambda Developer Guide, "Configure Lambda function memory" (1,769 MB are one processor), "Lambda quotas" (1,024
processes and threads); the kernel's documentation of cgroup v1 and v2.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from edge.model import quotas

ROOT = Path("/sys/fs/cgroup")
_PERIOD_US = 20_000
_PROCESSES_MAX = 1_024
_CONTROLLERS = ("memory", "cpu", "pids")


class Cgroups:
    """The groups of one sandbox. `folders` are joined by its first process. Empty where groups cannot be made.

    The kernel counts what is written to /tmp, a file system in memory, as the sandbox's memory, and Lambda does not. So
    the group's limit has room for a full /tmp; that the function's own memory stays within its limit is watched.
    """

    def __init__(self, name: str, memory_mb: int, root: Path = ROOT) -> None:
        self._memory_mb = memory_mb
        self._memory: Path | None = None
        self._cpu: Path | None = None
        self._is_v2 = (root / "cgroup.controllers").is_file()
        self.folders: list[str] = []
        if self._is_v2:
            self._make_v2(root / name)
        else:
            self._make_v1(root, name)

    def limit_cpu(self) -> None:
        """CPU in proportion to memory, from the first event on: Lambda does not hold INIT back."""
        if self._cpu is None:
            return
        quota_us = max(1_000, _PERIOD_US * self._memory_mb // quotas.LAMBDA_MEMORY_MB_PER_VCPU)
        if self._is_v2:
            _write(self._cpu / "cpu.max", f"{quota_us} {_PERIOD_US}")
        else:
            _write(self._cpu / "cpu.cfs_period_us", str(_PERIOD_US))
            _write(self._cpu / "cpu.cfs_quota_us", str(quota_us))

    def memory_bytes(self) -> int:
        """Memory in use, without files; 0 where it is not known."""
        if self._memory is None:
            return 0
        field = "anon " if self._is_v2 else "total_rss "
        with suppress(OSError), (self._memory / "memory.stat").open() as file:
            return next((int(line.split()[1]) for line in file if line.startswith(field)), 0)
        return 0

    def memory_peak_bytes(self) -> int:
        """The most memory in use, file cache included; 0 where it is not known."""
        if self._memory is None:
            return 0
        try:
            return int((self._memory / ("memory.peak" if self._is_v2 else "memory.max_usage_in_bytes")).read_text())
        except (OSError, ValueError):
            return 0

    @property
    def limits_memory(self) -> bool:
        """Whether the kernel holds the memory limit."""
        return self._memory is not None

    @property
    def limits_cpu(self) -> bool:
        """Whether CPU can be held in proportion to memory."""
        return self._cpu is not None

    def _make_v1(self, root: Path, name: str) -> None:
        limits = {
            "memory": {"memory.limit_in_bytes": self._memory_mb * quotas.MIB + quotas.LAMBDA_TMP_MAX_BYTES},
            "cpu": {},
            "pids": {"pids.max": _PROCESSES_MAX},
        }
        for controller in _CONTROLLERS:
            folder = root / controller / name
            if self._make(folder, limits[controller]):
                self._memory = folder if controller == "memory" else self._memory
                self._cpu = folder if controller == "cpu" else self._cpu

    def _make_v2(self, folder: Path) -> None:
        with suppress(OSError):
            _write(folder.parent / "cgroup.subtree_control", " ".join(f"+{each}" for each in _CONTROLLERS))
        memory = self._memory_mb * quotas.MIB + quotas.LAMBDA_TMP_MAX_BYTES
        limits = {"memory.max": memory, "memory.swap.max": 0, "pids.max": _PROCESSES_MAX}
        if self._make(folder, limits):
            self._memory = self._cpu = folder

    def _make(self, folder: Path, limits: dict[str, int]) -> bool:
        try:
            folder.mkdir()
            for name, value in limits.items():
                if (folder / name).exists():
                    _write(folder / name, str(value))
        except OSError:
            with suppress(OSError):
                folder.rmdir()
            return False
        self.folders.append(str(folder))
        return True


def named(pattern: str, root: Path = ROOT) -> list[Path]:
    """The groups whose names fit a pattern, of either version."""
    return [folder for place in (root, *(root / each for each in _CONTROLLERS)) for folder in place.glob(pattern)]


def can_be_made(root: Path = ROOT) -> bool:
    """Whether this user may make control groups on this machine."""
    probe = Cgroups(f"edge-probe-{os.getpid()}", 64, root)
    for folder in probe.folders:
        with suppress(OSError):
            Path(folder).rmdir()
    return probe.limits_memory


def _write(path: Path, text: str) -> None:
    path.write_text(text)
