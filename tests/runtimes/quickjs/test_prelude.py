"""What each runtime has, and what it has not: the globals, the methods, the modules. Both engines.

Source: CloudFront Developer Guide, "JavaScript runtime 1.0 features for CloudFront Functions" and "JavaScript runtime
2.0 features for CloudFront Functions".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from edge.model import quotas
from edge.model.function import (
    CloudFrontFunction,
    EventType,
    FunctionCall,
    FunctionOutcome,
    Invalid,
    JavaScriptRuntime,
    OutOfMemory,
    Returned,
    Threw,
)
from edge.runtimes.engine import make_engine
from edge.runtimes.key_value_stores import MemoryStores, SqliteStores

ID = "6ed3b692-38e9-4952-b89b-bea9c0000000"
V1, V2 = JavaScriptRuntime.JS_1_0, JavaScriptRuntime.JS_2_0
Run = Callable[..., FunctionOutcome]
Value = Callable[..., Any]
Error = Callable[..., str]

GLOBALS = """
    Array ArrayBuffer Boolean Date Error EvalError Float32Array Float64Array Function Infinity Int16Array Int32Array
    Int8Array InternalError JSON Math NaN Number Object Promise RangeError ReferenceError RegExp String Symbol
    SyntaxError TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray console decodeURI
    decodeURIComponent encodeURI encodeURIComponent eval globalThis isFinite isNaN parseFloat parseInt require undefined
""".split()
ONLY_1_0 = ["MemoryError"]
ONLY_2_0 = ["Buffer", "DataView", "TextDecoder", "TextEncoder", "atob", "btoa"]

ADDED_BY_2_0 = """
    'a'.replaceAll Object.getOwnPropertyDescriptors Uint8Array.from Uint8Array.of Uint8Array.prototype.map
    Uint8Array.prototype.filter Uint8Array.prototype.sort Uint8Array.prototype.indexOf Promise.all Promise.allSettled
    Promise.any Promise.race Symbol.for Symbol.keyFor
""".split()
BYTE_STRINGS = [
    "String.bytesFrom",
    *(f"String.prototype.{name}" for name in ("fromBytes", "fromUTF8", "toBytes", "toUTF8")),
]
ABSENT = """
    Array.from [].flat [].flatMap [].at [].keys [].entries ''.at ''.normalize ''.localeCompare ''.matchAll String.raw
    Object.fromEntries Object.hasOwn Object.groupBy Promise.withResolvers RegExp.escape
    Math.sumPrecise JSON.rawJSON Number.prototype.toLocaleString ''.trimLeft ''.anchor Date.prototype.getYear
    ArrayBuffer.prototype.resize Array.fromAsync Error.captureStackTrace Error.prepareStackTrace
""".split()


@pytest.mark.parametrize(("runtime", "own"), [(V1, ONLY_1_0), (V2, ONLY_2_0)])
def test_a_runtime_has_exactly_the_documented_globals(value: Value, runtime: JavaScriptRuntime, own: list[str]) -> None:
    """No Map, no Proxy, no setTimeout, no URL; the two runtimes differ."""
    assert value("return Object.getOwnPropertyNames(globalThis).sort();", runtime) == sorted(GLOBALS + own)


@pytest.mark.parametrize("method", ADDED_BY_2_0)
def test_methods_that_came_with_2_0_are_not_in_1_0(value: Value, method: str) -> None:
    """Present in one, absent in the other."""
    assert [value(f"return typeof {method};", runtime) for runtime in (V1, V2)] == ["undefined", "function"]


@pytest.mark.parametrize("method", BYTE_STRINGS)
def test_byte_strings_are_gone_from_2_0(value: Value, method: str) -> None:
    """Trap 30, the other way round: Buffer took their place."""
    assert [value(f"return typeof {method};", runtime) for runtime in (V1, V2)] == ["function", "undefined"]


@pytest.mark.parametrize("runtime", [V1, V2])
@pytest.mark.parametrize("method", ABSENT)
def test_what_other_engines_have_is_absent(value: Value, method: str, runtime: JavaScriptRuntime) -> None:
    """Code that was only tried in Node fails here as it does at CloudFront."""
    assert value(f"return typeof {method};", runtime) == "undefined"


@pytest.mark.parametrize(
    ("code", "runtime", "expected"),
    [
        ("return Buffer.alloc(1);", V1, "is not defined"),
        ("return String.bytesFrom('aGk', 'base64');", V2, "TypeError"),
    ],
)
def test_trap_30_buffer_in_1_0_and_bytes_from_in_2_0(
    error: Error, code: str, runtime: JavaScriptRuntime, expected: str
) -> None:
    """A ReferenceError there, a TypeError here."""
    assert expected in error(code, runtime)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("String.bytesFrom([104, 105])", "hi"),
        ("String.bytesFrom('6869', 'hex')", "hi"),
        ("String.bytesFrom('aGk', 'base64url')", "hi"),
        ("'\u00e9'.toUTF8().length", 2),
        ("'\u00e9'.toUTF8().fromUTF8()", "\u00e9"),
        ("String.bytesFrom([255]).fromUTF8()", None),
        ("'\u20ac'.toBytes()", None),
        ("'abc'.toBytes(1)", "bc"),
        ("'abc'.fromBytes(0, 2)", "ab"),
    ],
)
def test_byte_strings_in_1_0(value: Value, expression: str, expected: Any) -> None:
    """One character for each byte; null where that is not possible."""
    assert value(f"return {expression};", V1) == expected


@pytest.mark.parametrize(
    "code",
    ["return require('fs');", "return process.env;", "setTimeout(String, 1);", "return fetch('https://example.com');"],
)
@pytest.mark.parametrize("runtime", [V1, V2])
def test_trap_31_there_is_no_outside(error: Error, code: str, runtime: JavaScriptRuntime) -> None:
    """No files, no environment, no timers, no network."""
    words = error(code, runtime)
    assert words.startswith("ReferenceError: ") or words == 'Error: Cannot find module "fs"'


@pytest.mark.parametrize(
    ("runtime", "modules"), [(V1, ["crypto", "querystring"]), (V2, ["crypto", "querystring", "buffer"])]
)
def test_modules_by_require(value: Value, runtime: JavaScriptRuntime, modules: list[str]) -> None:
    """1.0 has two, 2.0 three; cloudfront can only be imported."""
    tried = "['crypto', 'querystring', 'buffer', 'cloudfront']"
    body = (
        f"return {tried}.filter(function (name) {{ try {{ return require(name); }} catch (e) {{ return false; }} }});"
    )
    assert value(body, runtime) == modules


def test_trap_28_the_cloudfront_module_is_not_in_1_0(run: Run) -> None:
    """An import that works in 2.0 fails the function."""
    outcome = run("import cf from 'cloudfront';\nfunction handler(event) { return typeof cf.kvs; }", V1)
    assert isinstance(outcome, Threw | Invalid)


def test_trap_33_digest_without_an_encoding_differs(value: Value) -> None:
    """A byte string in 1.0, a Buffer in 2.0."""
    body = "var d = require('crypto').createHash('md5').update('a').digest(); return [typeof d, d.length];"
    assert [value(body, runtime) for runtime in (V1, V2)] == [["string", 16], ["object", 16]]


def test_trap_34_flags_of_regular_expressions(value: Value, run: Run, engine_name: str) -> None:
    """Lookbehind is fine; s and u are not, in a literal and in a constructor."""
    assert value("return /(?<=a)b/.test('ab');") is True
    for flag in "su":
        words = f'SyntaxError: Invalid RegExp flags "{flag}"'
        literal = run(f"function handler(event) {{ return /a/{flag}; }}")
        assert isinstance(literal, Invalid)
        assert literal.error.startswith(words)
        constructed = run(f"function handler(event) {{ return new RegExp('a', '{flag}'); }}")
        if engine_name == "sealed":
            assert isinstance(constructed, Threw)
            assert constructed.error == words


def test_trap_41_console_log_takes_several_arguments_or_none(run: Run) -> None:
    """Several are joined by a space; none is an empty line."""
    outcome = run("function handler(event) { console.log('a', 1, { b: true }); console.log(); return event; }")
    assert isinstance(outcome, Returned)
    assert outcome.logs == ("a 1 {b:true}", "")


@pytest.mark.parametrize("letter", ["x", "\u00e9"], ids=ascii)
def test_trap_42_the_log_is_cut_at_10_kb(run: Run, letter: str) -> None:
    """Bytes are counted over all lines; what comes after is lost, and the run goes on."""
    size = len(letter.encode())
    body = f"for (var i = 0; i < 3; i++) console.log('{letter}'.repeat({4000 // size})); return 1;"
    outcome = run(f"function handler(event) {{ {body} }}")
    assert isinstance(outcome, Returned)
    assert [len(line.encode()) for line in outcome.logs] == [4000, 4000, quotas.FUNCTION_LOG_MAX_BYTES - 8000]


def test_what_was_logged_before_an_error_is_kept(run: Run) -> None:
    """The log helps to find the fault."""
    outcome = run("function handler(event) { console.log('here'); throw new Error('no'); }")
    assert isinstance(outcome, Threw)
    assert outcome.logs == ("here",)


@pytest.mark.parametrize(
    "route",
    [
        "eval('1')",
        "(0, eval)('1')",
        "Function('return 1')()",
        "new Function('return 1')()",
        "(function () {}).constructor('return 1')()",
        "(async function () {}).constructor('return 1')()",
        "Object.getPrototypeOf(async function () {}).constructor('return 1')()",
        "(() => 1).constructor('return 1')()",
        "Math.max.constructor('return 1')()",
        "(function () {}).bind().constructor('return 1')()",
        "Object.getPrototypeOf(function () {}).constructor('return 1')()",
        "Object.create(Function.prototype).constructor('return 1')()",
        "[].map.constructor.call(null, 'return 1')()",
        "require.constructor('return 1')()",
    ],
)
def test_no_route_leads_to_compiling_code(error: Error, route: str) -> None:
    """eval and the constructors of functions throw, in njs's words."""
    assert error(f"return {route};") == "InternalError: Not implemented"


def test_a_store_is_read_with_await(run: Run) -> None:
    """get in its formats, exists and meta."""
    outcome = run(
        """
import cf from 'cloudfront';
const store = cf.kvs();
async function handler(event) {
  const text = await store.get('a');
  const parsed = await store.get('json', { format: 'json' });
  const bytes = await store.get('bytes', { format: 'bytes' });
  const there = [await store.exists('nope'), await store.exists('a')];
  const meta = await store.meta();
  return { text, parsed, bytes: bytes.length, there, count: meta.keyCount, created: meta.creationDateTime };
}"""
    )
    assert isinstance(outcome, Returned), outcome
    assert outcome.value == {
        "text": "1",
        "parsed": {"x": 2},
        "bytes": 2,
        "there": [False, True],
        "count": 3,
        "created": "1970-01-01T00:00:00+00:00",
    }


STORE = "import cf from 'cloudfront';\nasync function handler(event) { "


@pytest.mark.parametrize(
    ("store", "call"),
    [
        (None, "cf.kvs()"),
        ("routes", "cf.kvs('arn:aws:cloudfront::123456789012:key-value-store/6ed3b692-38e9-4952-b89b-bea9c0000000')"),
        ("routes", "cf.kvs('other')"),
    ],
    ids=["no store", "an ARN", "another store"],
)
def test_trap_26_no_store_or_an_arn_is_not_found(run: Run, store: str | None, call: str) -> None:
    """The id is the store's UUID, and there has to be a store."""
    outcome = run(f"{STORE} return {call}; }}", store=store)
    assert isinstance(outcome, Threw)
    assert outcome.error.startswith("KVSNamespaceNotFound")


def test_trap_26_at_the_top_level_it_fails_every_request(run: Run) -> None:
    """Code outside the handler runs each time."""
    code = "import cf from 'cloudfront';\nconst store = cf.kvs();\nfunction handler(event) { return event; }"
    outcome = run(code, store=None)
    assert isinstance(outcome, Threw)
    assert (outcome.error.partition(":")[0], outcome.line) == ("KVSNamespaceNotFound", 2)


def test_trap_27_a_missing_key_is_an_error(run: Run) -> None:
    """Uncaught it fails the request; caught it can be told by its name."""
    outcome = run(f"{STORE} return await cf.kvs().get('nope'); }}")
    assert isinstance(outcome, Threw)
    assert outcome.error.startswith("KeyNotFound")
    outcome = run(f"{STORE} try {{ await cf.kvs().get('nope'); }} catch (error) {{ return error.name; }} }}")
    assert isinstance(outcome, Returned)
    assert outcome.value == "KeyNotFound"


def test_trap_29_many_reads_at_once_go_out_of_memory(run: Run, engine_name: str) -> None:
    """Promise.all holds everything that it waits for; one after the other, the same reads pass."""
    if engine_name == "native":
        pytest.skip("its limit counts the engine's own objects too")
    grow = "const size = await kvs.get('a'); return new Uint8Array(size * 100000);"
    many = f"const kvs = cf.kvs(); const one = async () => {{ {grow} }}; const all = [];"
    outcome = run(f"{STORE} {many} for (let i = 0; i < 25; i++) all.push(one()); await Promise.all(all); return 1; }}")
    assert isinstance(outcome, OutOfMemory)
    outcome = run(f"{STORE} {many} for (let i = 0; i < 25; i++) await one(); return 1; }}")
    assert isinstance(outcome, Returned)


@pytest.mark.parametrize("call", ["updateRequestOrigin", "selectRequestOriginById", "createRequestOriginGroup"])
def test_the_origin_that_a_function_chose_comes_back(run: Run, call: str) -> None:
    """The last call is recorded for the edge to act on, with all its arguments."""
    outcome = run(f"{STORE} cf.{call}({{a: 1}}); cf.{call}('b', {{c: [2]}}); return event; }}")
    assert isinstance(outcome, Returned)
    assert outcome.origin == {"call": call, "arguments": ["b", {"c": [2]}]}


def test_the_edge_location_is_empty_in_a_viewer_response(run: Run) -> None:
    """name, serverIp and region in a viewer request."""
    code = f"{STORE} return cf.edgeLocation; }}"
    outcomes = [run(code, event_type=event) for event in (EventType.VIEWER_REQUEST, EventType.VIEWER_RESPONSE)]
    assert [outcome.value for outcome in outcomes if isinstance(outcome, Returned)] == [
        {"name": "FRA", "serverIp": "192.0.2.1", "region": "eu-central-1"},
        {},
    ]


def test_there_is_no_tenant_in_a_standard_distribution(run: Run) -> None:
    """Asking for one is a TypeError."""
    outcome = run(f"{STORE} return cf.distributionTenant.id; }}")
    assert isinstance(outcome, Threw)
    assert outcome.error == "TypeError: distributionTenant module is not available"


@pytest.mark.parametrize("event_type", [EventType.VIEWER_REQUEST, EventType.VIEWER_RESPONSE])
def test_the_last_custom_data_is_logged(run: Run, event_type: EventType) -> None:
    """At both events; none without a call."""
    code = f"{STORE} cf.logCustomData('first'); cf.logCustomData(JSON.stringify({{ a: 'é' }})); return event; }}"
    outcome = run(code, event_type=event_type)
    assert isinstance(outcome, Returned), outcome
    assert outcome.log_data == '{"a":"é"}'
    outcome = run(f"{STORE} return event; }}")
    assert isinstance(outcome, Returned), outcome
    assert outcome.log_data == ""


TENANT = {"id": "dt_1", "parameters": {"brand": "blue", "constructor": "own"}}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("cf.distributionTenant.id", "dt_1"),
        ("cf.distributionTenant.parameters.get('brand')", "blue"),
        ("cf.distributionTenant.parameters.get('constructor')", "own"),
    ],
)
def test_a_tenant_has_an_id_and_parameters(engine_name: str, expression: str, expected: str) -> None:
    """The tenant that edge.toml names."""
    outcome = as_tenant(engine_name, f"{STORE} return {expression}; }}")
    assert isinstance(outcome, Returned), outcome
    assert outcome.value == expected


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (
            f"{STORE} return cf.distributionTenant.parameters.get('toString'); }}",
            "DistributionTenantParameterKeyNotFound",
        ),
        (
            "import cf from 'cloudfront';\nconst t = cf.distributionTenant;\nfunction handler(e) { return 1; }",
            "TypeError: distributionTenant module is not available",
        ),
    ],
    ids=["no such parameter", "at the top level"],
)
def test_what_a_tenant_has_not(engine_name: str, code: str, error: str) -> None:
    """A parameter that is not set; and outside the handler there is no tenant."""
    outcome = as_tenant(engine_name, code)
    assert isinstance(outcome, Threw), outcome
    assert outcome.error.startswith(error)


def as_tenant(engine_name: str, code: str) -> FunctionOutcome:
    engine = make_engine(engine_name, MemoryStores({}, 0), {}, TENANT)
    function = CloudFrontFunction("f", code, JavaScriptRuntime.JS_2_0, "f.js")
    return engine.run(FunctionCall(function, EventType.VIEWER_REQUEST, {"request": {}}, None, 0.0, 1, "id"))


@pytest.mark.parametrize(
    ("own", "call", "found"),
    [
        (ID, f"cf.kvs('{ID}')", True),
        (ID, f"cf.kvs('{ID.upper()}')", False),
        (ID, "cf.kvs('6ed3b692-38e9-4952-b89b-bea9c0000001')", False),
        (ID, "cf.kvs()", True),
        ("Routes", "cf.kvs('Routes')", True),
        ("Routes", f"cf.kvs('{ID}')", True),
        ("", f"cf.kvs('{ID}')", True),
        ("", "cf.kvs('routes')", False),
        ("", "cf.kvs('')", False),
    ],
)
def test_a_store_is_called_by_its_uuid(engine_name: str, own: str, call: str, found: bool) -> None:
    """Not by another, nor by its name. Where the UUID is not known, as in a template, any will do; a template may put
    its own stand-in into the code."""
    stores = SqliteStores(":memory:", lambda: 0.0)
    stores.seed("routes", {"a": "1"}, id=own)
    engine = make_engine(engine_name, stores)
    function = CloudFrontFunction("f", f"{STORE} return await {call}.get('a'); }}", key_value_store="routes")
    outcome = engine.run(FunctionCall(function, EventType.VIEWER_REQUEST, {"request": {}}, None, 0.0, 1, "id"))
    assert isinstance(outcome, Returned if found else Threw), outcome


@pytest.mark.parametrize(
    ("stored", "options", "expected"),
    [
        ("1", "", "1"),
        ("1", ", {}", "1"),
        ("1", ", { format: 'string' }", "1"),
        ('{"a":[1]}', ", { format: 'json' }", {"a": [1]}),
        ("é", ", { format: 'bytes' }", {"type": "Buffer", "data": [0xC3, 0xA9]}),
    ],
)
def test_the_formats_of_a_value(engine_name: str, stored: str, options: str, expected: Any) -> None:
    """Text unless something else is asked for; bytes are a Buffer."""
    engine = make_engine(engine_name, MemoryStores({"routes": {"a": stored}}, 0))
    function = CloudFrontFunction("f", f"{STORE} return await cf.kvs().get('a'{options}); }}", key_value_store="routes")
    outcome = engine.run(FunctionCall(function, EventType.VIEWER_REQUEST, {"request": {}}, None, 0.0, 1, "id"))
    assert isinstance(outcome, Returned), outcome
    assert outcome.value == expected


def test_json_that_is_none_is_a_syntax_error(run: Run) -> None:
    """As JSON.parse says it."""
    outcome = run(f"{STORE} return await cf.kvs().get('bytes', {{ format: 'json' }}); }}")
    assert isinstance(outcome, Threw)
    assert outcome.error.startswith("SyntaxError: ")


def test_trap_48_keys_that_are_numbers_keep_their_place(value: Value, engine_name: str) -> None:
    """njs keeps the order in which properties were added; emoji count two here, and one at CloudFront."""
    expected = ["b", "a", "1"] if engine_name == "sealed" else ["1", "b", "a"]
    assert value("return Object.keys({ b: 1, a: 2, 1: 3 });") == expected
    assert value("return '\U0001f600'.length;") == 2
