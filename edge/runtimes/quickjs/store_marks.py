"""Makes the guest remember where it writes: a pass over its WebAssembly, after the compiler.

The guest's memory is cut into blocks of 256 bytes. Behind each store the pass puts another, into a second memory that
no other instruction reaches: a mark for the block. So what a call did not write need not be written back after it, and
that rests on the instructions alone, not on what the engine or the function does. The second memory also holds the
host's images. `restore` copies the marked blocks back from one of them, and clears the marks.

Not marked: stores into a function's own frame on the stack, which lies below what an image holds. Where one address is
written several times in a row, one mark is enough. An instruction that is not known stops the build.
Standard library and one neighbour only, as the build loads this file by itself.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from edge.runtimes.quickjs.wasm_binary import (
    ADD,
    BULK,
    CALL,
    ELSE,
    END,
    GET,
    GLOBAL_GET,
    I32_CONST,
    IF,
    LOOP,
    MEMORY_COPY,
    MEMORY_FILL,
    SET,
    SHIFT_RIGHT,
    SIMD,
    SUB,
    TEE,
    Instruction,
    Reader,
    functions_of,
    imported_functions,
    instruction,
    name,
    sections,
    types_of,
    unsigned,
    with_more,
)

BLOCK_SHIFT = 8
REACH = 64
"""A mark for an address also stands for what is written up to so many bytes behind it."""
COPIED = (1 << BLOCK_SHIFT) + REACH + 16
"""What is copied for each mark: its block, and as much as a store at its end may reach beyond it."""
IMAGES_BYTES = 8 * 1024 * 1024
"""The size of the second memory: marks at its beginning, images behind them."""
STACK_END_MAX = 1024 * 1024
"""The stack must end here at the latest: from here on is what images hold."""

_I32, _I64, _F32, _F64, _V128 = 0x7F, 0x7E, 0x7D, 0x7C, 0x7B
_VALUE_OF_STORE = {
    **dict.fromkeys((0x36, 0x3A, 0x3B), _I32),
    **dict.fromkeys((0x37, 0x3C, 0x3D, 0x3E), _I64),
    0x38: _F32,
    0x39: _F64,
    **dict.fromkeys((0xFD00B, 0xFD058, 0xFD059, 0xFD05A, 0xFD05B), _V128),
}
_TYPES, _IMPORTS, _FUNCTIONS, _MEMORIES, _GLOBALS, _EXPORTS, _CODE = 1, 2, 3, 5, 6, 7, 10


_SHIFT = instruction(I32_CONST, BLOCK_SHIFT) + bytes((SHIFT_RIGHT,))
_MARK = instruction(I32_CONST, 1) + bytes((0x3A, 0x40, 1, 0))  # i32.store8 in memory 1


class _Value(NamedTuple):
    """Where a value on the stack came from: the instruction that made it (its place in the output), and the local or
    the constant that it is."""

    at: int
    local: int | None = None
    constant: int | None = None


# How many values an instruction takes and gives, where that is known; the rest empty the stack of what is known.
_ARITY = {
    **dict.fromkeys(range(0x28, 0x36), (1, 1)),
    **dict.fromkeys(_VALUE_OF_STORE, (2, 0)),
    **dict.fromkeys((0x1A, SET), (1, 0)),
    **dict.fromkeys((GET, GLOBAL_GET, I32_CONST, 0x42, 0x43, 0x44, 0x3F), (0, 1)),
    **dict.fromkeys((0x45, 0x50, 0x67, 0x68, 0x69, 0x79, 0x7A, 0x7B), (1, 1)),
    **dict.fromkeys((*range(0x46, 0x50), *range(0x51, 0x67), *range(0x6A, 0x79), *range(0x7C, 0x8B)), (2, 1)),
    **dict.fromkeys((*range(0x8B, 0x92), *range(0x99, 0xA0), *range(0xA7, 0xC5)), (1, 1)),
    **dict.fromkeys((*range(0x92, 0x99), *range(0xA0, 0xA7)), (2, 1)),
    **dict.fromkeys((0xFD000, 0xFD004, 0xFD05C, 0xFD05D), (1, 1)),
    0xFD00C: (0, 1),
    **dict.fromkeys((MEMORY_COPY, MEMORY_FILL), (3, 0)),
    **dict.fromkeys((0x0D, 0x24), (1, 0)),
    0x1B: (3, 1),
}


class _Body:
    """One function on its way through the pass."""

    def __init__(
        self, instructions: list[Instruction], locals_count: int, parameters: int, calls: list[tuple[int, int]]
    ) -> None:
        self.out: list[bytes] = []
        self._calls = calls
        self.added: list[int] = []  # the types of the locals that the pass adds
        self._locals_count = locals_count
        self._frame, self._frame_bytes = _frame(instructions, parameters)
        self._stack: list[_Value | None] = []
        self._marked: set[tuple[str, int]] = set()
        for one in instructions:
            self._take(one)

    def _pop(self) -> _Value | None:
        return self._stack.pop() if self._stack else None

    def _new_local(self, type_: int) -> int:
        self.added.append(type_)
        return self._locals_count + len(self.added) - 1

    def _take(self, one: Instruction) -> None:
        code, number, text = one
        self.out.append(text)
        at = len(self.out) - 1
        if code in (SET, TEE):
            self._pop()
            self._changed(number)
            if code == TEE:
                self._stack.append(_Value(at, number))
            return
        if code in _VALUE_OF_STORE:
            self._pop()
            self._store(one, self._pop())
            return
        if code in (MEMORY_COPY, MEMORY_FILL):
            self._bulk(text)
        if code in (LOOP, ELSE, END):
            self._marked.clear()
        if code != CALL and code not in _ARITY:
            self._stack.clear()
            return
        takes, gives = self._calls[number] if code == CALL else _ARITY[code]
        for _ in range(takes):
            self._pop()
        if gives:
            local = number if code == GET else None
            self._stack.append(_Value(at, local, number if code == I32_CONST else None))

    def _changed(self, local: int) -> None:
        """A local has another value from here on."""
        self._marked.discard(("local", local))
        self._stack = [
            value._replace(local=None) if value is not None and value.local == local else value for value in self._stack
        ]

    def _store(self, store: Instruction, base: _Value | None) -> None:
        offset = store.number
        if base is None:
            self._store_anywhere(store)
        elif base.constant is not None:
            self._mark_constant((base.constant & 0xFFFFFFFF) + offset)
        elif base.local is None:
            local = self._new_local(_I32)
            self.out[base.at] += instruction(TEE, local)
            self._mark(local, offset)
        elif base.local != self._frame or offset + 16 > self._frame_bytes:
            self._mark(base.local, offset)

    def _store_anywhere(self, store: Instruction) -> None:
        """Nothing is known of the address but that it is below the value."""
        type_ = _VALUE_OF_STORE[store.code]
        base, value = self._new_local(_I32), self._new_local(type_)
        self.out[-1] = instruction(SET, value) + instruction(TEE, base) + instruction(GET, value) + store.text
        self._mark(base, store.number)

    def _mark(self, local: int, offset: int) -> None:
        if offset > REACH:
            shifted = instruction(I32_CONST, offset) + bytes((ADD,)) + _SHIFT
            self.out[-1] += instruction(GET, local) + shifted + _MARK
        elif ("local", local) not in self._marked:
            self._marked.add(("local", local))
            self.out[-1] += instruction(GET, local) + _SHIFT + _MARK

    def _mark_constant(self, address: int) -> None:
        block = address >> BLOCK_SHIFT
        if ("block", block) not in self._marked:
            self._marked.add(("block", block))
            self.out[-1] += instruction(I32_CONST, block) + _MARK

    def _bulk(self, text: bytes) -> None:
        """A copy or a fill: a fill of the marks from the first to the last block. Under the length lie what to copy or
        fill with, and where to."""
        where, what, length = (self._new_local(_I32) for _ in range(3))
        first = instruction(GET, where) + _SHIFT
        last = instruction(GET, where) + instruction(GET, length) + bytes((ADD,)) + _SHIFT
        count = last + first + bytes((SUB,)) + instruction(I32_CONST, 1) + bytes((ADD,))
        self.out[-1] = (
            instruction(SET, length) + instruction(SET, what) + instruction(TEE, where)
            + instruction(GET, what) + instruction(GET, length) + text
            + first + instruction(I32_CONST, 1) + count + bytes((BULK, 11, 1))
        )  # fmt: skip


def _frame(instructions: list[Instruction], parameters: int) -> tuple[int | None, int]:
    """The local that holds the address of the function's frame on the stack, and how large that is: global 0 is the
    stack's end, and the local is set once."""
    changed = [one.number for one in instructions if one.code in (SET, TEE)]
    for one, two, three, four in zip(instructions, instructions[1:], instructions[2:], instructions[3:], strict=False):
        begins = (one.code, one.number, two.code, three.code) == (GLOBAL_GET, 0, I32_CONST, SUB)
        if begins and four.code in (SET, TEE) and four.number >= parameters and changed.count(four.number) == 1:
            return four.number, two.number
    return None, 0


# restore(shift, first, last): for the marks from `first` to `last`, both multiples of eight, copy each block from its
# address plus `shift` in memory 1, and clear the mark.
_SHIFT_LOCAL, _AT, _LAST, _EIGHT, _BLOCK_AT = range(5)
_RESTORE_TYPE = bytes((0x60, 3, _I32, _I32, _I32, 0))


def _restore() -> bytes:
    get, const, add = partial(instruction, GET), partial(instruction, I32_CONST), bytes((ADD,))
    load64, store64 = bytes((0x29, 0x43, 1, 0)), bytes((0x37, 0x43, 1, 0))
    lowest = get(_EIGHT) + bytes((0x7A, 0xA7)) + const(3) + bytes((SHIFT_RIGHT,))  # which of the eight is marked
    block = get(_AT) + lowest + add + const(BLOCK_SHIFT) + bytes((0x74,)) + instruction(SET, _BLOCK_AT)
    source = get(_BLOCK_AT) + get(_SHIFT_LOCAL) + add + instruction(SET, 5)
    copies = b"".join(
        get(_BLOCK_AT)
        + get(5)
        + bytes((SIMD, 0, 0x40, 1)) + unsigned(offset)  # v128.load from memory 1
        + bytes((SIMD, 11, 0)) + unsigned(offset)  # v128.store to memory 0
        for offset in range(0, COPIED, 16)
    )  # fmt: skip
    # Marks are bytes that are 0 or 1: the lowest bit is the next mark, and eight & eight - 1 is without it.
    without = get(_EIGHT) + get(_EIGHT) + bytes((0x42, 1, 0x7D, 0x83)) + instruction(SET, _EIGHT)
    each = bytes((LOOP, 0x40)) + block + source + copies + without + get(_EIGHT) + bytes((0x50, 0x45, 0x0D, 0, END))
    clear = get(_AT) + bytes((0x42, 0)) + store64
    group = get(_AT) + load64 + instruction(TEE, _EIGHT) + bytes((0x50, 0x45, IF, 0x40)) + each + clear + bytes((END,))
    step = get(_AT) + const(8) + add + instruction(TEE, _AT) + get(_LAST) + bytes((0x49, 0x0D, 0))
    body = bytes((2, 1, _I64, 2, _I32)) + bytes((LOOP, 0x40)) + group + step + bytes((END, END))
    return unsigned(len(body)) + body


def with_marks(wasm: bytes) -> bytes:
    """The module with marks, a second memory ("images") and `restore`. ValueError says what does not fit."""
    parts = list(sections(wasm))
    known = dict(parts)
    _check_stack(known[_GLOBALS], known[_EXPORTS])
    types = types_of(known[_TYPES])
    imports, functions = imported_functions(known[_IMPORTS]), functions_of(known[_FUNCTIONS])
    used = [types[index] for index in (*imports, *functions)]
    restore = len(used)
    edited = {
        _TYPES: lambda content: with_more(content, _RESTORE_TYPE),
        _FUNCTIONS: lambda content: with_more(content, unsigned(len(types))),
        _MEMORIES: lambda content: with_more(content, b"\1" + unsigned(IMAGES_BYTES >> 16) * 2),
        _EXPORTS: lambda content: with_more(
            content, name("restore") + b"\0" + unsigned(restore) + name("images") + bytes((2, 1)), 2
        ),
        _CODE: lambda content: _code(content, used, len(imports)),
    }
    made = [wasm[:8]]
    for number, content in parts:
        new = edited[number](content) if number in edited else content
        made += (bytes((number,)), unsigned(len(new)), new)
    return b"".join(made)


def _check_stack(globals_: bytes, exports: bytes) -> None:
    """Global 0 must be the end of the stack, and the stack below all that is restored."""
    reader = Reader(globals_)
    reader.unsigned()
    begins = reader.take(3)  # i32, mutable, i32.const
    if name("__stack_pointer") + b"\3\0" not in exports or begins != bytes((_I32, 1, I32_CONST)):
        raise ValueError("global 0 is not the stack pointer")
    if reader.signed() > STACK_END_MAX:
        raise ValueError("the stack is not at the bottom of memory")


def _code(content: bytes, used: list[tuple[int, int]], imported: int) -> bytes:
    reader = Reader(content)
    count = reader.unsigned()
    made = [unsigned(count + 1)]
    for number in range(count):
        size = reader.unsigned()
        end = reader.at + size
        groups = [(reader.unsigned(), reader.take(1)[0]) for _ in range(reader.unsigned())]
        parameters = used[imported + number][0]
        instructions = list(reader.instructions(end))
        body = _Body(instructions, parameters + sum(many for many, _ in groups), parameters, used)
        groups += [(1, type_) for type_ in body.added]
        locals_ = unsigned(len(groups)) + b"".join(unsigned(many) + bytes((type_,)) for many, type_ in groups)
        text = locals_ + b"".join(body.out)
        made += (unsigned(len(text)), text)
    return b"".join((*made, _restore()))
