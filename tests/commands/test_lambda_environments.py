"""`edge lambda`: what can isolate functions here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge.cli import main


def test_each_provider_is_listed_with_what_it_gives_or_why_it_is_not_there() -> None:
    """`process` is there on every machine."""
    done = CliRunner().invoke(main, ["lambda", "providers", "--json"])
    found = {one["name"]: one for one in json.loads(done.stdout)}
    assert list(found) == ["process", "sandbox", "microvm", "firecracker"]
    assert found["process"]["available"]
    assert found["process"]["gives"]["lacks"]
    assert all(one["reason"] for one in found.values() if not one["available"])


def test_the_list_can_be_read() -> None:
    done = CliRunner().invoke(main, ["lambda", "providers"])
    assert done.exit_code == 0
    assert "process" in done.stdout
    assert "- CPU is not in proportion to memory" in done.stdout


def test_a_machine_without_the_tools_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is built, then."""
    monkeypatch.setenv("PATH", "")
    done = CliRunner().invoke(main, ["lambda", "setup-microvm", "--folder", str(tmp_path / "guest")])
    assert done.exit_code == 1
    assert "microVMs need: apt install qemu-system-x86 e2fsprogs dpkg apt" in done.stderr
    assert not (tmp_path / "guest").exists()
