"""The sealed guest: one WebAssembly instance, the images of its memory, and calls into it.

An image is the guest's memory after the prelude, or after a function was loaded. Restoring an image writes it back
over whatever ran before, so one instance serves any number of functions, and a call that was stopped leaves no trace.
The engine's constants, which its code never writes, are written back only after a call that was stopped.
Calls go through wasmtime's C interface with arguments made once: its Python interface costs several times the call.
Not for two threads at once.
"""

from __future__ import annotations

import ctypes
import struct
import weakref
from collections.abc import Callable
from typing import Any, NamedTuple

import wasmtime
from wasmtime import _ffi as ffi

from edge.runtimes.quickjs.guest_module import guest_module
from edge.runtimes.quickjs.utilization import READ_FUEL

RUNNING, RETURNED, THREW, NO_HANDLER, NEVER_SETTLED = range(5)
"""What a report's `status` may be; the names are those of guest.c."""

INPUT_BYTES = 256 * 1024
ANSWER_BYTES = 64 * 1024
"""Sizes of the areas that the host writes, as guest.c has them."""

UNLIMITED_FUEL = 1 << 62

_CALLS = ("compile", "init", "load", "call", "where")
_WHERE_FUEL = 1_000_000

_QUESTION = struct.Struct("<dQIiiIII")
_REPORT = struct.Struct("<12I")
_HEAP = struct.Struct("<6I?")
_LENGTH = struct.Struct("<I")
_CONSTANTS_START = 1024 * 1024
"""Where the guest's data begin (the linker's --global-base). Below are its stack and the areas that the host writes."""


class Question(NamedTuple):
    """What a call needs to know. A length of -1 means that there is none."""

    now_ms: float
    seed: int
    event_length: int
    raw_query_length: int
    store_length: int
    viewer_request: bool
    allowed_bytes: int
    log_limit: int


class Report(NamedTuple):
    """What the guest says after a call: a status, and addresses and lengths of texts."""

    status: int
    value: int
    error: int
    stack: int
    origin: int
    data: int
    value_length: int
    error_length: int
    stack_length: int
    origin_length: int
    data_length: int
    log_length: int


class Heap(NamedTuple):
    """How far the guest's heap reaches (addresses), and how many bytes of it are and were in use."""

    top: int
    before: int
    highest: int
    used: int
    most: int
    limit: int
    exhausted: bool


class Ended(NamedTuple):
    """How a call of the guest ended. `trap` says why it was stopped, None when it was not; `where` is the stack of the
    user's code then, as in Error.stack."""

    report: Report
    heap: Heap
    fuel: int
    trap: wasmtime.TrapCode | None
    where: str = ""


ReadStore = Callable[[str, str], "str | None"]


class Guest:
    """One instance. `read_store(kind, key)` answers cf.kvs() while a call runs; kinds are "g"et, "e"xists, "m"eta. What
    it raises is raised by run()."""

    def __init__(self, read_store: ReadStore) -> None:
        module = guest_module()
        self._read_store = read_store
        self._failure: Exception | None = None
        self._store = wasmtime.Store(module.engine)
        self._store.set_fuel(UNLIMITED_FUEL)
        linker = wasmtime.Linker(module.engine)
        i32 = wasmtime.ValType.i32()
        answer_read = weakref.WeakMethod(self._answer_read)  # wasmtime keeps what it can call for ever
        linker.define_func(
            "edge",
            "read_store",
            wasmtime.FuncType([i32, i32, i32], [i32]),
            lambda kind, address, length: answer_read()(kind, address, length),  # type: ignore[misc]  # it is alive
        )
        linker.define_unknown_imports_as_traps(module.module)
        exports: Any = linker.instantiate(self._store, module.module).exports(self._store)

        memory = exports["memory"]
        size = memory.data_len(self._store)
        self._base = ctypes.addressof(memory.data_ptr(self._store).contents)
        self._memory = memoryview((ctypes.c_ubyte * size).from_address(self._base)).cast("B")
        self._stack_pointer = exports["__stack_pointer"]
        self._stack_top = self._stack_pointer.value(self._store)

        self._context = self._store._context()
        self._values = (ffi.wasmtime_val_raw_t * 2)()
        self._fuel = ctypes.c_uint64()
        self._fuel_pointer = ctypes.byref(self._fuel)
        self._expect_no_trap()
        self._exports = exports  # keeps the functions that are pointed to
        self._functions = {name: ctypes.byref(exports[name]._func) for name in _CALLS}

        exports["_initialize"](self._store)
        self._question, self._report, self._heap, self._input, self._answer, self._logged = (
            exports[name](self._store) for name in ("question", "report", "heap", "input", "answer", "logged")
        )
        self._start = module.variables
        self._constants = bytes(self._memory[_CONSTANTS_START : self._start])
        self._high = size  # everything from here on is zero
        self._high = self._start + len(self.image().rstrip(b"\0"))
        self._stopped = False

    def _expect_no_trap(self) -> None:
        self._trap = ctypes.POINTER(ffi.wasm_trap_t)()
        self._trap_pointer = ctypes.byref(self._trap)

    def image(self) -> bytes:
        """The memory as it is, up to the end of what was ever used of it; constants are left out."""
        return bytes(self._memory[self._start : self._high])

    def restore(self, image: bytes) -> None:
        """Make the memory what it was when the image was taken."""
        end = self._start + len(image)
        ctypes.memmove(self._base + self._start, image, len(image))
        if self._stopped:  # who knows what a call did that had to be stopped
            ctypes.memmove(self._base + _CONSTANTS_START, self._constants, len(self._constants))
            self._stopped = False
        if self._high > end:
            ctypes.memset(self._base + end, 0, self._high - end)
        self._high = end

    def write_input(self, data: bytes) -> None:
        """Put at most INPUT_BYTES where the guest reads its input."""
        self._memory[self._input : self._input + len(data)] = data

    def ask(self, question: Question) -> None:
        """Say what the next call needs to know."""
        _QUESTION.pack_into(self._memory, self._question, *question)

    def run(self, name: str, fuel: int, *arguments: int) -> Ended:
        """Call init, load or call, with at most so much fuel."""
        for value, argument in zip(self._values, arguments, strict=False):
            value.i32 = argument
        ffi.wasmtime_context_set_fuel(self._context, fuel)
        error = ffi.wasmtime_func_call_unchecked(
            self._context, self._functions[name], self._values, 2, self._trap_pointer
        )
        if error:
            raise wasmtime.WasmtimeError._from_ptr(error)
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure
        ffi.wasmtime_context_get_fuel(self._context, self._fuel_pointer)
        report = Report._make(_REPORT.unpack_from(self._memory, self._report))
        heap = Heap._make(_HEAP.unpack_from(self._memory, self._heap))
        self._high = max(self._high, heap.highest)
        burnt = fuel - self._fuel.value
        if not self._trap:
            return Ended(report, heap, burnt, None)
        self._stopped = True
        code, where = self._trapped(name)
        return Ended(report, heap, burnt, code, where)

    def _trapped(self, name: str) -> tuple[wasmtime.TrapCode, str]:
        """Why the guest stopped, and where the user's code was. Its stack begins anew, as nothing unwound it."""
        code = wasmtime.Trap._from_ptr(self._trap).trap_code or wasmtime.TrapCode.UNREACHABLE
        self._expect_no_trap()
        where = self._where() if name == "call" else ""
        self._stack_pointer.set_value(self._store, self._stack_top)
        return code, where

    def _where(self) -> str:
        """The stack of a call that was stopped; "" when not even that can be said."""
        ffi.wasmtime_context_set_fuel(self._context, _WHERE_FUEL)
        error = ffi.wasmtime_func_call_unchecked(
            self._context, self._functions["where"], self._values, 2, self._trap_pointer
        )
        if error:
            raise wasmtime.WasmtimeError._from_ptr(error)
        if self._trap:
            wasmtime.Trap._from_ptr(self._trap)  # owns it now, and frees it
            self._expect_no_trap()
            return ""
        return self.text(self._answer, self._values[0].i32)

    def read(self, address: int, length: int) -> memoryview:
        """Bytes of the guest's memory, in place: valid until the next call."""
        return self._memory[address : address + length]

    def text(self, address: int, length: int) -> str:
        """Text in the guest's memory."""
        return str(self.read(address, length), "utf-8", "surrogatepass")

    def logs(self, length: int) -> tuple[str, ...]:
        """The lines logged in the last call, which take up `length` bytes with their lengths."""
        lines = []
        at = self._logged
        end = at + length
        while at < end:
            (size,) = _LENGTH.unpack_from(self._memory, at)
            at += _LENGTH.size
            lines.append(str(self.read(at, size), "utf-8", "replace"))
            at += size
        return tuple(lines)

    def _answer_read(self, kind: int, address: int, length: int) -> int:
        ffi.wasmtime_context_get_fuel(self._context, self._fuel_pointer)
        ffi.wasmtime_context_set_fuel(self._context, max(0, self._fuel.value - READ_FUEL))
        try:
            answer = self._read_store(chr(kind), self.text(address, length))
        except Exception as error:  # it must not unwind the guest's stack
            self._failure = error
            return -1
        data = b"" if answer is None else answer.encode("utf-8", "surrogatepass")
        if answer is None or len(data) > ANSWER_BYTES:
            return -1
        self._memory[self._answer : self._answer + len(data)] = data
        return len(data)
