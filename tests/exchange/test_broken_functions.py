"""Broken functions, as people write them: each failure names the rule, the line of the source, what to change, and the
AWS page. The whole way: a real engine, an exchange, and the words that `edge explain` and the request log show.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import click
import pytest

from edge.logs.explanation import stages
from edge.logs.request_log import line as log_line
from edge.logs.trail import function_run
from edge.model.distribution import Distribution
from edge.model.function import CloudFrontFunction, EventType, JavaScriptRuntime
from edge.testing import Playbook
from edge.testing.engine import NO_STORES, engine

Site = Callable[..., Distribution]


class Broken(NamedTuple):
    """`code`, with the line at fault marked by `//!`; the status, and what the words must hold."""

    code: str
    status: int
    rule: str
    words: str
    at: EventType = EventType.VIEWER_REQUEST
    runtime: JavaScriptRuntime = JavaScriptRuntime.JS_2_0


def request(*body: str) -> str:
    return "\n".join(("function handler(event) {", "    var request = event.request;", *body, "}"))


def response(*body: str) -> str:
    return "\n".join(("function handler(event) {", "    var response = event.response;", *body, "}"))


HERE = "//!"
LOOP = "for (;;) { request.uri.indexOf('x'); } //!"
VIEWER_RESPONSE = EventType.VIEWER_RESPONSE

BROKEN = {
    "an absent header is read": Broken(
        request("    if (request.headers['accept-x'].value) { //!", "        return request;", "    }"),
        503,
        "edge_errors.function_threw",
        "check that it is there before .value is read",
    ),
    "a name is misspelt": Broken(
        request("    return reqeust; //!"), 503, "edge_errors.function_threw", '"reqeust" is not defined'
    ),
    "what is no function is called": Broken(
        request("    request.uri.startswith('/a'); //!", "    return request;"),
        503,
        "edge_errors.function_threw",
        "is not a function",
    ),
    "optional chaining": Broken(
        request("    var a = request.headers.accept?.value; //!", "    return request;"),
        503,
        "edge_errors.function_invalid",
        "SyntaxError",
    ),
    "const in runtime 1.0": Broken(
        request("    const a = 1; //!", "    return request;"),
        503,
        "edge_errors.function_invalid",
        "use var",
        runtime=JavaScriptRuntime.JS_1_0,
    ),
    "a loop without end": Broken(request(f"    {LOOP}"), 503, "edge_errors.function_timed_out", "compute budget"),
    "a function that grows": Broken(
        request("    var all = [];", "    for (;;) all.push(new Uint8Array(99999)); //!"),
        503,
        "edge_errors.function_out_of_memory",
        "2 MB",
    ),
    "a store that is not there": Broken(
        "import cf from 'cloudfront';\nconst kvs = cf.kvs(); //!\nfunction handler(event) { return event.request; }",
        503,
        "edge_errors.function_threw",
        "associate a key value store",
    ),
    "a header with a capital": Broken(
        request("    request.headers['X-Mine'] = { value: '1' }; //!", "    return request;"),
        502,
        "cloudfront_functions.header_name_case",
        "write x-mine, not X-Mine",
    ),
    "a header that is only text": Broken(
        request("    request.headers['x-mine'] = 'v'; //!", "    return request;"),
        502,
        "cloudfront_functions.entry_not_an_object",
        "write {value: '...'}",
    ),
    "a header in the form of Lambda@Edge": Broken(
        request(
            "    return {",
            "        statusCode: 302,",
            "        headers: { location: [{ key: 'Location', value: '/' }] }, //!",
            "    };",
        ),
        502,
        "cloudfront_functions.entry_not_an_object",
        "not Lambda@Edge's list",
    ),
    "a header whose value is a number": Broken(
        request("    request.headers['x-count'] = { value: 5 }; //!", "    return request;"),
        502,
        "cloudfront_functions.value_not_a_string",
        "String(...)",
    ),
    "host is changed": Broken(
        request("    request.headers.host = { value: 'other.example.org' }; //!", "    return request;"),
        502,
        "restricted_headers.read_only",
        "host was added or changed",
    ),
    "host is deleted": Broken(
        request("    delete request.headers.host; //!", "    return request;"),
        502,
        "restricted_headers.read_only",
        "host was deleted",
    ),
    "a disallowed header is added": Broken(
        request("    request.headers['x-forwarded-proto'] = { value: 'https' }; //!", "    return request;"),
        502,
        "restricted_headers.disallowed",
        "remove it",
    ),
    "a uri without a slash": Broken(
        request("    request.uri = 'index.html'; //!", "    return request;"),
        502,
        "cloudfront_functions.uri_without_slash",
        "it is 'index.html'",
    ),
    "a query string with a space": Broken(
        request("    request.querystring = 'q=red shoes'; //!", "    return request;"),
        502,
        "cloudfront_functions.querystring_characters",
        "encodeURIComponent",
    ),
    "the method is changed": Broken(
        request("    request.method = 'POST'; //!", "    return request;"),
        502,
        "cloudfront_functions.method_changed",
        "leave it GET",
    ),
    "the whole event is returned": Broken(
        request("    request.uri = '/b';", "    return event; //!"),
        502,
        "cloudfront_functions.viewer_request.not_an_object",
        "return event.request, not the event",
    ),
    "nothing is returned": Broken(
        "\nfunction handler(event) { //!\n    event.request.uri = '/b';\n}",
        502,
        "cloudfront_functions.viewer_request.not_an_object",
        "it returned nothing",
    ),
    "a status in quotes": Broken(
        request("    return { statusCode: '302', headers: { location: { value: '/' } } }; //!"),
        502,
        "cloudfront_functions.status_not_an_integer",
        "without quotes",
    ),
    "the status of Lambda@Edge": Broken(
        request("    return { status: '302', headers: { location: { value: '/' } } }; //!"),
        502,
        "cloudfront_functions.lambda_edge_response",
        "statusCode",
    ),
    "a body that is no base64": Broken(
        request("    return { statusCode: 200, body: { encoding: 'base64', data: '***' } }; //!"),
        502,
        "cloudfront_functions.body_base64",
        "padding",
    ),
    "an origin that the distribution has not": Broken(
        "import cf from 'cloudfront';\nfunction handler(event) {\n    cf.selectRequestOriginById('gone'); //!\n"
        "    return event.request;\n}",
        502,
        "origin_modification.invalid",
        "it has site, spare",
    ),
    "a request from a viewer response": Broken(
        response("    return event.request; //!"),
        502,
        "cloudfront_functions.viewer_response.not_a_response",
        "return event.response",
        VIEWER_RESPONSE,
    ),
    "via is changed in a response": Broken(
        response("    response.headers.via = { value: 'me' }; //!", "    return response;"),
        502,
        "restricted_headers.read_only",
        "via",
        VIEWER_RESPONSE,
    ),
    "a line break in a header": Broken(
        response("    response.headers['x-note'] = { value: 'a\\nb' }; //!", "    return response;"),
        502,
        "cloudfront_functions.control_character",
        "remove line breaks",
        VIEWER_RESPONSE,
    ),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_failure_names_the_rule_the_line_the_fix_and_the_page(site: Site, broken: Broken) -> None:
    """In the trail, in the request log and in `edge explain`, with the line itself."""
    function = CloudFrontFunction("rewrite", broken.code, broken.runtime, "rewrite.js")
    distribution = site({"functions": {broken.at: function}})
    talk = Playbook(distribution, functions=lambda call: engine().run(call, NO_STORES)).get("/a")
    if broken.at is VIEWER_RESPONSE:
        talk.origin_answers(200, "page")
    assert talk.status == broken.status
    assert broken.rule in talk.rules

    code = broken.code.splitlines()
    wrong = next(number for number, text in enumerate(code, 1) if HERE in text)
    shown = function_run(talk.served.trail.functions[-1])
    assert shown["line"] == wrong
    stage = next(stage for stage in stages(talk.served) if stage.name == broken.at.value.replace("-", " "))
    assert stage.state == "failed"
    for told in ("\n".join(stage.sentences), log_line(talk.served, True, 1.0)):
        assert broken.words in told
        assert broken.rule in told
        assert f"rewrite.js:{wrong}" in told
        assert f"{wrong:>5} | {code[wrong - 1]}" in told
        assert "AWS: " in told


def test_a_runtime_error_shows_the_stack_in_the_lines_of_the_user(site: Site) -> None:
    """The innermost frame first."""
    code = "function country(headers) {\n    return headers.none.value;\n}\n\nfunction handler(event) {\n"
    code += "    event.request.uri = country(event.request.headers);\n    return event.request;\n}"
    function = CloudFrontFunction("rewrite", code, source_name="rewrite.js")
    distribution = site({"functions": {EventType.VIEWER_REQUEST: function}})
    talk = Playbook(distribution, functions=lambda call: engine().run(call, NO_STORES)).get("/a")
    told = log_line(talk.served, True, 1.0)
    frames = [text.strip() for text in click.unstyle(told).splitlines() if text.strip().startswith("at ")]
    assert [frame.rpartition(":")[0] for frame in frames] == ["at country (rewrite.js:2", "at handler (rewrite.js:6"]
