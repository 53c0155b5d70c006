"""The guest's machine code: compiled by wasmtime once, and kept in the user's cache folder."""

from __future__ import annotations

import hashlib
import os
import platform
from contextlib import suppress
from functools import lru_cache
from importlib.metadata import version
from typing import NamedTuple

import wasmtime
from wasmtime import _ffi as ffi

from edge.runtimes.quickjs import build
from edge.runtimes.runtime import GuestMissingError

_DATA_SECTION = 11
_I32_CONST = 0x41

_WASM_STACK_BYTES = 1024 * 1024
"""Above what 128 KB of QuickJS's own stack can make of it, so that deep recursion is an error and not a trap."""


class GuestModule(NamedTuple):
    """The module, and the engine that it was compiled for. The guest's constants end at the address `variables`: from
    there on is what its code may write."""

    engine: wasmtime.Engine
    module: wasmtime.Module
    variables: int


@lru_cache(maxsize=1)
def guest_module() -> GuestModule:
    """The guest, ready to be instantiated. Raises GuestMissingError when it was not built."""
    if not build.GUEST.exists():
        raise GuestMissingError(
            f"The JavaScript engine for CloudFront Functions was not built ({build.GUEST} is missing). Build it with "
            "`python -m edge.runtimes.quickjs.build`, or choose --engine native, which limits neither time nor memory "
            "strictly."
        )
    config = wasmtime.Config()
    config.consume_fuel = True
    config.max_wasm_stack = _WASM_STACK_BYTES
    # A trap that is a signal would end the process where wasmtime's handler was taken away, as faulthandler may do.
    ffi.wasmtime_config_signals_based_traps_set(config.ptr(), False)
    engine = wasmtime.Engine(config)
    wasm = build.GUEST.read_bytes()
    machine = f"{platform.system()} {platform.release()} {platform.machine()}"  # platform.platform() starts a process
    key = hashlib.sha256(wasm + f"{version('wasmtime')} {machine} {_WASM_STACK_BYTES} no signals".encode())
    name = f"guest-{key.hexdigest()[:20]}.cwasm"
    with suppress(OSError, wasmtime.WasmtimeError):  # nothing there, or not for this machine
        cached = build.cache_folder() / name
        return GuestModule(engine, wasmtime.Module.deserialize_file(engine, str(cached)), variables(wasm))
    module = wasmtime.Module(engine, wasm)
    with suppress(OSError):  # a folder that cannot be written: the next start compiles again
        cached = build.cache_folder() / name
        partial = cached.with_suffix(f".{os.getpid()}")
        partial.write_bytes(module.serialize())
        os.replace(partial, cached)
    return GuestModule(engine, module, variables(wasm))


def variables(wasm: bytes) -> int:
    """The address of a module's second data segment: the linker puts constants into the first, and what may be written
    into the next. Raises ValueError for a module that is not made so."""
    at, end = 8, len(wasm)
    while at < end:
        section = wasm[at]
        size, at = _number(wasm, at + 1)
        if section == _DATA_SECTION:
            return _second_segment(wasm, at)
        at += size
    raise ValueError("the module has no data")


def _second_segment(wasm: bytes, at: int) -> int:
    count, at = _number(wasm, at)
    if count < 2:
        raise ValueError("the module's constants are not apart from its variables")
    _, size_at = _segment_start(wasm, at)
    size, at = _number(wasm, size_at)
    address, _ = _segment_start(wasm, at + size)
    return address


def _segment_start(wasm: bytes, at: int) -> tuple[int, int]:
    """The address of a segment that begins here: a zero, i32.const ADDRESS, end. And where its size stands."""
    if wasm[at : at + 2] != bytes((0, _I32_CONST)):
        raise ValueError("a data segment without an address")
    address, at = _number(wasm, at + 2)
    return address, at + 1


def _number(wasm: bytes, at: int) -> tuple[int, int]:
    """A number in LEB128, and where it ends. Addresses are below 2^31 and have no sign."""
    value = shift = 0
    while True:
        byte = wasm[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
