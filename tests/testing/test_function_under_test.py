"""One CloudFront Function under test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.testing import FunctionUnderTest, HarnessError, UnexpectedResultError, VirtualClock
from edge.testing import cloudfront_function as plain_helper

Make = Callable[..., FunctionUnderTest]


def code(body: str) -> str:
    return f"function handler(event) {{\n{body}\n}}"


def test_the_event_is_what_cloudfront_would_make(cloudfront_function: Make) -> None:
    """Path and query apart, names lower case, cookies taken apart, repeated names with multiValue."""
    fn = cloudfront_function(code=code("return event.request;"))
    event: Any = fn.viewer_request(
        "/old?x=1&x=2", method="HEAD", headers={"X-One": "1", "Accept": ["a", "b"]}, cookies={"s": "1"}
    ).event
    request = event["request"]
    assert (request["method"], request["uri"]) == ("HEAD", "/old")
    assert request["querystring"]["x"] == {"value": "1", "multiValue": [{"value": "1"}, {"value": "2"}]}
    assert request["headers"]["x-one"] == {"value": "1"}
    assert request["headers"]["accept"]["multiValue"] == [{"value": "a"}, {"value": "b"}]
    assert request["cookies"] == {"s": {"value": "1"}}
    assert event["context"]["eventType"] == "viewer-request"


def test_a_request_that_goes_on(cloudfront_function: Make) -> None:
    """What the function changed, as the cache and the origin will see it."""
    fn = cloudfront_function(
        code=code("""
        var r = event.request;
        r.uri = '/new'; r.querystring = 'b=2&a=1'; r.headers['x-added'] = {value: 'yes'}; r.cookies.s = {value: '2'};
        return r;""")
    )
    request = fn.viewer_request("/old", headers={"X-Kept": "k"}).request
    assert (request.target, request.query) == ("/new?b=2&a=1", {"b": "2", "a": "1"})
    assert (request.headers["X-Added"], request.headers["x-kept"]) == ("yes", "k")
    assert request.cookies == {"s": "2"}


def test_a_response_that_the_function_makes(cloudfront_function: Make) -> None:
    """Status, headers, cookies with their attributes, and body."""
    fn = cloudfront_function(
        code=code("""return {statusCode: 403, statusDescription: 'No', headers: {'x-a': {value: '1'}},
        cookies: {seen: {value: '1', attributes: 'Path=/'}}, body: {encoding: 'base64', data: 'eyJhIjoxfQ=='}};""")
    )
    result = fn.viewer_request("/")
    response = result.response
    assert (response.status, response.status_description, result.status) == (403, "No", 403)
    assert response.headers["X-A"] == "1"
    assert (response.cookies["seen"], response.cookies["seen"].attributes) == ("1", "Path=/")
    assert response.json() == {"a": 1}
    assert result.error is None


def test_a_response_on_its_way(cloudfront_function: Make) -> None:
    """At viewer response, the function sees the request and changes the response."""
    fn = cloudfront_function(
        code=code("event.response.headers['x-for'] = {value: event.request.uri}; return event.response;")
    )
    result = fn.viewer_response("/a", status=203, headers={"Set-Cookie": "a=1; Path=/", "X-Kept": "k"})
    assert result.response.status == 203
    assert dict(result.response.headers) == {"set-cookie": "a=1; Path=/", "x-kept": "k", "x-for": "/a"}


def test_cloudfront_does_not_run_it_for_errors_of_the_origin(cloudfront_function: Make) -> None:
    """The response goes on as it is."""
    result = cloudfront_function(code=code("throw new Error('ran');")).viewer_response(status=404)
    assert (result.skipped, result.status, result.error) == (True, 404, None)


def test_what_is_thrown_is_a_503_with_line_and_code(cloudfront_function: Make) -> None:
    """The function's own code is shown, with the line marked."""
    result = cloudfront_function(code=code("  console.log('so far');\n  return event.nope.value;")).viewer_request()
    assert result.status == 503
    assert result.error is not None
    assert result.error.startswith("TypeError")
    assert result.rule == "edge_errors.function_threw"
    assert result.logs == ("so far",)
    explained = result.explain()
    assert ">   3 |   return event.nope.value;" in explained
    assert "headers.host: " in explained


def test_what_the_rules_forbid_is_a_502_with_the_rule(cloudfront_function: Make) -> None:
    """The difference shows what the function did, the rule what to change."""
    fn = cloudfront_function(code=code("event.request.headers['x-real-ip'] = {value: '1'}; return event.request;"))
    result = fn.viewer_request("/a")
    assert (result.status, result.rule) == (502, "restricted_headers.disallowed")
    assert "+ headers.x-real-ip: 1" in result.explain()


def test_what_is_no_object_is_shown(cloudfront_function: Make) -> None:
    """A forgotten return is the most common of them."""
    result = cloudfront_function(code=code("event.request.uri = '/a';")).viewer_request("/")
    assert result.status == 502
    assert result.explain().endswith("what the function returned:\n  null")


def test_code_that_the_runtime_refuses_is_a_503(cloudfront_function: Make) -> None:
    """The runtime is the one that the test names; 1.0 has no const."""
    fn = cloudfront_function(code=code("const a = 1; return event.request;"), runtime="1.0")
    assert fn.viewer_request().error == 'SyntaxError: Token "const" not supported in this version in 2'


def test_asking_for_what_did_not_come_fails_with_the_difference(cloudfront_function: Make) -> None:
    """`.response` of a request that goes on, `.request` of one that was answered."""
    fn = cloudfront_function(
        code=code(
            "if (event.request.uri === '/a') return {statusCode: 204}; event.request.uri = '/b'; return event.request;"
        )
    )
    with pytest.raises(UnexpectedResultError, match=r"passed on GET /b(?s:.*)- uri: /\n\+ uri: /b"):
        _ = fn.viewer_request("/").response
    with pytest.raises(UnexpectedResultError, match=r"responded with 204(?s:.*)statusCode: 204"):
        _ = fn.viewer_request("/a").request


def test_the_store_is_the_tests_own(cloudfront_function: Make) -> None:
    """Pairs in place; what is no text is stored as JSON. Another test, another store."""
    text = """import cf from 'cloudfront';
    async function handler(event) {
      const store = cf.kvs(); const a = await store.get('a'); const b = await store.get('b', {format: 'json'});
      event.request.uri = '/' + a + b.c; return event.request; }"""
    assert cloudfront_function(code=text, kvs={"a": "x", "b": {"c": 1}}).viewer_request().request.uri == "/x1"
    assert cloudfront_function(code=text, kvs={"a": "y", "b": {"c": 2}}).viewer_request().request.uri == "/y2"
    assert cloudfront_function(code=text, kvs={"a": "y"}).viewer_request().status == 503


def test_a_store_may_be_the_file_that_aws_imports(cloudfront_function: Make, tmp_path: Path) -> None:
    """{"data": [{"key", "value"}]}."""
    file = tmp_path / "store.json"
    file.write_text('{"data": [{"key": "a", "value": "x"}]}')
    text = """import cf from 'cloudfront';
    async function handler(event) { event.request.uri = '/' + (await cf.kvs().get('a')); return event.request; }"""
    assert cloudfront_function(code=text, kvs=file).viewer_request().request.uri == "/x"


def test_time_stands_still_until_the_test_moves_it(cloudfront_function: Make) -> None:
    """Date says what the clock says."""
    fn = cloudfront_function(code=code("return {statusCode: 200, body: new Date().toISOString()};"))
    assert fn.viewer_request().response.text == "2026-01-01T00:00:00.000Z"
    fn.clock.advance(days=1, minutes=5)
    assert fn.viewer_request().response.text == "2026-01-02T00:05:00.000Z"


def test_the_viewer_may_be_anybody(cloudfront_function: Make) -> None:
    """Address, and the place as CloudFront-Viewer-* headers."""
    fn = cloudfront_function(code=code("event.request.uri = '/' + event.viewer.ip; return event.request;"))
    who = {"ip": "203.0.113.9", "country": "DE", "country_name": "Germany", "region": "BE", "city": "Köln"}
    request = fn.viewer_request("/", viewer=who).request
    assert request.uri == "/203.0.113.9"
    assert {name: value for name, value in request.headers.items() if name.startswith("cloudfront")} == {
        "cloudfront-viewer-city": "K%C3%B6ln",
        "cloudfront-viewer-country": "DE",
        "cloudfront-viewer-country-name": "Germany",
        "cloudfront-viewer-country-region": "BE",
    }
    with pytest.raises(HarnessError, match=r"no contry; it has .*country"):
        fn.viewer_request("/", viewer={"contry": "DE"})


def test_a_function_may_choose_among_origins(cloudfront_function: Make) -> None:
    """Where it sends the request is in the result; an origin that is not there is a 502."""
    text = """import cf from 'cloudfront';
    function handler(event) { cf.selectRequestOriginById(event.request.uri.slice(1)); return event.request; }"""
    fn = cloudfront_function(code=text, origins=("eu", "us"))
    chosen = fn.viewer_request("/us").origin
    assert chosen is not None
    assert chosen.domain_name == "us.test"
    assert fn.viewer_request("/asia").status == 502


def test_math_random_differs_from_request_to_request_but_not_from_run_to_run(cloudfront_function: Make) -> None:
    """A test that draws lots can be repeated."""
    text = code("return {statusCode: 200, body: String(Math.random())};")
    fn, same = cloudfront_function(code=text), cloudfront_function(code=text)
    drawn = [fn.viewer_request().response.text for _ in range(5)]
    assert len(set(drawn)) == 5
    assert drawn == [same.viewer_request().response.text for _ in range(5)]


def test_a_compute_budget_can_be_set(cloudfront_function: Make) -> None:
    """A run over it fails the test, and says by how much."""
    fn = cloudfront_function(code=code("for (var i = 0; i < 1000; i++) {} return event.request;"), max_utilization=-1)
    with pytest.raises(UnexpectedResultError, match="this test allows -1"):
        fn.viewer_request()


def test_a_file_is_found_beside_the_test_or_from_the_root(cloudfront_function: Make) -> None:
    """And where it was looked for is said when it is not there."""
    assert cloudfront_function("functions/spa-rewrite/function.js").viewer_request("/a").request.uri == "/index.html"
    with pytest.raises(HarnessError, match=r"there is no gone\.js in .*tests/testing or "):
        cloudfront_function("gone.js")


def test_a_function_that_cloudfront_would_not_store_is_refused(cloudfront_function: Make, tmp_path: Path) -> None:
    """Trap 35: 10,240 bytes, comments counted."""
    file = tmp_path / "long.js"
    file.write_text(code("return event.request;").ljust(10_241))
    with pytest.raises(HarnessError, match="10241 bytes, comments counted"):
        cloudfront_function(file)


def test_a_runtime_that_there_is_not_is_named(cloudfront_function: Make) -> None:
    """With those that there are."""
    with pytest.raises(HarnessError, match=r"no runtime nodejs20.x; it has cloudfront-js-1.0 and cloudfront-js-2.0"):
        cloudfront_function(code="", runtime="nodejs20.x")


def test_the_helper_works_without_pytests_fixtures() -> None:
    """For modules that make a function once, and for other test runners."""
    fn = plain_helper(code=code("return event.request;"), clock=VirtualClock(0))
    assert fn.viewer_request("/a").request.uri == "/a"
    assert "FunctionUnderTest" in repr(fn)


def test_text_outside_ascii_arrives_as_it_was_written(cloudfront_function: Make) -> None:
    """UTF-8 on the wire, whatever the test and the function write."""
    fn = cloudfront_function(code=code("event.request.headers['x-b'] = {value: 'ö'}; return event.request;"))
    request = fn.viewer_request("/käse", headers={"x-a": "ä"}, cookies={"c": "ü"}).request
    assert (request.uri, request.headers["x-a"], request.headers["x-b"]) == ("/käse", "ä", "ö")
    assert request.cookies == {"c": "ü"}
