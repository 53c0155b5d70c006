"""CloudFront Functions on QuickJS-ng in this process."""

from __future__ import annotations

from typing import Any

import pytest

from edge.model.function import (
    CloudFrontFunction,
    EventType,
    FunctionCall,
    FunctionOutcome,
    Invalid,
    JavaScriptRuntime,
    Returned,
    Threw,
    TimedOut,
)
from edge.runtimes.key_value_stores import MemoryStores
from edge.runtimes.quickjs.native import NativeRuntime

V1, V2 = JavaScriptRuntime.JS_1_0, JavaScriptRuntime.JS_2_0
STORES = MemoryStores({"routes": {"a": "1", "json": '{"x":2}'}}, created=0)


def run(
    code: str, runtime: JavaScriptRuntime = V2, *, engine: NativeRuntime | None = None, **call: Any
) -> FunctionOutcome:
    function = CloudFrontFunction("f", code, runtime, "f.js", "routes")
    fields: dict[str, Any] = {
        "function": function,
        "event_type": EventType.VIEWER_REQUEST,
        "event": {"request": {"uri": "/x", "headers": {}, "querystring": {}}},
        "raw_query": None,
        "now": 1_700_000_000.5,
        "seed": 7,
        "request_id": "id",
    }
    return (engine or NativeRuntime(STORES)).run(FunctionCall(**(fields | call)))


def value(code: str, runtime: JavaScriptRuntime = V2, **call: Any) -> Any:
    """What a handler with this body returns."""
    outcome = run(f"function handler(event) {{ {code} }}", runtime, **call)
    assert isinstance(outcome, Returned), outcome
    return outcome.value


def test_the_handler_gets_the_event_and_its_result_comes_back() -> None:
    """JSON in, JSON out."""
    assert value("event.request.uri = '/y'; return event.request;")["uri"] == "/y"


def test_what_is_logged_comes_back_in_njs_form() -> None:
    """Strings bare, objects in short form."""
    outcome = run("function handler(e) { console.log('hi', {a: 1, b: [1, 'x']}); return e; }")
    assert isinstance(outcome, Returned)
    assert outcome.logs == ("hi {a:1,b:[1,'x']}",)


def test_an_error_names_the_line_of_the_user() -> None:
    """Line 1 is the first line of the file."""
    outcome = run("function handler(event) {\n  return event.nope.x;\n}")
    assert isinstance(outcome, Threw)
    assert (outcome.line, outcome.error.startswith("TypeError")) == (2, True)


def test_code_that_njs_refuses_is_refused() -> None:
    """The language gate speaks njs's words; trap 1: const in 1.0."""
    outcome = run("function handler(event) {\n  const x = 1;\n  return event;\n}", V1)
    assert isinstance(outcome, Invalid)
    assert outcome.error == 'SyntaxError: Token "const" not supported in this version in 2'


def test_an_endless_loop_is_stopped_and_the_next_call_is_right() -> None:
    """A run that does not end is a time-out; the function works again afterwards."""
    engine = NativeRuntime(STORES)
    code = "function handler(event) { while (event.request.uri === '/loop') {} return 'fine'; }"
    assert isinstance(run(code, engine=engine, event={"request": {"uri": "/loop"}}), TimedOut)
    outcome = run(code, engine=engine)
    assert isinstance(outcome, Returned)
    assert outcome.value == "fine"


def test_trap_24_time_stands_still() -> None:
    """Date.now() twice in one run is equal, and is the time of the call."""
    assert value("var a = Date.now(); for (var i = 0; i < 1000; i++) {} return [a, Date.now()];") == [
        1_700_000_000_500,
        1_700_000_000_500,
    ]


def test_chance_is_given() -> None:
    """The same seed gives the same Math.random, another seed another."""
    assert value("return Math.random();") == value("return Math.random();")
    assert value("return Math.random();", seed=8) != value("return Math.random();")


def test_trap_25_globals_do_not_survive_a_run() -> None:
    """A counter outside the handler starts anew for each request."""
    engine = NativeRuntime(STORES)
    code = "var count = 0; function handler(event) { return ++count; }"
    outcomes = [run(code, engine=engine) for _ in range(2)]
    assert [outcome.value for outcome in outcomes if isinstance(outcome, Returned)] == [1, 1]


@pytest.mark.parametrize(
    ("query", "expected"), [(None, None), ("", ""), ("a=1&b=%20", "a=1&b=%20")], ids=["none", "bare", "text"]
)
def test_trap_15_the_raw_query_string(query: str | None, expected: str | None) -> None:
    """undefined without `?`, "" for a bare one, else the text."""
    assert (
        value(
            "return event.request.rawQueryString() === undefined ? null : event.request.rawQueryString();",
            raw_query=query,
        )
        == expected
    )


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("crypto.createHash('md5').update('abc').digest('hex')", "900150983cd24fb0d6963f7d28e17f72"),
        ("crypto.createHash('sha1').update('abc').digest('hex')", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (
            "crypto.createHash('sha256').update('a').update('bc').digest('hex')",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ),
        (
            "crypto.createHmac('sha256', 'k').update('abc').digest('base64url')",
            "NC5RnOCtbAOja5jus_HRMNtIE7nfTRFg7aSI1xLceO4",
        ),
    ],
)
def test_the_crypto_module(expression: str, expected: str) -> None:
    """Hashes and HMACs, by known answers."""
    assert value(f"var crypto = require('crypto'); return {expression};") == expected


def test_trap_32_other_algorithms_are_refused_in_njs_words() -> None:
    """sha512 is not there."""
    outcome = run("function handler(e) { return require('crypto').createHash('sha512'); }")
    assert isinstance(outcome, Threw)
    assert outcome.error == 'TypeError: not supported algorithm: "sha512"'


def test_a_store_is_read_with_await() -> None:
    """get in its formats, exists, meta, and a missing key (trap 27)."""
    code = """
import cf from 'cloudfront';
const store = cf.kvs();
async function handler(event) {
  const text = await store.get('a');
  const parsed = await store.get('json', { format: 'json' });
  const there = await store.exists('nope');
  const meta = await store.meta();
  let missing = '';
  try { await store.get('nope'); } catch (error) { missing = `${error}`; }
  return { text, parsed, there, count: meta.keyCount, missing };
}"""
    outcome = run(code)
    assert isinstance(outcome, Returned)
    assert outcome.value == {
        "text": "1",
        "parsed": {"x": 2},
        "there": False,
        "count": 2,
        "missing": "Error: KeyNotFound",
    }


@pytest.mark.parametrize(
    "name", ["Map", "Set", "Proxy", "Reflect", "WeakRef", "Atomics", "setTimeout", "fetch", "process"]
)
def test_trap_31_what_njs_has_not_is_not_there(name: str) -> None:
    """Globals of other engines are absent."""
    assert value(f"return typeof {name};") == "undefined"


@pytest.mark.parametrize(
    "route",
    [
        "eval('1')",
        "Function('return 1')()",
        "(function () {}).constructor('return 1')()",
        "(async function () {}).constructor('return 1')()",
        "Object.getPrototypeOf(function () {}).constructor('return 1')()",
    ],
)
def test_no_route_leads_to_compiling_code(route: str) -> None:
    """eval and the constructors of functions throw."""
    outcome = run(f"function handler(e) {{ return {route}; }}")
    assert isinstance(outcome, Threw)


@pytest.mark.parametrize(
    ("runtime", "expression", "expected"),
    [
        (V2, "typeof Buffer", "function"),
        (V1, "typeof Buffer", "undefined"),
        (V2, "typeof String.bytesFrom", "undefined"),
        (V1, "typeof String.bytesFrom", "function"),
        (V1, "String.bytesFrom('aGk', 'base64')", "hi"),
        (V2, "Buffer.from('aGk', 'base64url').toString()", "hi"),
        (V2, "btoa('hi')", "aGk="),
        (V2, "typeof 'a'.replaceAll", "function"),
        (V1, "typeof 'a'.replaceAll", "undefined"),
    ],
)
def test_trap_30_the_two_runtimes_differ(runtime: JavaScriptRuntime, expression: str, expected: str) -> None:
    """Buffer and its kin are 2.0's, byte strings 1.0's."""
    assert value(f"return {expression};", runtime) == expected


def test_the_origin_that_a_function_chose_comes_back() -> None:
    """cf.updateRequestOrigin is recorded for the edge to act on."""
    code = (
        "import cf from 'cloudfront';\n"
        "function handler(e) { cf.updateRequestOrigin({domainName: 'a.example'}); return e; }"
    )
    outcome = run(code)
    assert isinstance(outcome, Returned)
    assert outcome.origin == {"call": "updateRequestOrigin", "arguments": [{"domainName": "a.example"}]}


def test_a_promise_that_never_settles_is_an_error() -> None:
    """There is nothing to wait for."""
    outcome = run("async function handler(e) { await new Promise(function () {}); return e; }")
    assert isinstance(outcome, Threw)
    assert "never settles" in outcome.error
