"""What a runtime of CloudFront Functions promises, whichever engine it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from edge.model.function import EventType, FunctionOutcome, Invalid, JavaScriptRuntime, Returned, Threw, TimedOut

V1, V2 = JavaScriptRuntime.JS_1_0, JavaScriptRuntime.JS_2_0
Run = Callable[..., FunctionOutcome]
Value = Callable[..., Any]
Error = Callable[..., str]


def test_the_handler_gets_the_event_and_its_result_comes_back(value: Value) -> None:
    """JSON in, JSON out."""
    assert value("event.request.uri = '/y'; return event.request;")["uri"] == "/y"


@pytest.mark.parametrize("text", ["é", "😀", "a\0b", '"\\', "\u2028", "\ud800"], ids=ascii)
def test_any_text_survives_the_way_in_and_out(value: Value, text: str, engine_name: str) -> None:
    """Non-ASCII text, a NUL, and half a surrogate pair."""
    if engine_name == "native" and text in ("a\0b", "\ud800"):
        pytest.skip("the quickjs module takes neither")
    assert value("return event.request.uri;", event={"request": {"uri": text}}) == text


def test_an_error_names_the_line_of_the_user(run: Run) -> None:
    """Line 1 is the first line of the file; the stack goes from the place of the error outwards."""
    outcome = run("function inner(e) {\n  return e.nope.x;\n}\nfunction handler(event) {\n  return inner(event);\n}")
    assert isinstance(outcome, Threw)
    assert (outcome.line, [frame.partition(":")[0] for frame in outcome.stack]) == (2, ["inner (2", "handler (5"])


@pytest.mark.parametrize("thrown", ["'text'", "undefined", "{}", "42"])
def test_anything_can_be_thrown(error: Error, thrown: str) -> None:
    """String(error) is the message, whatever it is."""
    shown = {"'text'": "text", "{}": "[object Object]"}.get(thrown, thrown)
    assert error(f"throw {thrown};") == shown


def test_trap_5_reading_the_value_of_an_absent_header_throws(run: Run) -> None:
    """The most common outage."""
    outcome = run("function handler(event) { return event.request.headers['accept'].value; }")
    assert isinstance(outcome, Threw)
    assert outcome.error.startswith("TypeError: ")


def test_code_that_njs_refuses_is_refused(run: Run) -> None:
    """The language gate speaks njs's words; trap 1: const in 1.0."""
    outcome = run("function handler(event) {\n  const x = 1;\n  return event;\n}", V1)
    assert isinstance(outcome, Invalid)
    assert outcome.error == 'SyntaxError: Token "const" not supported in this version in 2'


def test_trap_43_an_export_of_the_handler_is_refused(run: Run) -> None:
    """`export { handler }`, as bundlers leave it, breaks the function."""
    assert isinstance(run("function handler(event) { return event; }\nexport { handler };"), Invalid)


def test_an_endless_loop_is_stopped_and_the_next_call_is_right(run: Run) -> None:
    """A run that does not end is a time-out; the function works again afterwards."""
    code = "function handler(event) { while (event.request.uri === '/loop') {} return 'fine'; }"
    assert isinstance(run(code, event={"request": {"uri": "/loop"}}), TimedOut)
    outcome = run(code)
    assert isinstance(outcome, Returned)
    assert outcome.value == "fine"


def test_trap_24_time_stands_still(value: Value) -> None:
    """Date.now() twice in one run is equal, and is the time of the call, as every other way to ask for it says."""
    body = "for (var a = Date.now(), i = 0; i < 999; i++); return [a, Date.now(), new Date().getTime(), +new Date(5)];"
    assert value(body) == [1_700_000_000_500, 1_700_000_000_500, 1_700_000_000_500, 5]


def test_time_is_utc(value: Value) -> None:
    """Local time at the edge is UTC."""
    assert value("return [new Date().getHours(), new Date().getTimezoneOffset()];") == [22, 0]


def test_chance_is_given(value: Value) -> None:
    """The same seed gives the same Math.random, another seed another."""
    assert value("return Math.random();") == value("return Math.random();")
    assert value("return Math.random();", seed=8) != value("return Math.random();")


def test_trap_25_globals_do_not_survive_a_run(run: Run) -> None:
    """A counter outside the handler starts anew for each request."""
    code = "var count = 0; function handler(event) { return ++count; }"
    outcomes = [run(code) for _ in range(2)]
    assert [outcome.value for outcome in outcomes if isinstance(outcome, Returned)] == [1, 1]


@pytest.mark.parametrize(
    ("query", "expected"), [(None, None), ("", ""), ("a=1&b=%20", "a=1&b=%20")], ids=["none", "bare", "text"]
)
def test_trap_15_the_raw_query_string(value: Value, query: str | None, expected: str | None) -> None:
    """undefined without `?`, "" for a bare one, else the text."""
    body = "var raw = event.request.rawQueryString(); return raw === undefined ? null : raw;"
    assert value(body, raw_query=query) == expected


def test_runtime_1_0_has_no_raw_query_string(value: Value) -> None:
    """The method came with 2.0."""
    assert value("return typeof event.request.rawQueryString;", V1) == "undefined"


def test_the_raw_query_string_does_not_come_back(value: Value) -> None:
    """A method is not part of the request that is returned."""
    assert "rawQueryString" not in value("return event.request;", raw_query="a")


def test_a_promise_is_awaited(run: Run) -> None:
    """An async handler returns what its promise is fulfilled with."""
    outcome = run("async function handler(e) { const a = await Promise.all([1, Promise.resolve(2)]); return a; }")
    assert isinstance(outcome, Returned)
    assert outcome.value == [1, 2]


def test_a_rejection_is_the_error_that_it_was(run: Run) -> None:
    """An async handler that throws fails like a plain one."""
    outcome = run("async function handler(e) {\n  await 1;\n  throw new TypeError('no');\n}")
    assert isinstance(outcome, Threw)
    assert (outcome.error, outcome.line) == ("TypeError: no", 3)


def test_a_promise_that_never_settles_is_an_error(run: Run) -> None:
    """There is nothing to wait for."""
    outcome = run("async function handler(e) { await new Promise(function () {}); return e; }")
    assert isinstance(outcome, Threw)
    assert "never settles" in outcome.error


def test_an_unawaited_async_call_gives_a_promise(run: Run) -> None:
    """Not a value: the property is an empty object in JSON."""
    outcome = run("async function f() { return 1; }\nfunction handler(e) { return { got: f() }; }")
    assert isinstance(outcome, Returned)
    assert outcome.value == {"got": {}}


@pytest.mark.parametrize("event_type", [EventType.VIEWER_REQUEST, EventType.VIEWER_RESPONSE])
def test_both_events_run_the_same_handler(value: Value, event_type: EventType) -> None:
    """The event says which it is; the entry point is the same."""
    assert value("return 1;", event_type=event_type) == 1
