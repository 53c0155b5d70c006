"""Landlock's rules, and the program that takes them upon itself and becomes another."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from edge.runtimes.lambda_edge import landlock
from edge.runtimes.lambda_edge.providers import landlocked

needs_landlock = pytest.mark.skipif(not landlocked.can_run(), reason="there is no Landlock on this machine")


def under_rules(folder: Path, writable: list[str], *command: str) -> subprocess.CompletedProcess[str]:
    """A command that may write to these paths only."""
    program = folder / "landlocked"
    program.write_bytes(landlocked.program())
    program.chmod(0o755)
    start = "import os, sys; os.dup2(int(sys.argv[1]), 5); os.execv(sys.argv[2], sys.argv[2:])"
    rules = landlock.rules(writable)
    try:
        return subprocess.run(
            [sys.executable, "-c", start, str(rules), str(program), *command],
            pass_fds=[rules],
            capture_output=True,
            text=True,
            check=False,
            env={"LEFT": "as it was"},
        )
    finally:
        os.close(rules)


@needs_landlock
def test_only_what_is_named_can_be_written_to(tmp_path: Path) -> None:
    """Arguments and environment go through; the rules' descriptor does not."""
    (tmp_path / "free").mkdir()
    script = "echo 1 > $0/free/a && echo 1 > /dev/null; echo 2 > $0/b; echo $LEFT $1; ls /proc/self/fd | grep -c '^5$'"
    writable = [str(tmp_path / "free"), "/dev/null", str(tmp_path / "not there")]
    done = under_rules(tmp_path, writable, "/bin/sh", "-c", script, str(tmp_path), "argument")
    assert done.stdout == "as it was argument\n0\n"
    assert ((tmp_path / "free/a").exists(), (tmp_path / "b").exists()) == (True, False)
    assert "/b" in done.stderr


@needs_landlock
def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    """As a shell says that something cannot be run."""
    assert under_rules(tmp_path, [str(tmp_path)], "/not/there").returncode == 126


def test_a_kernel_without_landlock_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "_call", lambda *arguments: -1)
    assert landlock.version() == 0
    with pytest.raises(OSError, match="no Landlock"):
        landlock.rules([str(tmp_path)])
