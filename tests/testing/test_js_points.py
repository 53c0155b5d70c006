"""What is counted in a function's source, and that counting changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.testing import cloudfront_function
from edge.testing.js_points import counted, taken

ROOT = Path(__file__).parent.parent.parent
SAMPLES = sorted(ROOT.glob("functions/*/*.js"))
EVERYTHING = """import crypto from 'crypto';
function handler(event) {
  'use strict';
  var r = event.request, said = []
  if (r.uri === '/a') said.push('then'); else if (r.uri === '/c') said.push('else if')
  if (r.uri === '/b') { said.push('braces') }
  for (var i = 0; i < 2; i++) said.push(i)
  while (i-- > 0) for (var k in {x: 1}) if (i) said.push(k)
  do said.push('do'); while (false)
  switch (r.method) { case 'GET': said.push('get'); break; case 'HEAD': case 'POST': default: said.push('other') }
  label: for (;;) { break label }
  try { if (r.uri === '/t') throw new Error('x') } catch (e) { said.push('caught') } finally { said.push('finally') }
  var f = (x) => x ? (x > 1 ? 'two' : 'one') : 'none'
  r.headers['x-said'] = {value: said.concat(f(said.length), later(r)).join(' ')}
  return r
}
function later(r) { return r.uri.length > 1 ? 'long' : 'short' }
"""


@pytest.mark.parametrize("runtime", ["cloudfront-js-1.0", "cloudfront-js-2.0"])
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("uri", ["/", "/a", "/b", "/c", "/t"])
def test_a_counted_function_does_what_it_did(runtime: str, method: str, uri: str) -> None:
    """In each place where a statement may stand."""
    found = counted(EVERYTHING)
    assert found is not None
    plain, counting = (cloudfront_function(code=code, runtime=runtime) for code in (EVERYTHING, found.code))
    expected, actual = (fn.viewer_request(uri, method=method) for fn in (plain, counting))
    assert expected.error is None
    assert actual.request.headers["x-said"] == expected.request.headers["x-said"]
    logs, hits = taken(actual.logs)
    assert (logs, hits[0]) == ((), 1)


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_the_samples_can_be_counted(file: Path) -> None:
    """Async ones with imports among them; line numbers stay."""
    code = file.read_text()
    found = counted(code)
    assert found is not None
    lines = found.code.splitlines()
    assert len(lines) > len(code.splitlines())
    for number, point in enumerate(found.points):
        if point.branch is None:
            assert f"__edge_hit({number});" in lines[point.line - 1]


def test_an_error_still_names_its_line() -> None:
    """Text is added within lines, and behind the last one."""
    found = counted("function handler(event) {\n  var a = 1;\n  if (a) throw new Error('x');\n}")
    assert found is not None
    result = cloudfront_function(code=found.code).viewer_request()
    assert "(3:" in result.explain()


def test_statements_and_both_arms_are_points() -> None:
    """The arm that is not written counts too."""
    found = counted("function handler(event) {\n  if (event.a)\n    event.b = 1;\n  return event.c ? 1 : 2;\n}")
    assert found is not None
    statements = {point.line for point in found.points if point.branch is None}
    arms = [(point.line, point.branch, point.arm) for point in found.points if point.branch is not None]
    assert statements == {2, 3, 4}
    assert arms == [(2, 1, 0), (2, 1, 1), (4, 2, 0), (4, 2, 1)]
    assert 3 in {point.line for point in found.points}


@pytest.mark.parametrize("code", ["function handler(event) {", "var a = 1;"])
def test_what_cannot_be_counted_is_left_alone(code: str) -> None:
    """Broken code, and code without a handler."""
    assert counted(code) is None


def test_counts_leave_the_users_lines_as_they_were() -> None:
    """The line with the counts is not the user's."""
    assert taken(("a", 'edge-coverage:7c1e {"0":2,"3":1}', "b")) == (("a", "b"), {0: 2, 3: 1})
    assert taken(("a",)) == (("a",), {})


@pytest.mark.parametrize("head", ["const handler = (event) => {", "var handler = function (event) {"])
def test_a_handler_may_be_a_value(head: str) -> None:
    """As it may for the runtime."""
    code = head + " event.request.uri = '/b'; return event.request; }"
    found = counted(code)
    assert found is not None
    result = cloudfront_function(code=found.code).viewer_request("/a")
    assert result.request.uri == cloudfront_function(code=code).viewer_request("/a").request.uri == "/b"
    assert taken(result.logs)[1]
