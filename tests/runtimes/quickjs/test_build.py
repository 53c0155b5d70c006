"""The guest is built once, from checked inputs, and a machine that cannot build it says so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from edge.runtimes.quickjs import build


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """A checkout without a guest, and an empty cache; what the build says is kept here."""
    monkeypatch.delenv(build.SKIP, raising=False)
    monkeypatch.setattr(build, "GUEST", tmp_path / "guest.wasm")
    monkeypatch.setattr(build, "RECORD", tmp_path / "guest.wasm.inputs")
    monkeypatch.setattr(build, "cache_folder", lambda: tmp_path)
    return []


def test_one_may_install_without_the_guest(said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment asks for it, and is told what that means."""
    monkeypatch.setenv("EDGE_WITHOUT_GUEST", "1")
    assert build.build(said.append) is None
    assert "--engine native only" in said[0]


def test_a_guest_is_compiled_once_for_all_checkouts(said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A second checkout with the same inputs copies what the first compiled."""

    def compile_once(target: Path, say: object) -> None:
        assert not target.exists()
        target.write_bytes(b"wasm")

    monkeypatch.setattr(build, "_compile", compile_once)
    assert build.build(said.append) == build.GUEST
    assert build.GUEST.read_bytes() == b"wasm"
    assert len(said) == 1
    build.GUEST.unlink()
    assert build.build(said.append) == build.GUEST
    assert len(said) == 1


def test_a_guest_of_other_inputs_is_built_anew(said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Editing a source of the guest, or a flag, makes the one that is there too old."""
    contents = iter((b"old", b"new"))
    monkeypatch.setattr(build, "_compile", lambda target, say: target.write_bytes(next(contents)))
    build.build(said.append)
    monkeypatch.setattr(build, "FLAGS", (*build.FLAGS, "-DCHANGED"))
    build.build(said.append)
    assert build.GUEST.read_bytes() == b"new"


@pytest.mark.parametrize("error", [ValueError("no compiler"), OSError("no compiler")])
def test_a_machine_that_cannot_build_names_the_alternative(
    said: list[str], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Installing ends with the reason, and with what to set instead."""

    def fail(target: Path, say: object) -> None:
        raise error

    monkeypatch.setattr(build, "_compile", fail)
    with pytest.raises(build.BuildError) as failed:
        build.build(said.append)
    for words in ("no compiler", "EDGE_WITHOUT_GUEST=1", "--engine native"):
        assert words in str(failed.value)
    assert not build.GUEST.exists()


def test_source_that_is_not_the_pinned_one_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whatever the index gives, only the known bytes are compiled."""
    monkeypatch.setattr(build, "_run", lambda command, folder: (folder / "x.tar.gz").write_bytes(b"other"))
    with pytest.raises(ValueError, match="has SHA-256"):
        build._fetch(tmp_path)


ALONE = """
import importlib.util
spec = importlib.util.spec_from_file_location("guest_build", FILE)
build = importlib.util.module_from_spec(spec)
spec.loader.exec_module(build)
assert importlib.util.find_spec("edge") is None
print(*(build._neighbour(name).__name__.split(".")[-1] for name in build.NEIGHBOURS))
"""


def test_the_build_needs_nothing_that_is_installed() -> None:
    """A wheel is built where the project is not there yet: its files are found by their place."""
    program = ALONE.replace("FILE", repr(build.__file__))
    done = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout.split(), done.returncode) == (list(build.NEIGHBOURS), 0), done.stderr
