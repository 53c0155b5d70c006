"""benchmarks/compare.py: what the names stand for."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from benchmarks import compare, nginx
from benchmarks.compare import NoRevision
from benchmarks.processes import ROOT


def in_a_repository() -> bool:
    """A checkout without its .git has no revisions."""
    command = ["git", "rev-parse", "--verify", "HEAD"]
    return shutil.which("git") is not None and subprocess.run(command, cwd=ROOT, capture_output=True).returncode == 0


needs_git = pytest.mark.skipif(not in_a_repository(), reason="this is no git repository")


@needs_git
def test_a_revision_is_put_into_a_folder_of_its_own(tmp_path: Path) -> None:
    folder = compare.checkout("HEAD", tmp_path / "one")
    assert folder == tmp_path / "one"
    assert (folder / "edge" / "exchange.py").is_file()


def test_a_dot_is_the_working_tree_itself(tmp_path: Path) -> None:
    assert compare.checkout(".", tmp_path) == ROOT
    assert list(tmp_path.iterdir()) == []


def test_a_system_is_known_by_its_name(tmp_path: Path) -> None:
    assert compare.start_of("nginx", tmp_path) is nginx.proxy_cache


@needs_git
def test_a_name_that_is_neither_is_refused_with_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(NoRevision, match="no revision of this repository, and none of edge, nginx"):
        compare.checkout("no-such-revision", tmp_path)


@needs_git
def test_two_of_the_same_are_compared_in_one_run(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [".", ".", "--rounds", "1", "--seconds", "0.2", "--generator", "bundled"]
    assert compare.main(arguments) == 0
    said = capsys.readouterr().out
    assert "hit: other: . / one: ., 1 rounds" in said
    assert said.count("\n| ") == 5
    assert "VOID" not in said
