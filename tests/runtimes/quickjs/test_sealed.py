"""What the sealed engine holds, beyond what every engine promises."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.model import quotas
from edge.model.function import (
    CloudFrontFunction,
    EventType,
    FunctionOutcome,
    Invalid,
    OutOfMemory,
    Returned,
    Threw,
    TimedOut,
)
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


@pytest.mark.parametrize(
    ("asked", "call", "other"),
    [
        ("Date.now()", {"now": 1.0}, {"now": 2.0}),
        ("new Date().getTime()", {"now": 1.0}, {"now": 2.0}),
        ("Math.random()", {"seed": 1}, {"seed": 2}),
        ("cf.edgeLocation.name", {}, {"event_type": EventType.VIEWER_RESPONSE}),
    ],
)
def test_a_top_level_that_asks_about_the_call_hears_of_this_call(
    run: Run, asked: str, call: dict[str, Any], other: dict[str, Any]
) -> None:
    """Others run once for all calls; this one runs in each."""
    code = f"import cf from 'cloudfront'; var heard = {asked}; function handler(e) {{ return [typeof cf, heard]; }}"
    outcomes = [run(code, **each) for each in (call, other, call)]
    first, second, third = (outcome.value for outcome in outcomes if isinstance(outcome, Returned))
    assert first == third != second


def test_what_the_top_level_logs_is_logged_in_each_call(run: Run) -> None:
    """Before what the handler logs."""
    code = "console.log('top'); function handler(e) { console.log('handler'); return 1; }"
    outcomes = [run(code) for _ in range(2)]
    assert [outcome.logs for outcome in outcomes if isinstance(outcome, Returned)] == [("top", "handler")] * 2


def test_the_top_level_is_paid_for_in_each_call(run: Run) -> None:
    """In time and in memory, nearly as if the handler did the work, and it has the limits of a call."""
    work = "for (var i = 0; i < 20000; i++); var kept = new Uint8Array(SIZE);"
    top = work + "function handler(e) { return kept.length; }"
    inner = f"function handler(e) {{ {work} return kept.length; }}"
    costs = []
    for code in (top, inner):
        first, second = (run(code.replace("SIZE", "500000")) for _ in range(2))
        assert isinstance(first, Returned)
        assert first == second
        costs.append(first.usage)
    assert costs[0].compute_utilization == pytest.approx(costs[1].compute_utilization, abs=10)
    assert costs[0].compute_utilization > 15
    assert 500_000 < costs[0].memory_bytes < 600_000
    assert isinstance(run(top.replace("SIZE", "2097152")), OutOfMemory)
    assert isinstance(run(top.replace("20000", "20000000").replace("SIZE", "1")), TimedOut)


def test_work_that_the_top_level_leaves_waiting_is_done_in_each_call(run: Run) -> None:
    """Its promises go on after the handler, and a rejection that nobody handles fails the run."""
    code = "var steps = ['top']; Promise.resolve().then(function () { steps.push('job'); });"
    handler = "async function handler(e) { steps.push('handler'); await null; return steps; }"
    outcomes = [run(code + handler) for _ in range(2)]
    assert [outcome.value for outcome in outcomes if isinstance(outcome, Returned)] == [["top", "handler", "job"]] * 2
    outcome = run("Promise.reject(new Error('lost')); function handler(e) { return 1; }")
    assert isinstance(outcome, Threw)
    assert outcome.error == "Error: unhandled promise rejection: Error: lost"


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


RESULTS = [
    "{a: 1, b: [1, 'x', null, true, [], {}]}",
    "{b: undefined, c: function () {}, d: Symbol()}",
    "[undefined, function () {}, Symbol()]",
    "[1.5, -0, 1e300, -2147483648, 4294967296, NaN, Infinity]",
    "'\\u0000\\u001f\"\\\\/\\u007f\\u0080\\u00ff\\u20ac\\ud83d\\ude00'",
    "'\\ud800'",
    "['a\\udc00b']",
    "{'\\u20ac': '\\ud83d\\ude00', '': 0, '\"': 1}",
    "new Array(3)",
    "[1,,2]",
    "{get a() { return 1; }}",
    "{toJSON: function () { return 'json'; }}",
    "{toJSON: 5}",
    "new Date(0)",
    "[new Date(0), /x/, new Error('e')]",
    "new String('s')",
    "[new Number(1), new Boolean(false)]",
    "Object.create({inherited: 1})",
    "Object.create(null)",
    "Object.assign(Object.create(null), {a: 1})",
    "Object.defineProperty({a: 1}, 'hidden', {value: 1})",
    "Object.assign([1], {x: 1})",
    "{[Symbol('s')]: 1, a: 2}",
    "'x'.repeat(3000) + 'y'.repeat(3000)",
    "new Uint8Array([1, 2])",
    "Buffer.from('a')",
    "Promise",
    "5",
    "'text'",
    "null",
    "true",
    "(function () { var o = {a: 1, b: 2, c: 3}; delete o.b; o.d = 4; return o; })()",
    "(function () { var o = {}; for (var i = 0; i < 60; i++) o = {o: o}; return o; })()",
    "(function () { Object.prototype.toJSON = function () { return 'all'; }; return {a: 1}; })()",
    "(function () { Array.prototype.toJSON = function () { return 'all'; }; return [{a: 1}]; })()",
]


@pytest.mark.parametrize("result", RESULTS)
def test_a_result_is_what_json_makes_of_it(value: Value, result: str) -> None:
    """Plain data leaves the guest by a short way; it comes out as by the long way."""
    assert value(f"return {result};") == value(f"return JSON.parse(JSON.stringify({result}) || 'null');")


EVENTS = [
    {"": [], "a b": {}, "é": "ü€😀", "1": 1, "01": 2, "-1": 3},
    {"text": 'quote " backslash \\ slash / \b\f\n\r\t \x01 \x7f \u2028', 'k"e\\y': "\ud800"},
    {"numbers": [0, 1, -1, 123456789, 1234567890, 4294967296, 1.5, -1e-7, 1e300]},
    {"words": [True, False, None, [True], {"a": None}], "__proto__": "own", "toString": 1},
]


@pytest.mark.parametrize("event", EVENTS, ids=ascii)
def test_an_event_is_read_as_json_says(value: Value, event: dict[str, Any]) -> None:
    """The guest's own reading of JSON loses nothing."""
    assert value("return event;", event=event) == event


LOOKS = [
    "return Object.getOwnPropertyDescriptor(e.request, 'headers');",
    "return [Object.keys(e), Object.keys(e.request), Object.entries(e.request)];",
    "var all = []; for (var name in e.request) { e.request.headers; all.push(name); } return all;",
    "return [e.request.hasOwnProperty('headers'), 'cookies' in e.request, 'none' in e.request];",
    "delete e.request.headers; return [e.request, e.request.headers === undefined];",
    "delete e.request.headers; e.request.headers = {a: {value: '1'}}; return e;",
    "e.request.headers = {}; return e;",
    "e.request.headers.host = {value: 'other'}; return e;",
    "var headers = e.request.headers; headers.added = {value: '1'}; return [e, headers === e.request.headers];",
    "return Object.assign({first: 1}, e.request);",
    "Object.freeze(e.request); try { e.request.headers = 1; } catch (x) { return [x.message, e]; }",
    "Object.defineProperty(e.request, 'headers', {enumerable: false}); return [e.request, e.request.headers];",
    "Object.defineProperty(e.request, 'headers', {value: 5}); return e;",
    "Object.defineProperty(e.request, 'headers', {get: function () { return 6; }}); return e;",
    "return [JSON.stringify(e), JSON.stringify(e.request.headers)];",
    "return [e.request, e.request, e.context];",
    "return {context: e.context, a: e};",
    "Object.prototype.toJSON = function () { return 'all'; }; return e;",
    "e.request.toJSON = function () { return this.headers; }; return e.request;",
    "return Object.values(e.viewer);",
    "Object.setPrototypeOf(e.request, {inherited: 1}); return e.request;",
    "e.request = Object.create(e.request); return [e.request.headers, e];",
    "return (function deep(n) { return n ? deep(n - 1) : [e.request.headers, e.context]; })(100);",
    "function deep() { try { deep(); } catch (x) { e.request.headers; } } deep(); return e.request.headers;",
]
LOOKED_AT = {
    "version": "1.0",
    "context": {"eventType": "viewer-request", "toJSON": 1},
    "viewer": {"ip": "192.0.2.1", "deep": json.loads("[" * 40 + "]" * 40)},
    "request": {
        "method": "GET",
        "uri": "/\u20ac",
        "querystring": {"": {"value": 'a"b'}, "9": {"value": "\\"}, "1": {"value": "{"}},
        "headers": {
            "host": {"value": "a.example"},
            "odd": {"value": "}\u20ac", "multiValue": [{"value": "]"}, {"value": "1"}]},
        },
        "cookies": {},
    },
}


@pytest.mark.parametrize("body", LOOKS)
def test_an_event_is_plain_data_however_it_is_looked_at(value: Value, body: str) -> None:
    """Objects in it are read only when somebody asks for them, and nobody can tell."""
    plain = value(f"var e = JSON.parse(event.text); {body}", event={"text": json.dumps(LOOKED_AT)})
    assert value(f"var e = event; {body}", event=LOOKED_AT) == plain
    assert list(value("return event.request.querystring;", event=LOOKED_AT)) == ["", "9", "1"]


_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e15, 1e15) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(event=st.dictionaries(st.text(), _PLAIN, max_size=5))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_plain_data_comes_back_as_it_went_in(value: Value, event: dict[str, Any]) -> None:
    """Through the guest's reading and writing of JSON, and through its own JSON.stringify."""
    assert value("return event;", event=event) == event
    assert json.loads(value("return JSON.stringify(event);", event=event)) == event


def test_an_event_that_is_nested_too_deep_fails_the_run(run: Run, value: Value) -> None:
    """It does not fail the engine; what is not quite as deep passes."""
    event: Any = "deep"
    for _ in range(200):
        event = {"a": event}
    assert value("return event;", event=event) == event
    for _ in range(5000):
        event = {"a": event}
    outcome = run("function handler(event) { return event; }", event=event)
    assert isinstance(outcome, Threw)
    assert outcome.error == "RangeError: Maximum call stack size exceeded"


@pytest.mark.parametrize(("size", "fits"), [(2_000_000, True), (2_097_152, False)])
def test_memory_ends_at_2_mb(run: Run, size: int, fits: bool) -> None:
    """Just below passes, and the peak is reported; at the limit there is no room for anything besides."""
    outcome = run(f"function handler(event) {{ return new Uint8Array({size}).length; }}")
    assert isinstance(outcome, Returned if fits else OutOfMemory)
    assert outcome.usage.memory_bytes <= quotas.FUNCTION_MEMORY_MAX_BYTES
    if fits:
        assert outcome.usage.memory_bytes >= size


def test_memory_ends_at_2_mb_to_the_byte(run: Run) -> None:
    """What is reported as used is what is counted: exactly 2 MB pass, and not a block of eight bytes more."""

    def used(size: int) -> FunctionOutcome:
        return run(f"function handler(event) {{ return new Uint8Array({size:>7}).length; }}")

    size = 2_000_000
    first = used(size)
    assert isinstance(first, Returned)
    size += quotas.FUNCTION_MEMORY_MAX_BYTES - first.usage.memory_bytes
    full = used(size)
    assert isinstance(full, Returned)
    assert full.usage.memory_bytes == quotas.FUNCTION_MEMORY_MAX_BYTES
    assert isinstance(used(size + 8), OutOfMemory)


def test_memory_that_was_given_back_does_not_count(run: Run) -> None:
    """The peak counts, not the sum."""
    outcome = run("function handler(e) { for (var i = 0; i < 10; i++) new Uint8Array(500000); return 1; }")
    assert isinstance(outcome, Returned)
    assert 500_000 <= outcome.usage.memory_bytes < 1_000_000


def test_math_random_differs_within_a_run(value: Value) -> None:
    """And lies between 0 and 1."""
    numbers = value("var all = []; for (var i = 0; i < 50; i++) all.push(Math.random()); return all;")
    assert len(set(numbers)) == 50
    assert all(0 <= number < 1 for number in numbers)
