"""What the sealed engine holds, beyond what every engine promises."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from edge.model.function import CloudFrontFunction, FunctionOutcome, Invalid, OutOfMemory, Returned, Threw
from edge.runtimes.key_value_stores import MemoryStores
from edge.runtimes.quickjs import build, guest_module
from edge.runtimes.quickjs.guest import INPUT_BYTES
from edge.runtimes.quickjs.sealed import SealedRuntime

Run = Callable[..., FunctionOutcome]
Value = Callable[..., Any]


@pytest.fixture
def engine_name() -> str:
    return "sealed"


@pytest.mark.parametrize(
    "change",
    [
        "String.prototype.toString = function () { return 'left'; };",
        "JSON.parse = null;",
        "globalThis.left = 'left';",
        "Object.prototype.left = 'left';",
        "Object.getPrototypeOf([][Symbol.iterator]()).next = null;",
        "require('crypto').createHash = null;",
        "Promise.prototype.then = null;",
        "delete Array.prototype.map;",
        "RegExp.prototype.exec = null;",
    ],
)
def test_a_call_may_change_any_builtin_and_the_next_finds_it_whole(run: Run, change: str) -> None:
    """Each call starts from the same memory."""
    look = """function handler(event) {
  if (event.change) { CHANGE }
  return [typeof globalThis.left, 'a' + String('b'), [1].map(String), typeof require('crypto').createHash,
          typeof Promise.prototype.then, /a/.test('a')];
}""".replace("CHANGE", change)
    whole = Returned(["undefined", "ab", ["1"], "function", "function", True])
    before, _, after = (run(look, event={"change": changes}) for changes in (False, True, False))
    assert isinstance(before, Returned)
    assert before.value == whole.value
    assert after == before


def test_one_guest_serves_many_functions(run: Run) -> None:
    """Calls of different functions do not meet."""
    codes = [f"var mine = {n}; function handler(event) {{ return mine++; }}" for n in range(5)]
    outcomes = [run(code) for _ in range(2) for code in codes]
    assert [outcome.value for outcome in outcomes if isinstance(outcome, Returned)] == [0, 1, 2, 3, 4] * 2


def test_the_same_call_uses_the_same_everywhere(run: Run) -> None:
    """Compute utilization, time and memory come out alike on every run."""
    code = "function handler(event) { return JSON.stringify(event) + Math.random() + Date.now(); }"
    assert run(code) == run(code)


def test_a_handler_that_is_no_function_is_an_error(run: Run) -> None:
    """The name is there, but it cannot be called."""
    outcome = run("var handler = 1;")
    assert isinstance(outcome, Threw)
    assert outcome.error == 'ReferenceError: "handler" is not defined'


def test_a_rejection_that_nobody_handles_fails_the_run(run: Run) -> None:
    """In njs's words; one that is handled later in the run does not."""
    outcome = run("function handler(e) { Promise.reject(new Error('lost')); return 1; }")
    assert isinstance(outcome, Threw)
    assert outcome.error == "Error: unhandled promise rejection: Error: lost"
    outcome = run("function handler(e) { Promise.reject(new Error('found')).catch(String); return 1; }")
    assert isinstance(outcome, Returned)


def test_an_error_at_the_top_level_fails_every_call(run: Run) -> None:
    """The file runs from its first line each time."""
    code = "var a;\nvar b = a.c;\nfunction handler(e) { return 1; }"
    outcomes = {run(code) for _ in range(2)}
    (outcome,) = outcomes
    assert isinstance(outcome, Threw)
    assert (outcome.error, outcome.line) == ('TypeError: cannot get property "c" of undefined', 2)


def test_an_event_too_large_for_the_guest_is_too_large_for_memory(run: Run) -> None:
    """Nothing is written past the area that is meant for it."""
    assert isinstance(run("function handler(e) { return 1; }", event={"a": "x" * INPUT_BYTES}), OutOfMemory)


def test_code_too_large_for_the_guest_is_refused(run: Run) -> None:
    """CloudFront refuses far smaller code when it is created."""
    outcome = run("// " + "x" * INPUT_BYTES + "\nfunction handler(e) { return 1; }")
    assert isinstance(outcome, Invalid)
    assert "10240" in outcome.error


def test_a_missing_guest_is_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """No limits are dropped in silence: there is no engine."""
    monkeypatch.setattr(build, "GUEST", tmp_path / "guest.wasm")
    guest_module.guest_module.cache_clear()
    engine = SealedRuntime(MemoryStores({}, created=0))
    with pytest.raises(guest_module.GuestMissingError, match="--engine native"):
        engine.check(CloudFrontFunction("f", "function handler(e) { return e; }"))
    guest_module.guest_module.cache_clear()
