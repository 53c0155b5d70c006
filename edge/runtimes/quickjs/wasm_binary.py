"""WebAssembly modules as bytes: numbers, instructions and sections, read and written.

Only what the guest consists of; ValueError names an instruction that is not known. Standard library only, as the build
loads this file by itself.
Source: WebAssembly Core Specification 3.0, "Binary Format".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

GET, SET, TEE, GLOBAL_GET, I32_CONST, ADD, SUB, SHIFT_RIGHT = 0x20, 0x21, 0x22, 0x23, 0x41, 0x6A, 0x6B, 0x76
BLOCK, LOOP, IF, ELSE, END, BR_TABLE, CALL, CALL_INDIRECT = 0x02, 0x03, 0x04, 0x05, 0x0B, 0x0E, 0x10, 0x11
BULK, SIMD = 0xFC, 0xFD
"""Prefixes: an opcode behind one is the prefix shifted left by twelve bits, and the number that follows it."""
MEMORY_COPY, MEMORY_FILL = 0xFC00A, 0xFC00B


def unsigned(value: int) -> bytes:
    """A number in LEB128."""
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*made, value))


def signed(value: int) -> bytes:
    """A number with a sign in LEB128."""
    made = bytearray()
    while not -64 <= value < 64:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*made, value & 0x7F))


class Instruction(NamedTuple):
    """One instruction: its opcode, with its prefix in front; what follows it as a number (an index, a constant, the
    offset of a store); and all of its bytes."""

    code: int
    number: int
    text: bytes


class Reader:
    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data, self.at = data, at

    def unsigned(self) -> int:
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def signed(self) -> int:
        start = self.at
        value = self.unsigned()
        bits = 7 * (self.at - start)
        return value - (1 << bits) if value >> bits - 1 else value

    def take(self, size: int) -> bytes:
        self.at += size
        return self.data[self.at - size : self.at]

    def address(self) -> int:
        """The offset of a load or store."""
        if self.unsigned() & 0x40:
            raise ValueError("the guest has more than one memory already")
        return self.unsigned()

    def instructions(self, end: int) -> Iterator[Instruction]:
        while self.at < end:
            start = self.at
            code = self.data[self.at]
            self.at += 1
            if code in (BULK, SIMD):
                code = code << 12 | self.unsigned()
            number = self._immediate(code)
            yield Instruction(code, number, self.data[start : self.at])

    def _immediate(self, code: int) -> int:
        """What follows an opcode."""
        if code in (BLOCK, LOOP, IF, I32_CONST, 0x42):
            return self.signed()
        if 0x28 <= code <= 0x3E:
            return self.address()
        if code in (0x0C, 0x0D, CALL, *range(GET, 0x25), 0x3F, 0x40, 0xD2):
            return self.unsigned()
        if code == BR_TABLE:
            for _ in range(self.unsigned() + 1):
                self.unsigned()
        elif code == CALL_INDIRECT:
            number = self.unsigned()
            self.unsigned()
            return number
        elif code in (0x43, 0x44):
            self.take(4 if code == 0x43 else 8)
        elif code == 0x1C:
            self.take(self.unsigned())
        elif code >> 12 == BULK:
            return self._bulk(code)
        elif code >> 12 == SIMD:
            return self._simd(code & 0xFFF)
        elif not (code in (0x00, 0x01, ELSE, END, 0x0F, 0x1A, 0x1B) or 0x45 <= code <= 0xC4):
            raise ValueError(f"an instruction of the guest that is not known: {code:#x}")
        return 0

    def _bulk(self, code: int) -> int:
        if code > MEMORY_FILL or code in (0xFC008, 0xFC009):
            raise ValueError(f"an instruction of the guest that is not known: {code:#x}")
        self.take({MEMORY_COPY: 2, MEMORY_FILL: 1}.get(code, 0))
        return 0

    def _simd(self, code: int) -> int:
        offset = self.address() if code <= 11 or 84 <= code <= 93 else 0
        if code in (12, 13):
            self.take(16)
        elif 21 <= code <= 34 or 84 <= code <= 91:
            self.take(1)
        return offset


def instruction(code: int, number: int) -> bytes:
    """The bytes of an instruction with one immediate."""
    return bytes((code,)) + (signed(number) if code == I32_CONST else unsigned(number))


def name(text: str) -> bytes:
    return unsigned(len(text)) + text.encode()


def sections(wasm: bytes) -> Iterator[tuple[int, bytes]]:
    reader = Reader(wasm, 8)
    while reader.at < len(wasm):
        (number,) = reader.take(1)
        yield number, reader.take(reader.unsigned())


def with_more(content: bytes, one: bytes, count: int = 1) -> bytes:
    reader = Reader(content)
    had = reader.unsigned()
    return unsigned(had + count) + content[reader.at :] + one


def types_of(content: bytes) -> list[tuple[int, int]]:
    """How many values each type of function takes and gives."""
    reader = Reader(content)
    found = []
    for _ in range(reader.unsigned()):
        reader.take(1)
        takes, gives = len(reader.take(reader.unsigned())), len(reader.take(reader.unsigned()))
        found.append((takes, gives))
    return found


def imported_functions(content: bytes) -> list[int]:
    """The types of imported functions; nothing else may be imported."""
    reader = Reader(content)
    found = []
    for _ in range(reader.unsigned()):
        reader.take(reader.unsigned())
        reader.take(reader.unsigned())
        if reader.take(1) != b"\0":
            raise ValueError("the guest imports something besides functions")
        found.append(reader.unsigned())
    return found


def functions_of(content: bytes) -> list[int]:
    reader = Reader(content)
    return [reader.unsigned() for _ in range(reader.unsigned())]
