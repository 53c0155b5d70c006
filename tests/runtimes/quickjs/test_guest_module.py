"""The guest's machine code is compiled once for each machine, and found again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import wasmtime

from edge.runtimes.quickjs import build
from edge.runtimes.quickjs.guest_module import guest_module, variables


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """What was compiled from now on, by a compiler that is quick."""
    made: list[bytes] = []
    module = wasmtime.Module

    def compile_tiny(engine: wasmtime.Engine, wasm: bytes) -> wasmtime.Module:
        made.append(wasm)
        return module(engine, "(module)")

    monkeypatch.setattr(compile_tiny, "deserialize_file", module.deserialize_file, raising=False)
    monkeypatch.setattr(wasmtime, "Module", compile_tiny)
    guest_module.cache_clear()
    yield made
    guest_module.cache_clear()


def test_machine_code_is_kept_for_the_next_start(
    compiled: list[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The second start compiles nothing."""
    monkeypatch.setattr(build, "cache_folder", lambda: tmp_path)
    for _ in range(2):
        guest_module.cache_clear()
        guest_module()
    assert len(compiled) == 1


def test_machine_code_of_another_machine_is_replaced(
    compiled: list[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A file that does not fit is as good as none."""
    monkeypatch.setattr(build, "cache_folder", lambda: tmp_path)
    guest_module()
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(b"not for this machine")
    guest_module.cache_clear()
    guest_module()
    assert len(compiled) == 2
    assert kept.read_bytes() != b"not for this machine"


def test_a_home_that_cannot_be_written_does_no_harm(compiled: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a cache the guest is compiled on each start."""

    def fail() -> Path:
        raise PermissionError("read-only")

    monkeypatch.setattr(build, "cache_folder", fail)
    guest_module()
    assert len(compiled) == 1


def with_data(*addresses: int) -> bytes:
    """A module with segments of four bytes at these addresses."""
    segments = "".join(f'(data (i32.const {address}) "abcd")' for address in addresses)
    return bytes(wasmtime.wat2wasm(f"(module (memory 32) {segments})"))


def test_variables_begin_with_the_second_data_segment() -> None:
    """Whatever stands in front of it, and however large its address is."""
    assert variables(with_data(1_048_576, 1_148_480)) == 1_148_480
    assert variables(with_data(64, 127, 1_148_480)) == 127


@pytest.mark.parametrize(("addresses", "why"), [((), "no data"), ((64,), "not apart")])
def test_a_module_without_variables_of_its_own_is_refused(addresses: tuple[int, ...], why: str) -> None:
    """A linker that lays memory out in another way must not go unnoticed."""
    with pytest.raises(ValueError, match=why):
        variables(with_data(*addresses))


def test_the_guests_constants_are_where_its_memory_begins() -> None:
    """Some hundred thousand bytes that need not be written back."""
    found = variables(build.GUEST.read_bytes())
    assert 1_048_576 < found < 1_048_576 + 512 * 1024
