"""Traps of CloudFront Functions that show in the path: a real engine, in a real exchange. Where else traps are tests is
listed in tests/test_function_traps.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from edge.model.distribution import Behavior, CustomErrorResponse, Distribution
from edge.model.function import CloudFrontFunction, EventType, JavaScriptRuntime
from edge.model.managed_policies import cache_policy, origin_request_policy
from edge.model.origin import Origin, OriginKind
from edge.model.path_pattern import PathPattern
from edge.model.switches import Switches
from edge.model.viewer import Location
from edge.runtimes.key_value_stores import MemoryStores
from edge.testing import Playbook
from edge.testing.engine import engine
from edge.viewers.response_writer import whole

Site = Callable[..., Distribution]
Play = Callable[..., Playbook]

V1, V2 = JavaScriptRuntime.JS_1_0, JavaScriptRuntime.JS_2_0
REQUEST, RESPONSE = EventType.VIEWER_REQUEST, EventType.VIEWER_RESPONSE
EXECUTION = (503, "FunctionExecutionError from cloudfront")
VALIDATION = (502, "FunctionValidationError from cloudfront")
GENERATED = "FunctionGeneratedResponse from cloudfront"
STORES = MemoryStores({"routes": {"a": "1"}}, created=0)
IMPORT = "import cf from 'cloudfront';\n"


@pytest.fixture
def play(site: Site) -> Play:
    """A playbook with a function at an event; the rest is as for `site`."""

    def make(
        body: str,
        at: EventType = REQUEST,
        runtime: JavaScriptRuntime = V2,
        *,
        store: str | None = None,
        behavior: dict[str, Any] | None = None,
        **changes: Any,
    ) -> Playbook:
        code = body if "function handler" in body else f"function handler(event) {{ {body} }}"
        function = CloudFrontFunction("f", code, runtime, "f.js", store)
        made = site({"functions": {at: function}, **(behavior or {})}, **changes)
        return Playbook(made, functions=lambda call: engine().run(call, STORES))

    return make


def outcome(playbook: Playbook, target: str = "/a") -> tuple[int, str]:
    talk = playbook.get(target)
    if talk.asked is not None:
        talk.origin_answers(200, "page")
    return talk.status, talk.x_cache


def body_text(talk: Any) -> str:
    return bytes(talk.body).decode()


def test_trap_1_const_in_1_0_fails_each_request(play: Play) -> None:
    """With njs's words, and the line."""
    playbook = play("function handler(event) {\n  const a = 1;\n  return event.request;\n}", runtime=V1)
    talk = playbook.get("/a")
    assert (talk.status, talk.x_cache) == EXECUTION
    assert 'Token "const" not supported in this version in 2' in talk.why("edge_errors.function_invalid")


@pytest.mark.parametrize(
    "code",
    [
        "var a = event.request?.uri;",
        "try { null(); } catch { }",
        "for (const x of [1]) { }",
        "var a = [...[1]];",
        "var { uri } = event.request;",
        "function f(a = 1) { }",
        "class A { }",
    ],
)
def test_trap_2_newer_syntax_in_2_0_is_a_503(play: Play, code: str) -> None:
    """Optional chaining, lone catch, for-of, spread, destructuring, default parameters, classes."""
    assert outcome(play(f"{code} return event.request;")) == EXECUTION


@pytest.mark.parametrize("code", ["f(await x)", "throw new Error(await x)", "console.log(`${await x}`)"])
def test_trap_3_await_in_arguments_is_a_syntax_error(play: Play, code: str) -> None:
    """Awaiting into a const first is fine."""
    start = "async function handler(event) { const x = Promise.resolve(1), f = String;"
    talk = play(f"{start} {code}; return event.request; }}").get("/a")
    assert "await in arguments not supported" in talk.why("edge_errors.function_invalid")
    assert outcome(play(f"{start} const y = await x; f(y); return event.request; }}"))[0] == 200


def test_trap_5_an_absent_header_throws_and_is_a_503(play: Play) -> None:
    """The most common outage; with the header all is well."""
    playbook = play("if (event.request.headers['x-a'].value) return event.request;")
    assert outcome(playbook) == EXECUTION
    talk = playbook.get("/a", {"X-A": "1"}).origin_answers(200, "page")
    assert talk.status == 200


def test_trap_6_an_uppercase_header_name_is_a_502_with_its_sentence(play: Play) -> None:
    """On CloudFront's page."""
    talk = play("return { statusCode: 200, headers: { 'X-Foo': { value: '1' } } };").get("/a")
    assert (talk.status, talk.x_cache) == VALIDATION
    sentence = "returned an invalid value: response.headers must have header names in lower case."
    assert f"The CloudFront function {sentence}" in body_text(talk)


def test_trap_7_a_header_that_is_text_is_invalid(play: Play) -> None:
    """It must be {value: text}."""
    assert outcome(play("event.request.headers.x = 'v'; return event.request;")) == VALIDATION


@pytest.mark.parametrize(
    "change",
    [
        *(f"headers['{name}'] = {{ value: 'x' }}" for name in ("host", "via", "content-length", "cdn-loop")),
        "delete headers.host",
    ],
)
def test_trap_8_read_only_headers_are_a_502(play: Play, change: str) -> None:
    """Set or deleted."""
    talk = play(f"var headers = event.request.headers; {change}; return event.request;").get("/a")
    assert (talk.status, talk.x_cache) == VALIDATION
    assert "tried to add, delete, or change a read-only header" in body_text(talk)


def test_trap_9_disallowed_headers_are_a_502(play: Play) -> None:
    """x-forwarded-proto, x-real-ip and x-edge-*; x-forwarded-host is fine."""
    for name in ("x-forwarded-proto", "x-real-ip", "x-edge-foo"):
        talk = play(f"event.request.headers['{name}'] = {{ value: 'x' }}; return event.request;").get("/a")
        assert (talk.status, talk.x_cache) == VALIDATION
        assert "tried to add a disallowed header" in body_text(talk)
    assert outcome(play("event.request.headers['x-forwarded-host'] = { value: 'x' }; return event.request;"))[0] == 200


def test_trap_10_set_cookie_is_among_the_cookies_not_the_headers(play: Play) -> None:
    """Not visible among the headers; written there, it is passed on (a choice)."""
    look = (
        "var r = event.response; r.headers['x-saw'] = { value: String(r.headers['set-cookie']) + r.cookies.s.value };"
    )
    forwards = {"cache_policy": cache_policy("UseOriginCacheControlHeaders")}
    talk = play(f"{look} return r;", RESPONSE, behavior=forwards).get("/a")
    talk.origin_answers(200, "page", {"Set-Cookie": "s=1; Path=/"})
    assert talk.headers.get("x-saw") == "undefined1"
    talk = play("return { statusCode: 200, headers: { 'set-cookie': { value: 'a=b' } } };").get("/a")
    assert talk.headers.get("set-cookie") == "a=b"


def test_trap_11_a_redirect_has_the_query_only_if_it_is_rebuilt_and_values_are_not_decoded(play: Play) -> None:
    """Joining raw values keeps %26 what it is; decoding and joining makes two parameters of one."""
    redirect = "return { statusCode: 302, headers: { location: { value: LOCATION } } };"
    uri = play(redirect.replace("LOCATION", "'/new' + event.request.uri")).get("/a?q=a%26b")
    assert uri.headers.get("location") == "/new/a"
    rebuilt = redirect.replace("LOCATION", "'/new?q=' + event.request.querystring.q.value")
    assert play(rebuilt).get("/a?q=a%26b").headers.get("location") == "/new?q=a%26b"
    decoded = redirect.replace("LOCATION", "'/new?q=' + decodeURIComponent(event.request.querystring.q.value)")
    assert play(decoded).get("/a?q=a%26b").headers.get("location") == "/new?q=a&b"


def test_trap_12_editing_the_value_of_a_repeated_parameter_changes_the_first(play: Play) -> None:
    """The others are in multiValue, and stay."""
    behavior = {"origin_request_policy": origin_request_policy("AllViewer")}
    playbook = play("event.request.querystring.a.value = '9'; return event.request;", behavior=behavior)
    assert playbook.get("/x?a=1&b=2&a=3").origin_request.request.target == "/x?a=9&a=3&b=2"


def test_trap_14_a_query_string_as_text_keeps_its_order(play: Play) -> None:
    """It is taken as it is."""
    behavior = {"origin_request_policy": origin_request_policy("AllViewer")}
    playbook = play("event.request.querystring = 'b=2&a=1'; return event.request;", behavior=behavior)
    assert playbook.get("/x?z=0").origin_request.request.target == "/x?b=2&a=1"


@pytest.mark.parametrize(("target", "expected"), [("/a", "undefined"), ("/a?", "''"), ("/a?b=%20&a", "'b=%20&a'")])
def test_trap_15_the_raw_query_string_of_a_request(play: Play, target: str, expected: str) -> None:
    """undefined without a question mark, empty for a bare one."""
    shown = (
        "var raw = event.request.rawQueryString(); return { statusCode: 200, body: raw === undefined ? 'undefined' :"
    )
    assert body_text(play(f'{shown} "\'" + raw + "\'" }};').get(target)) == expected


def test_trap_16_a_parameter_without_a_value_is_an_empty_value(play: Play) -> None:
    """With and without the equals sign."""
    playbook = play("return { statusCode: 200, body: JSON.stringify(event.request.querystring) };")
    assert body_text(playbook.get("/a?flag&other=")) == '{"flag":{"value":""},"other":{"value":""}}'


@pytest.mark.parametrize("status", [403, 404, 500, 503])
def test_trap_17_security_headers_are_missing_on_errors_of_the_origin(play: Play, status: int) -> None:
    """And on the 200 of a custom error page: the function does not run."""
    secure = "event.response.headers['x-frame-options'] = { value: 'DENY' }; return event.response;"
    talk = play(secure, RESPONSE).get("/a").origin_answers(status)
    assert talk.headers.get("x-frame-options") is None
    pages = {status: CustomErrorResponse(status, "/sorry.html", 200)}
    talk = play(secure, RESPONSE, custom_error_responses=pages).get("/a").origin_answers(status)
    talk.origin_answers(200, "sorry")
    assert (talk.status, talk.headers.get("x-frame-options")) == (200, None)


def test_trap_18_a_404_of_a_function_has_no_custom_error_page(play: Play) -> None:
    """What the function says is said."""
    pages = {404: CustomErrorResponse(404, "/sorry.html", 200)}
    talk = play("return { statusCode: 404, body: 'mine' };", custom_error_responses=pages).get("/a")
    assert (talk.status, body_text(talk), talk.x_cache) == (404, "mine", GENERATED)


def test_trap_19_a_rewritten_uri_keeps_behavior_and_origin(play: Play, site: Site) -> None:
    """Even where another behavior's pattern matches it."""
    playbook = play("event.request.uri = '/api/x'; return event.request;")
    api = Behavior("spare", PathPattern("/api/*"), cache_policy=cache_policy("CachingDisabled"))
    default = playbook.distribution.behaviors[-1]
    playbook.distribution = site(behaviors=(api, default))
    asked = playbook.get("/a").origin_request
    assert (asked.origin.id, asked.request.target) == ("site", "/api/x")


@pytest.mark.parametrize("uri", ["'index.html'", "''", "5", "null", "'/a b'"])
def test_trap_20_a_uri_must_begin_with_a_slash(play: Play, uri: str) -> None:
    """And be fit for a request line."""
    assert outcome(play(f"event.request.uri = {uri}; return event.request;")) == VALIDATION


def test_trap_21_the_status_description_is_the_reason_phrase(play: Play) -> None:
    """Verbatim, over HTTP/1.1."""
    talk = play("return { statusCode: 308, statusDescription: 'Found' };").get("/a")
    head, _ = whole(talk.served, head_only=False, keep_alive=True)
    assert head.startswith(b"HTTP/1.1 308 Found\r\n")


def test_trap_22_a_body_that_is_replaced_keeps_the_content_encoding(play: Play) -> None:
    """The viewer then takes text for gzip: the function has to see to the headers itself."""
    playbook = play("event.response.body = 'text'; return event.response;", RESPONSE)
    talk = playbook.get("/a").origin_answers(200, b"\x1f\x8b", {"Content-Encoding": "gzip"})
    assert (body_text(talk), talk.headers.get("content-encoding")) == ("text", "gzip")


@pytest.mark.parametrize(
    "body",
    [
        "{ encoding: 'base64', data: 'not base64!' }",
        "{ encoding: 'utf8', data: 'a' }",
        "{ encoding: 'text' }",
        "5",
        "Buffer.from('a')",
    ],
)
def test_trap_23_a_body_of_the_wrong_form_is_invalid(play: Play, body: str) -> None:
    """Text, or {encoding: "text" | "base64", data}."""
    assert outcome(play(f"return {{ statusCode: 200, body: {body} }};")) == VALIDATION


def test_trap_24_time_stands_still_during_a_run(play: Play) -> None:
    """However long it takes."""
    loop = "var a = Date.now(); for (var i = 0; i < 3000; i++) { } var b = new Date().getTime();"
    assert body_text(play(f"{loop} return {{ statusCode: 200, body: String(b - a) }};").get("/a")) == "0"


def test_trap_25_a_global_counter_stays_at_its_start(play: Play) -> None:
    """Each request runs the file from its first line."""
    code = "var n = 0; function handler(event) { n++; return { statusCode: 200, body: String(n) }; }"
    playbook = play(code)
    assert [body_text(playbook.get("/a")) for _ in range(3)] == ["1", "1", "1"]


def test_trap_26_a_store_that_is_not_associated_fails_every_request(play: Play) -> None:
    """At the top level too."""
    code = f"{IMPORT}const kvs = cf.kvs();\nfunction handler(event) {{ return event.request; }}"
    talk = play(code).get("/a")
    assert (talk.status, talk.x_cache) == EXECUTION
    assert "KVSNamespaceNotFound" in talk.why("edge_errors.function_threw")
    assert outcome(play(code, store="routes"))[0] == 200


def test_trap_27_a_missing_key_is_a_503_unless_it_is_caught(play: Play) -> None:
    """Caught, its text begins with KeyNotFound."""
    start = f"{IMPORT}async function handler(event) {{"
    assert outcome(play(f"{start} await cf.kvs().get('nope'); return event.request; }}", store="routes")) == EXECUTION
    caught = "var t; try { await cf.kvs().get('nope'); } catch (err) { t = `${err}`; }"
    talk = play(f"{start} {caught} return {{ statusCode: 200, body: t }}; }}", store="routes").get("/a")
    assert body_text(talk).startswith("KeyNotFound")


def test_trap_28_key_value_stores_are_not_in_1_0(play: Play) -> None:
    """Neither by import nor by require."""
    assert outcome(play(f"{IMPORT}function handler(event) {{ return event.request; }}", runtime=V1)) == EXECUTION
    assert outcome(play("require('cloudfront'); return event.request;", runtime=V1)) == EXECUTION


@pytest.mark.parametrize(
    ("code", "runtime", "words"),
    [
        ("Buffer.from('a');", V1, 'ReferenceError: "Buffer" is not defined'),
        ("String.bytesFrom([1]);", V2, 'TypeError: (intermediate value)["bytesFrom"] is not a function'),
    ],
)
def test_trap_30_what_only_the_other_runtime_has(play: Play, code: str, runtime: JavaScriptRuntime, words: str) -> None:
    """A 503, in njs's words."""
    talk = play(f"{code} return event.request;", runtime=runtime).get("/a")
    assert words in talk.why("edge_errors.function_threw")


@pytest.mark.parametrize(
    "code", ["require('fs')", "process.env", "setTimeout(String, 1)", "fetch('https://a.example')"]
)
def test_trap_31_there_is_no_outside_world(play: Play, code: str) -> None:
    """Each is a 503."""
    assert outcome(play(f"{code}; return event.request;")) == EXECUTION


@pytest.mark.parametrize("algorithm", ["sha512", "RSA-SHA256", "sha384"])
def test_trap_32_other_algorithms_are_not_supported(play: Play, algorithm: str) -> None:
    """md5, sha1 and sha256 are."""
    for make in (f"createHash('{algorithm}')", f"createHmac('{algorithm}', 'k')"):
        talk = play(f"require('crypto').{make}; return event.request;").get("/a")
        assert f'TypeError: not supported algorithm: "{algorithm}"' in talk.why("edge_errors.function_threw")


def test_trap_34_flags_s_and_u_of_regular_expressions_fail(play: Play) -> None:
    """Lookbehind is fine."""
    for flag in "su":
        assert outcome(play(f"/a/{flag}.test('a'); return event.request;")) == EXECUTION
    assert outcome(play("/(?<=a)b/.test('ab'); return event.request;"))[0] == 200


def test_trap_43_an_export_left_in_fails_the_function(play: Play) -> None:
    """It is for bundlers and tests, and has to go."""
    code = "function handler(event) { return event.request; }\nexport { handler };"
    assert outcome(play(code)) == EXECUTION


@pytest.mark.parametrize("headers", ["{ 'x-a': { value: '1' } }", "{ 'accept': 'text/html' }"], ids=["shape", "clash"])
def test_trap_44_custom_headers_of_the_wrong_shape_or_of_the_request(play: Play, headers: str) -> None:
    """Plain text, and no name that the request has (both a 502, a choice)."""
    code = f"{IMPORT}function handler(event) {{ cf.updateRequestOrigin({{ customHeaders: {headers} }}); "
    playbook = play(f"{code} return event.request; }}")
    talk = playbook.get("/a", {"Accept": "*/*"})
    assert (talk.status, talk.x_cache) == VALIDATION


def test_trap_45_an_origin_cannot_be_updated_in_a_response_nor_if_it_is_in_a_vpc(play: Play) -> None:
    """Both fail the request."""
    update = "cf.updateRequestOrigin({ domainName: 'b.example' });"
    late = play(f"{IMPORT}function handler(event) {{ {update} return event.response; }}", RESPONSE)
    talk = late.get("/a").origin_answers(200, "page")
    assert (talk.status, talk.x_cache) == VALIDATION
    assert "origin_modification.too_late" in talk.rules
    vpc = {"site": Origin("site", "vpc.example", kind=OriginKind.VPC)}
    assert (
        outcome(play(f"{IMPORT}function handler(event) {{ {update} return event.request; }}", origins=vpc))
        == VALIDATION
    )


def test_trap_46_the_country_is_there_only_if_a_policy_includes_it(play: Play) -> None:
    """Then a function sees it, before the request goes on."""
    tell = "return { statusCode: 200, body: String(event.request.headers['cloudfront-viewer-country'] !== undefined) };"
    berlin = Location(country="DE")
    assert body_text(play(tell).get("/a", location=berlin)) == "false"
    policy = {"origin_request_policy": origin_request_policy("AllViewerAndCloudFrontHeaders-2022-06")}
    assert body_text(play(tell, behavior=policy).get("/a", location=berlin)) == "true"


def test_trap_47_a_redirect_that_a_function_makes_is_never_cached(play: Play) -> None:
    """The function runs again for each request."""
    playbook = play("return { statusCode: 301, headers: { location: { value: '/' + Math.random() } } };")
    first, second = playbook.get("/a"), playbook.get("/a")
    assert first.x_cache == second.x_cache == GENERATED
    assert first.headers.get("location") != second.headers.get("location")


@pytest.mark.parametrize("method", ["POST", "HEAD", "PUT"])
def test_trap_49_a_request_body_is_invisible_and_goes_on_untouched(play: Play, method: str) -> None:
    """There is no member for it."""
    playbook = play(
        "if ('body' in event.request) throw new Error('seen'); event.request.uri = '/b'; return event.request;"
    )
    body = b"" if method == "HEAD" else b"\x00\xffdata"
    asked = playbook.request(method, "/a", {"Content-Length": str(len(body))}, body).origin_request
    assert (asked.request.target, asked.request.method, asked.request.body) == ("/b", method, body)


def test_trap_50_bytes_that_are_no_utf_8_change_only_if_the_value_does(play: Play) -> None:
    """They are read as ISO-8859-1, and written as UTF-8."""
    behavior = {"origin_request_policy": origin_request_policy("AllViewer")}
    same = play("return event.request;", behavior=behavior).get("/a?q=caf\xe9")
    assert same.origin_request.request.target == "/a?q=caf\xe9"
    edited = play("event.request.querystring.q.value += '!'; return event.request;", behavior=behavior)
    assert edited.get("/a?q=caf\xe9").origin_request.request.target == "/a?q=caf\xc3\xa9!"


@pytest.mark.parametrize("result", ["event", "undefined", "null", "[]", "'text'", "5", "{}", "new Error('x')"])
def test_what_is_neither_a_request_nor_a_response_is_a_502(play: Play, result: str) -> None:
    """The whole event too."""
    assert outcome(play(f"return {result};")) == VALIDATION


@pytest.mark.parametrize(("switch", "expected"), [("encoded", "/a%3Fb=1"), ("refused", VALIDATION)])
def test_a_question_mark_in_the_uri_is_a_switch(play: Play, switch: Any, expected: Any) -> None:
    """It does not make a query string."""
    playbook = play(
        "event.request.uri = '/a?b=1'; return event.request;", switches=Switches(question_mark_in_uri=switch)
    )
    talk = playbook.get("/x")
    assert (talk.asked.request.target if talk.asked else (talk.status, talk.x_cache)) == expected
