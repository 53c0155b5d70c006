"""The sealed guest: one WebAssembly instance, and calls into it.

An image is the guest's memory after the prelude, or after a function was loaded. Restoring an image brings it back
whatever ran before, so one instance serves any number of functions, and a call that was stopped leaves no trace.
Calls go straight to wasmtime's C functions with arguments made once, and keep Python's lock: its Python interface
costs several times the call.
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

from edge.model import quotas
from edge.runtimes.quickjs.guest_memory import GuestMemory
from edge.runtimes.quickjs.guest_module import guest_module
from edge.runtimes.quickjs.utilization import READ_FUEL

RUNNING, RETURNED, THREW, NO_HANDLER, NEVER_SETTLED = range(5)
"""What a report's `status` may be; the names are those of guest.c."""

INPUT_BYTES = 256 * 1024
ANSWER_BYTES = 64 * 1024
"""Sizes of the areas that the host writes, as guest.c has them."""

UNLIMITED_FUEL = 1 << 62

_CALLS = ("compile", "init", "load", "begin", "call", "where", "restore")
_ARGUMENTS = ctypes.c_size_t(3)
"""At most, and for a result."""
_WHERE_FUEL = 1_000_000
_ENOUGH = ctypes.c_uint64(1 << 22)
"""To copy all that may be marked."""

_QUESTION = struct.Struct("<dQIiiIII")
_REPORT = struct.Struct("<14I")
_HEAP = struct.Struct("<6I?")
_NO_REPORT = bytes(_REPORT.size)
_LENGTH = struct.Struct("<I")


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
    highest: int
    memory_bytes: int


class Ended(NamedTuple):
    """How a call of the guest ended. `trap` says why it was stopped, None when it was not; `exhausted` that memory was
    the reason; `where` is the stack of the user's code then, as in Error.stack."""

    report: Report
    fuel: int
    trap: wasmtime.TrapCode | None = None
    exhausted: bool = False
    where: str = ""


ReadStore = Callable[[str, str], "str | None"]


def _c_function(name: str, result: Any = None) -> Any:
    """A function of wasmtime's that is called with ctypes objects as they are: nothing is converted or looked up."""
    address = ctypes.cast(getattr(ffi.dll, name), ctypes.c_void_p).value
    return ctypes.PYFUNCTYPE(result)(address or 0)


_set_fuel = _c_function("wasmtime_context_set_fuel")
_get_fuel = _c_function("wasmtime_context_get_fuel")
_call = _c_function("wasmtime_func_call_unchecked", ctypes.c_void_p)


_new = tuple.__new__
"""Makes a NamedTuple of what has the right length."""


def _view(memory: wasmtime.Memory, store: wasmtime.Store) -> memoryview:
    """All bytes of a memory, in place."""
    base = ctypes.addressof(memory.data_ptr(store).contents)
    return memoryview((ctypes.c_ubyte * memory.data_len(store)).from_address(base)).cast("B")


def _address(thing: Any) -> ctypes.c_void_p:
    return ctypes.c_void_p(ctypes.addressof(thing))


class Guest:
    """One instance. `read_store(kind, key)` answers cf.kvs() while a call runs; kinds are "g"et, "e"xists, "m"eta. What
    it raises is raised by run(). In `kept` images of its memory are taken and restored."""

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

        self._memory = _view(exports["memory"], self._store)
        self._stack_pointer = exports["__stack_pointer"]
        self._stack_top = self._stack_pointer.value(self._store)

        self._exports = exports  # keeps the functions that are pointed to
        self._functions = {name: _address(exports[name]._func) for name in _CALLS}
        self._context = ctypes.cast(self._store._context(), ctypes.c_void_p)
        self._arguments = (ffi.wasmtime_val_raw_t * _ARGUMENTS.value)()
        self._place_arguments = (ffi.wasmtime_val_raw_t * _ARGUMENTS.value)()
        self._place = (0, 0, 0)
        self._given, self._left = ctypes.c_uint64(), ctypes.c_uint64()
        self._trap = ctypes.POINTER(ffi.wasm_trap_t)()
        self._arguments_at, self._place_at = _address(self._arguments), _address(self._place_arguments)
        self._left_at, self._trap_at = _address(self._left), _address(self._trap)

        exports["_initialize"](self._store)
        self._question, self._report, self._heap, self._input, self._answer, self._logged = (
            exports[name](self._store) for name in ("question", "report", "heap", "input", "answer", "logged")
        )
        assert (self._report, self._input) == (self._question + _QUESTION.size, self._report + _REPORT.size)
        images = _view(exports["images"], self._store)
        self.kept = GuestMemory(self._memory, images, module.variables, self._copy_marked)

    def _copy_marked(self, place: tuple[int, int, int]) -> None:
        if place is not self._place:
            for argument, value in zip(self._place_arguments, place, strict=True):
                argument.i32 = value
            self._place = place
        if self._left.value < _ENOUGH.value:
            _set_fuel(self._context, _ENOUGH)
        error = _call(self._context, self._functions["restore"], self._place_at, _ARGUMENTS, self._trap_at)
        if error or self._trap:
            raise AssertionError("the guest's memory could not be restored")
        self._left.value = 0  # as far as is known

    def ask(
        self,
        texts: bytes,
        now_ms: float = 0.0,
        seed: int = 0,
        event_length: int = 0,
        raw_query_length: int = -1,
        store_length: int = -1,
        viewer_request: bool = False,
        allowed_bytes: int = 0,
        log_limit: int = 0,
    ) -> None:
        """Say what the next call needs to know, and put at most INPUT_BYTES where it reads its input. A length of -1
        means that there is none."""
        question = _QUESTION.pack(
            now_ms, seed, event_length, raw_query_length, store_length, viewer_request, allowed_bytes, log_limit
        )
        written = question + _NO_REPORT + texts
        self._memory[self._question : self._question + len(written)] = written

    def run(self, name: str, fuel: int, *arguments: int) -> Ended:
        """Call what one of _CALLS names, with at most so much fuel."""
        if arguments:
            for value, argument in zip(self._arguments, arguments, strict=False):
                value.i32 = argument
        self._given.value = fuel
        _set_fuel(self._context, self._given)
        error = _call(self._context, self._functions[name], self._arguments_at, _ARGUMENTS, self._trap_at)
        if error or self._failure is not None:
            self._raise(error)
        _get_fuel(self._context, self._left_at)
        report = _new(Report, _REPORT.unpack_from(self._memory, self._report))
        burnt = fuel - self._left.value
        if self._trap:
            return self._trapped(name, report, burnt)
        self.kept.used_to(report.highest)
        return Ended(report, burnt)

    def _raise(self, error: int | None) -> None:
        if error:
            raise wasmtime.WasmtimeError._from_ptr(ctypes.cast(error, ctypes.POINTER(ffi.wasmtime_error_t)))
        failure, self._failure = self._failure, None
        if self._trap:
            self._take_trap()
        assert failure is not None
        raise failure

    def _take_trap(self) -> wasmtime.TrapCode:
        """Why the guest stopped. The next trap has an empty place."""
        trap = wasmtime.Trap._from_ptr(ctypes.cast(self._trap, ctypes.POINTER(ffi.wasm_trap_t)))  # frees it
        ctypes.memset(self._trap_at, 0, ctypes.sizeof(self._trap))
        return trap.trap_code or wasmtime.TrapCode.UNREACHABLE

    def _trapped(self, name: str, report: Report, burnt: int) -> Ended:
        """Why the guest stopped, and where the user's code was. Its stack begins anew, as nothing unwound it."""
        self.kept.stopped()
        code = self._take_trap()
        _, _, highest, _, most, limit, exhausted = _HEAP.unpack_from(self._memory, self._heap)
        self.kept.used_to(highest)
        report = report._replace(highest=highest, memory_bytes=most - limit + quotas.FUNCTION_MEMORY_MAX_BYTES)
        where = self._where() if name == "call" else ""
        self._stack_pointer.set_value(self._store, self._stack_top)
        return Ended(report, burnt, code, exhausted, where)

    def _where(self) -> str:
        """The stack of a call that was stopped; "" when not even that can be said."""
        self._given.value = _WHERE_FUEL
        _set_fuel(self._context, self._given)
        error = _call(self._context, self._functions["where"], self._arguments_at, _ARGUMENTS, self._trap_at)
        if error:
            self._raise(error)
        if self._trap:
            self._take_trap()
            return ""
        return self.text(self._answer, self._arguments[0].i32)

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
        _get_fuel(self._context, self._left_at)
        self._given.value = max(0, self._left.value - READ_FUEL)
        _set_fuel(self._context, self._given)
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
