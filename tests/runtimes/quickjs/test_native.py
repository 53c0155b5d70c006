"""What is different about the engine in this process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from edge.model.function import FunctionOutcome, OutOfMemory, Returned, Threw

Run = Callable[..., FunctionOutcome]
Value = Callable[..., Any]


@pytest.fixture
def engine_name() -> str:
    return "native"


@pytest.mark.parametrize(
    "change",
    [
        "String.prototype.shout = 1",
        "JSON.parse = null",
        "globalThis.left = 1",
        "Object.getPrototypeOf([][Symbol.iterator]()).next = null",
        "require('crypto').createHash = null",
        "Promise.prototype.then = null",
        "delete Array.prototype.map",
    ],
)
def test_builtins_are_frozen(run: Run, change: str) -> None:
    """What all calls share cannot be changed by any."""
    outcome = run(f"function handler(e) {{ {change}; return e; }}")
    assert isinstance(outcome, Threw)
    assert outcome.error.startswith("TypeError")


def test_own_properties_may_be_named_like_frozen_ones(value: Value) -> None:
    """Assignment shadows toString, message and their kin as ever."""
    body = (
        "var e = new Error('a'); e.message = 'b'; var o = {}; o.toString = function () { return 'c'; }; return e + o;"
    )
    assert value(body) == "Error: bc"


def test_memory_is_limited(run: Run) -> None:
    """Text that grows without end is stopped."""
    outcome = run("function handler(e) { var s = 'x'; for (;;) s += s; }")
    assert isinstance(outcome, OutOfMemory | Threw)
    assert isinstance(run("function handler(e) { return 1; }"), Returned)
