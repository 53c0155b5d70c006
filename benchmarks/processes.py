"""Programs under measurement: each on one core, their CPU time counted, ended when the measurement ends."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

READY_WITHIN_S = 60
STOPPED_WITHIN_S = 5

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class NotStarted(Exception):  # noqa: N818 -- it is what a program did, not an error of ours
    """A program did not come up. The text says which, and the end of what it said."""


def cores() -> tuple[int, int]:
    """The core for the server under measurement and the core for everything else. The same one, where there is one."""
    usable = sorted(os.sched_getaffinity(0))
    return usable[0], usable[-1]


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Pinned:
    """A program in a session of its own on one core. `log` is the file that holds what it says."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        core: int,
        log: Path,
        variables: Mapping[str, str] | None = None,
        folder: Path = ROOT,
    ) -> None:
        self.command = list(command)
        self._log = log
        with log.open("wb") as stream:
            self._process = subprocess.Popen(
                self.command,
                cwd=folder,
                stdout=stream,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONPATH": str(folder), **(variables or {})},
                start_new_session=True,
            )
        os.sched_setaffinity(self._process.pid, {core})  # what it starts will inherit it

    def wait_for(self, port: int) -> None:
        """Until it listens on a port of the loopback. Raises NotStarted."""
        until = time.monotonic() + READY_WITHIN_S
        while self._process.poll() is None and time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        self.end()
        raise NotStarted(f"{' '.join(self.command)}\n{self._log.read_text(errors='replace')[-2000:]}")

    def move_to(self, cores: Iterable[int]) -> None:
        """Let every process and thread of its session run on these cores."""
        for process in _session(self._process.pid):
            for thread in (process / "task").iterdir():
                os.sched_setaffinity(int(thread.name), set(cores))

    def cpu_s(self) -> float:
        """Seconds of CPU time that its whole session has used."""
        return sum(_cpu_ticks(process) for process in _session(self._process.pid)) / _TICKS_PER_S

    def memory_bytes(self) -> int:
        """Resident memory of its whole session."""
        pages = sum(int((process / "statm").read_text().split()[1]) for process in _session(self._process.pid))
        return pages * os.sysconf("SC_PAGE_SIZE")

    def end(self) -> None:
        """Stop it."""
        self._process.terminate()
        try:
            self._process.wait(STOPPED_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _session(leader: int) -> list[Path]:
    """The /proc folders of the processes in a session."""
    return [folder for folder in Path("/proc").glob("[0-9]*") if _stat(folder)[3:4] == [str(leader)]]


def _cpu_ticks(process: Path) -> int:
    fields = _stat(process)
    return int(fields[11]) + int(fields[12]) if fields else 0


def _stat(process: Path) -> list[str]:
    """The fields of /proc/PID/stat behind the program's name: state, parent, group, session, ...; [] when it ended."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def found(program: str) -> str | None:
    """Where a program is; Debian keeps servers where an ordinary user's PATH does not look."""
    return shutil.which(program) or shutil.which(program, path="/usr/local/sbin:/usr/sbin:/sbin")
