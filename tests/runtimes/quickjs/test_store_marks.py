"""The pass that makes the guest mark what it writes: whatever an instruction writes is marked, and is copied back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import wasmtime

from edge.runtimes.quickjs.store_marks import BLOCK_SHIFT, IMAGES_BYTES, with_marks

MODULE = """(module
  (type (func (param i32 i64)))
  (import "edge" "nothing" (func $nothing))
  (memory (export "memory") 16 16)
  (global $stack (export "__stack_pointer") (mut i32) (i32.const 65536))
  (func $given (param $at i32) (result i32) (local.get $at))
  (func (export "write") (param $at i32) (param $value i64) (local $other i32) (local $frame i32)
    BODY))"""

Undone = Callable[[str, int], bool]


@pytest.fixture
def undone() -> Undone:
    """Run a body that writes, and then `restore`: whether memory is what it was."""

    def run(body: str, at: int) -> bool:
        wasm = with_marks(bytes(wasmtime.wat2wasm(MODULE.replace("BODY", body))))
        store = wasmtime.Store()
        nothing = wasmtime.Func(store, wasmtime.FuncType([], []), lambda: None)
        exports = wasmtime.Instance(store, wasmtime.Module(store.engine, wasm), [nothing]).exports(store)
        memory, images = exports["memory"], exports["images"]
        assert isinstance(memory, wasmtime.Memory)
        assert isinstance(images, wasmtime.Memory)
        before = bytes(index * 7 % 251 for index in range(256)) * (memory.data_len(store) // 256)
        memory.write(store, before, 0)
        place = 1 << 20
        images.write(store, before, place)
        exports["write"](store, at, -1)  # type: ignore[operator]  # a function
        assert memory.read(store) != before
        exports["restore"](store, place, 0, len(before) >> BLOCK_SHIFT)  # type: ignore[operator]
        assert not any(images.read(store, 0, len(before) >> BLOCK_SHIFT))
        assert images.data_len(store) == IMAGES_BYTES
        return memory.read(store) == before

    return run


ADDRESSES = (0, 255, 256, 70_001, 131_070, 1_000_000)

BODIES = {
    "a local": "(i64.store (local.get $at) (local.get $value))",
    "a local, behind it": "(i64.store offset=64 (local.get $at) (local.get $value))",
    "a local, far behind it": "(i64.store offset=9999 (local.get $at) (local.get $value))",
    "each size": """(i32.store8 (local.get $at) (i32.const 1)) (i32.store16 offset=300 (local.get $at) (i32.const 2))
        (i32.store offset=700 (local.get $at) (i32.const 3)) (f32.store offset=1100 (local.get $at) (f32.const 4))
        (f64.store offset=1500 (local.get $at) (f64.const 5)) (i64.store8 offset=1900 (local.get $at) (i64.const 6))
        (i64.store16 offset=2300 (local.get $at) (i64.const 7)) (i64.store32 offset=2700 (local.get $at) (i64.const 8))
        (v128.store offset=3100 (local.get $at) (v128.const i64x2 9 10))
        (v128.store8_lane offset=3500 3 (local.get $at) (v128.const i64x2 -1 -1))""",
    "a local that changes between": """(i32.store (local.get $at) (i32.const 1))
        (local.set $at (i32.add (local.get $at) (i32.const 4096))) (i32.store (local.get $at) (i32.const 1))""",
    "a local that changes while its old value waits": """(local.get $at)
        (local.set $at (i32.const 12)) (i32.store (i32.const 77)) (i32.store (local.get $at) (i32.const 1))""",
    "a local that changes in a loop": """(loop (i32.store (local.get $at) (i32.const 1))
        (local.set $at (i32.add (local.get $at) (i32.const 300)))
        (local.set $other (i32.add (local.get $other) (i32.const 1)))
        (br_if 0 (i32.lt_u (local.get $other) (i32.const 9))))""",
    "one way of two": """(if (local.get $at) (then (i32.store (local.get $at) (i32.const 1))))
        (i32.store offset=4 (local.get $at) (i32.const 2))""",
    "a computed address": "(i64.store offset=8 (i32.add (local.get $at) (i32.const 512)) (local.get $value))",
    "an address that was kept": "(i64.store (local.tee $other (i32.add (local.get $at) (i32.const 99))) (i64.const 1))",
    "the answer of a call": "(i64.store (call $given (local.get $at)) (local.get $value))",
    "an address from a block": "(i64.store (block (result i32) (local.get $at)) (local.get $value))",
    "an address below a block": "(local.get $at) (block (result i64) (call $nothing) (local.get $value)) (i64.store)",
    "a constant address": "(i64.store offset=3 (i32.const 4090) (local.get $value))",
    "a constant and its neighbour": """(i64.store (i32.const 0) (local.get $value))
        (i64.store offset=508 (i32.const 0) (local.get $value))""",
    "a copy": "(memory.copy (local.get $at) (i32.const 5) (i32.const 1500))",
    "a fill": "(memory.fill (local.get $at) (i32.const 8) (i32.const 257))",
    "nothing copied, and a byte": """(memory.copy (local.get $at) (i32.const 5) (i32.const 0))
        (i32.store8 (local.get $at) (i32.const 255))""",
    "beyond the frame": """(local.set $frame (i32.sub (global.get $stack) (i32.const 32)))
        (i32.store offset=40 (local.get $frame) (i32.const 1))""",
    "a frame that moves": """(local.set $frame (i32.sub (global.get $stack) (i32.const 32)))
        (local.set $frame (i32.add (local.get $frame) (i32.const 9000)))
        (i32.store (local.get $frame) (i32.const 1))""",
}


@pytest.mark.parametrize("at", ADDRESSES)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_what_is_written_is_undone(undone: Undone, body: str, at: int) -> None:
    """By whatever instruction, and wherever its address comes from."""
    assert undone(body, at)


def test_a_frame_on_the_stack_is_not_marked(undone: Undone) -> None:
    """It is not part of an image, so a mark for it would be for nothing."""
    frame = """(local.set $frame (i32.sub (global.get $stack) (i32.const 32)))
        (i32.store offset=12 (local.get $frame) (i32.const 1))"""
    assert not undone(frame, 0)


STACK = '(global (export "__stack_pointer") (mut i32) (i32.const 64)) '
F = '(module (import "a" "f" (func)) (memory 1) ' + STACK


@pytest.mark.parametrize(
    ("module", "why"),
    [
        (f'(module (import "a" "m" (memory 1)) {STACK} (func))', "besides functions"),
        (F.replace("mut i32", "mut i64").replace("i32.const 64", "i64.const 64") + "(func))", "not the stack pointer"),
        (F.replace("stack", "other") + "(func))", "not the stack pointer"),
        (F.replace("64", "2000000") + "(func))", "not at the bottom"),
        (F + "(table 1 funcref) (func (table.set (i32.const 0) (ref.null func))))", "not known"),
        (F + '(data "x") (func (memory.init 0 (i32.const 0) (i32.const 0) (i32.const 1))))', "not known"),
        (F + "(memory 1) (func (i32.store 1 (i32.const 0) (i32.const 1))))", "more than one"),
    ],
)
def test_what_the_pass_does_not_know_stops_the_build(module: str, why: str) -> None:
    """A compiler that writes by other instructions must not go unnoticed."""
    with pytest.raises(ValueError, match=why):
        with_marks(bytes(wasmtime.wat2wasm(f'{module[:-1]} (export "f" (func 0)))')))
