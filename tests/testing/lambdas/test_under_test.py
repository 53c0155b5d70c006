"""Lambda@Edge handlers under test: the real runtime, the test's time, and everybody outside played by the test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from edge.testing import HarnessError, LambdaUnderTest, OutboundScript, UnexpectedResultError, UnscriptedRequestError
from edge.testing.clock import VirtualClock

Maker = Callable[..., LambdaUnderTest]

NODE = """
let events = 0;
export const handler = async (event) => {
  const { config, request, response } = event.Records[0].cf;
  events += 1;
  console.log('event', events, 'of this environment');
  if (response) {
    response.headers['x-seen'] = [{ key: 'X-Seen', value: `${config.eventType} ${new Date().toISOString()}` }];
    return response;
  }
  if (request.uri === '/old') {
    return { status: '301', statusDescription: 'Moved Permanently', headers: { location: [{ value: '/new' }] } };
  }
  if (request.uri === '/broken') return request.headers.missing[0].value;
  if (request.uri === '/forbidden') request.headers['x-edge-location'] = [{ value: 'FRA' }];
  if (request.uri === '/large') return { status: '200', body: 'x'.repeat(1000) };
  if (request.body) request.uri = `/${Buffer.from(request.body.data, 'base64')}`;
  if (request.origin) request.origin.custom.domainName = 'beta.example.com';
  return request;
};
"""

PYTHON = """
import json
import logging
import time
import urllib.error
import urllib.request
from datetime import date, datetime, timezone


def lambda_handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    print("asked for", request["uri"])
    logging.getLogger().warning("careful\\nnow")
    if request["uri"] == "/broken":
        return request["headers"]["missing"]
    moments = [datetime.now(timezone.utc).isoformat(), str(time.time()), str(date.today())]
    request["headers"]["x-now"] = [{"key": "X-Now", "value": " ".join(moments)}]
    request["headers"]["x-left"] = [{"key": "X-Left", "value": str(context.get_remaining_time_in_millis())}]
    for scheme in request["querystring"].split(",") if request["querystring"] else []:
        try:
            with urllib.request.urlopen(f"{scheme}://flags.example.com/beta?x=1") as answer:
                request["headers"][f"x-{scheme}"] = [{"value": json.load(answer)["on"]}]
        except (urllib.error.URLError, ConnectionError) as error:
            request["headers"][f"x-{scheme}"] = [{"value": type(error).__name__}]
    return request
"""

FETCH = """
import http from 'node:http';
import https from 'node:https';

const ask = {
  fetch: async (url) => (await fetch(url)).text(),
  http: (url) => new Promise((resolve, reject) => {
    (url.startsWith('https:') ? https : http).get(url, async (answer) => {
      let text = '';
      for await (const piece of answer) text += piece;
      resolve(text);
    }).on('error', reject);
  }),
};

export const handler = async (event) => {
  const request = event.Records[0].cf.request;
  const [how, url] = decodeURIComponent(request.querystring).split(' ');
  try {
    request.uri = `/${await ask[how](url)}`;
  } catch (error) {
    request.uri = `/${error.name}`;
  }
  return request;
};
"""


@pytest.fixture
def node(tmp_path: Path, lambda_edge: Maker) -> Maker:
    """The handler in Node.js."""
    file = tmp_path / "site.mjs"
    file.write_text(NODE)
    return lambda **settings: lambda_edge(file, **settings)


@pytest.fixture
def python(tmp_path: Path, lambda_edge: Maker) -> LambdaUnderTest:
    """The handler in Python."""
    file = tmp_path / "pick.py"
    file.write_text(PYTHON)
    return lambda_edge(file)


@pytest.fixture
def asking(tmp_path: Path, lambda_edge: Maker) -> LambdaUnderTest:
    """A handler that asks somebody."""
    file = tmp_path / "asking.mjs"
    file.write_text(FETCH)
    return lambda_edge(file)


def test_the_same_shape_as_a_cloudfront_function(node: Maker) -> None:
    """Requests go on, responses are made, the handler's own lines are the log."""
    fn = node()
    result = fn.viewer_request("/a?b=1", headers={"X-Mine": "1"}, viewer={"country": "DE"})
    assert result.request.target == "/a?b=1"
    assert result.request.headers["cloudfront-viewer-country"] == "DE"
    assert result.logs == ("event 1 of this environment",)
    moved = fn.viewer_request("/old")
    assert (moved.response.status, moved.response.headers["location"]) == (301, "/new")
    assert moved.logs == ("event 2 of this environment",)
    assert moved.log[0].startswith("START RequestId: ")


def test_all_four_events(node: Maker, clock: VirtualClock) -> None:
    """With the origin where an event has one, and the test's time."""
    fn = node()
    sent = {"Host": "www.example.com", "X-Mine": "1"}
    at_origin = fn.origin_request(
        "/a?b=1", headers=sent, cookies={"c": "2"}, viewer={"country": "DE"}, origin={"domain_name": "a.example.com"}
    )
    assert at_origin.request.target == "/a?b=1"
    assert at_origin.request.cookies == {"c": "2"}
    assert at_origin.request.headers["host"] == "a.example.com"
    assert at_origin.request.headers["x-mine"] == "1"
    assert at_origin.request.headers["cloudfront-viewer-country"] == "DE"
    assert at_origin.request.headers["user-agent"] == "Amazon CloudFront"
    assert at_origin.origin is not None
    assert at_origin.origin.domain_name == "beta.example.com"
    assert "origin.custom.domainName: a.example.com" in at_origin.diff
    clock.set("2026-06-01T12:00:00Z")
    seen = fn.origin_response("/a", status=404).response
    assert (seen.status, seen.headers["x-seen"]) == (404, "origin-response 2026-06-01T12:00:00.000Z")
    assert fn.viewer_response("/a").response.headers["x-seen"] == "viewer-response 2026-06-01T12:00:00.000Z"


def test_a_viewer_response_function_does_not_run_for_errors_of_the_origin(node: Maker) -> None:
    """As CloudFront does not run it; an origin response function does run."""
    fn = node()
    result = fn.viewer_response("/a", status=404, headers={"X-Mine": "1"})
    assert result.skipped
    assert (result.response.status, result.response.headers) == (404, {"x-mine": "1"})
    assert fn.starts == 0
    assert not fn.origin_response("/a", status=404).skipped


def test_a_body_is_seen_where_the_association_includes_it(node: Maker) -> None:
    """And not otherwise."""
    assert node(include_body=True).viewer_request("/form", method="POST", body="hello").request.uri == "/hello"
    assert node().viewer_request("/form", method="POST", body="hello").request.uri == "/form"


def test_events_as_sam_prints_them(node: Maker) -> None:
    """Without a type, and without what is not at issue: `sam local generate-event cloudfront`."""
    headers = {"host": [{"key": "Host", "value": "d123.cf.net"}]}
    config = {"distributionId": "EXAMPLE"}
    request = {"uri": "/old", "method": "GET", "clientIp": "2001:cdba::3257:9652", "headers": headers}
    assert node().run({"Records": [{"cf": {"config": config, "request": request}}]}).response.status == 301
    response = {"status": "200", "statusDescription": "HTTP OK", "headers": {"vary": [{"key": "Vary", "value": "*"}]}}
    result = node().run({"Records": [{"cf": {"config": config, "response": response}}]})
    assert result.response.headers["x-seen"].startswith("viewer-response ")
    result = node().run({"Records": [{"cf": {"config": config, "response": response}}]}, event_type="origin-response")
    assert result.response.headers["x-seen"].startswith("origin-response ")


def test_what_is_no_event_is_said(node: Maker) -> None:
    """With what one has."""
    with pytest.raises(HarnessError, match="Records"):
        node().run({"version": "1.0"})
    with pytest.raises(HarnessError, match="viewer-request, origin-request"):
        node().run({"Records": [{"cf": {}}]}, event_type="viewer")


def test_an_error_shows_the_users_code(node: Maker, python: LambdaUnderTest) -> None:
    """The line is marked, and none of our frames is there."""
    for result, line in (
        (node().viewer_request("/broken"), "return request.headers.missing[0].value;"),
        (python.viewer_request("/broken"), 'return request["headers"]["missing"]'),
    ):
        assert result.status == 503
        assert result.error is not None
        assert result.error.startswith(("TypeError", "KeyError"))
        marked = [each for each in result.explain().splitlines() if each.startswith(">")]
        assert len(marked) == 1
        assert line in marked[0]
        assert "bootstrap" not in result.explain()
        assert len(result.logs) == len([each for each in result.logs if "Error" not in each])


def test_what_cloudfront_refuses_names_the_rule(node: Maker) -> None:
    """502, with the difference that broke it."""
    result = node().viewer_request("/forbidden")
    assert (result.status, result.rule) == (502, "lambda_edge.headers.blacklisted")
    assert "+ headers.x-edge-location: FRA" in result.diff
    with pytest.raises(UnexpectedResultError, match=r"lambda_edge\.headers\.blacklisted"):
        _ = result.request


def test_cold_warm_and_expired(node: Maker, clock: VirtualClock) -> None:
    """A test says which it wants; idle environments end as the test's time goes by."""
    fn = node()
    assert not fn.warm().viewer_request("/").cold
    assert fn.cold().viewer_request("/").cold
    assert not fn.viewer_request("/").cold
    fn.expire()
    assert fn.viewer_request("/").logs == ("event 1 of this environment",)
    clock.advance(hours=3)
    assert fn.viewer_request("/").cold
    assert fn.starts == 4


def test_without_concurrency_there_is_a_throttle(node: Maker) -> None:
    """As CloudFront answers it."""
    result = node(concurrency=0).viewer_request("/")
    assert result.throttled
    assert result.status == 503


def test_budgets(node: Maker) -> None:
    """A run that costs more fails the test."""
    assert node(max_body=1000).viewer_request("/large").response.status == 200
    with pytest.raises(UnexpectedResultError, match="max_body: the response has a body of 1000 bytes"):
        node(max_body=999).viewer_request("/large")
    with pytest.raises(UnexpectedResultError, match="max_duration_ms: the run took"):
        node(max_duration_ms=0).viewer_request("/")


def test_python_has_the_tests_time_too(python: LambdaUnderTest) -> None:
    """All its clocks but those that measure; what is left of the timeout is real."""
    request = python.viewer_request("/").request
    assert request.headers["x-now"] == "2026-01-01T00:00:00+00:00 1767225600.0 2026-01-01"
    assert 0 < int(request.headers["x-left"]) <= 30_000


def test_lines_of_python(python: LambdaUnderTest) -> None:
    """print and logging."""
    assert python.viewer_request("/a").logs == ("asked for /a", "careful\nnow")


def test_python_asks_whom_the_test_plays(python: LambdaUnderTest, outbound: OutboundScript) -> None:
    """Over HTTP and HTTPS."""
    outbound.get("https://flags.example.com/beta?x=1").replies(200, {}, {"on": "secure"})
    outbound.get("http://flags.example.com/beta").replies(200, {}, {"on": "plain"})
    headers = python.viewer_request("/?http,https").request.headers
    assert (headers["x-http"], headers["x-https"]) == ("plain", "secure")
    assert [request.target for request in outbound.requests] == [
        "http://flags.example.com/beta?x=1",
        "https://flags.example.com/beta?x=1",
    ]


@pytest.mark.parametrize("how", ["fetch", "http"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_node_asks_whom_the_test_plays(
    asking: LambdaUnderTest, outbound: OutboundScript, how: str, scheme: str
) -> None:
    """By fetch and by the modules."""
    outbound.get(f"{scheme}://api.example.com/*").replies(200, {}, "hello")
    assert asking.viewer_request(f"/?{how}%20{scheme}://api.example.com/a").request.uri == "/hello"


def test_whoever_is_asked_may_fail(asking: LambdaUnderTest, outbound: OutboundScript) -> None:
    """In a way that the handler can catch."""
    outbound.get("https://api.example.com/").fails("dropped")
    assert asking.viewer_request("/?fetch%20https://api.example.com/").request.uri == "/TypeError"
    outbound.get("https://api.example.com/").fails("invalid")
    assert asking.viewer_request("/?fetch%20https://api.example.com/").request.uri == "/TypeError"
    outbound.get("https://api.example.com/").fails("dns")
    with pytest.raises(HarnessError, match="timeout, dropped, invalid"):
        asking.viewer_request("/?fetch%20https://api.example.com/")


def test_nobody_else_is_reached(asking: LambdaUnderTest, outbound: OutboundScript) -> None:
    """The test says so, although the handler has caught the error."""
    outbound.get("https://api.example.com/a").replies(200)
    with pytest.raises(UnscriptedRequestError, match=r"asked for GET https://elsewhere\.example\.net/x"):
        asking.viewer_request("/?fetch%20https://elsewhere.example.net/x")
    with pytest.raises(HarnessError, match="is no URL"):
        outbound.get("/a")


def test_files_that_are_no_handlers(lambda_edge: Maker, tmp_path: Path) -> None:
    """The text says what there is."""
    with pytest.raises(HarnessError, match=r"there is no missing\.mjs"):
        lambda_edge("missing.mjs")
    (tmp_path / "a.rb").write_text("")
    with pytest.raises(HarnessError, match=r"those end in \.js, \.mjs, \.cjs, \.py"):
        lambda_edge(tmp_path / "a.rb")
    (tmp_path / "b.cjs").write_text("exports.main = async () => ({ status: '204' })")
    assert lambda_edge(f"{tmp_path}/b.cjs:main").viewer_request("/").response.status == 204


def test_a_runtime_that_this_machine_does_not_have(node: Maker) -> None:
    """It is the test's fault, not the function's."""
    with pytest.raises(HarnessError, match="neither nodejs"):
        node(runtime="ruby3.3").viewer_request("/")
