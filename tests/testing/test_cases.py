"""Tables of cases, read, run and reported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest_plugins = ["pytester"]

FUNCTION = """function handler(event) {
  var request = event.request;
  if (event.response) {
    event.response.headers['x-for'] = {value: request.uri};
    return event.response;
  }
  var country = request.headers['cloudfront-viewer-country'];
  if (request.uri === '/old') {
    return {statusCode: 301, statusDescription: 'Moved', headers: {location: {value: '/new'}},
            cookies: {seen: {value: '1'}}, body: 'gone'};
  }
  if (request.uri === '/broken') throw new Error('on purpose');
  console.log('passed');
  request.uri = '/' + (country ? country.value : 'nowhere');
  return request;
}
"""
EVENT = {
    "version": "1.0",
    "context": {"eventType": "viewer-request"},
    "viewer": {"ip": "203.0.113.9"},
    "request": {"method": "GET", "uri": "/old", "querystring": {}, "headers": {}, "cookies": {}},
}
MOVED = {"statusCode": 301, "statusDescription": "Moved", "headers": {"location": {"value": "/new"}}, "body": "gone"}


@pytest.fixture(autouse=True)
def redirect(project: pytest.Pytester) -> None:
    """The function of the project."""
    project.path.joinpath("redirect.js").write_text(FUNCTION)


def test_a_yaml_table_is_tests_without_python(project: pytest.Pytester) -> None:
    """Requests as a target or an object, viewers, responses, and what is to come out."""
    project.path.joinpath("redirect.cases.yaml").write_text("""
runtime: cloudfront-js-1.0
cases:
  - request: /old?x=1
    expect:
      {status: 301, statusDescription: Moved, headers: {location: /new, x-none: null}, cookies: {seen: 1}, body: gone}
  - name: by country
    request: {target: "/a?b=1", method: HEAD, headers: {x-mine: "1"}, cookies: {c: "2"}}
    viewer: {country: DE}
    expect:
      {uri: /DE, querystring: b=1, method: HEAD, headers: {x-mine: {matches: "^[0-9]$"}}, cookies: {c: 2}, logs: passed}
  - request: /broken
    expect: {error: on purpose, status: 503, rule: edge_errors.function_threw}
  - request: /page
    response: {status: 200, headers: {x-kept: yes it is}}
    expect: {status: 200, headers: {x-for: /page, x-kept: yes it is}}
""")
    result = project.runpytest("-v")
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["redirect.cases.yaml::by country PASSED*"])


def test_a_case_that_differs_shows_how_and_where(project: pytest.Pytester) -> None:
    """File and line, each difference, and what went in; no stack."""
    project.path.joinpath("redirect.cases.yaml").write_text("""cases:
  - request: /old
    expect: {status: 301}
  - name: wrong
    request: /old
    expect: {status: 302, headers: {location: /newer, x-a: "1"}, uri: /x}
""")
    result = project.runpytest()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*redirect.cases.yaml:4: wrong",
            "status: '302' was expected, and it is 301",
            "headers.location: '/newer' was expected, and it is '/new'",
            "headers.x-a: it is not there, and should be '1'",
            "uri: it is not there, and should be '/x'",
            "redirect.js at viewer-request: responded with 301",
        ]
    )
    result.stdout.no_fnmatch_line("*case_runs.py*")


def test_a_csv_table_has_dotted_columns(project: pytest.Pytester) -> None:
    """Empty cells say nothing; lines with # in front are settings."""
    project.path.joinpath("moved.cases.csv").write_text(
        "# function: redirect.js\n"
        "# runtime: cloudfront-js-1.0\n"
        "name,request.target,viewer.country,expect.status,expect.headers.location,expect.uri\n"
        "moved,/old,,301,/new,\n"
        "served,/a,FR,,,/FR\n"
        "wrong,/a,FR,,,/DE\n"
    )
    result = project.runpytest()
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*moved.cases.csv:6: wrong", "uri: '/DE' was expected, and it is '/FR'"])


def test_a_folder_of_event_and_output_is_a_table(project: pytest.Pytester) -> None:
    """One JSON file for each case, with what TestFunction puts out, or a part of its error."""
    folder = project.mkdir("redirect.cases")
    cases: dict[str, Any] = {
        "moved": {"event": EVENT, "output": {"response": {**MOVED, "cookies": {"seen": {"value": "1"}}}}},
        "broken": {"event": {**EVENT, "request": {"uri": "/broken"}}, "error": "on purpose"},
        "wrong": {"event": EVENT, "output": {"response": {**MOVED, "cookies": {}}}},
    }
    for name, case in cases.items():
        (folder / f"{name}.json").write_text(json.dumps(case))
    result = project.runpytest()
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["the response, - as expected, + as it came out:", "+ cookies.seen: 1"])


def test_a_suite_may_name_files_and_ignore_members(project: pytest.Pytester) -> None:
    """`event` and `expect` as files, `ignore` as a list or as paths with a dot in front."""
    project.path.joinpath("event.json").write_text(json.dumps(EVENT))
    project.path.joinpath("expected.json").write_text(json.dumps({"response": {**MOVED, "statusCode": 999}}))
    files = {"event": "event.json", "expect": "expected.json"}
    cases = [
        {**files, "ignore": ["response.statusCode", "response.cookies"]},
        {**files, "ignore": ".response.statusCode, .response.cookies"},
        files,
    ]
    project.path.joinpath("redirect.cases.json").write_text(json.dumps(cases))
    project.runpytest().assert_outcomes(passed=2, failed=1)


def test_stores_and_time_are_settings_of_the_file(project: pytest.Pytester) -> None:
    """So that a table about tokens and keys needs no Python either."""
    project.path.joinpath("keys.js").write_text("""import cf from 'cloudfront';
async function handler(event) {
  const value = await cf.kvs().get('a');
  return {statusCode: 200, body: value + new Date().toISOString()};
}""")
    project.path.joinpath("keys.cases.yaml").write_text("""
kvs: {a: "value "}
at: "2030-05-06T07:08:09Z"
cases: [{request: /, expect: {body: "value 2030-05-06T07:08:09.000Z"}}]
""")
    project.runpytest().assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cases: [{reqest: /a}]", "*redirect.cases.yaml:1: a case has no 'reqest'; did you mean request?"),
        ("runtim: 1.0\ncases: []", "*a file of cases has no 'runtim'; did you mean runtime?"),
        ("cases: [{request: {targt: /a}}]", "*a request has no 'targt'; did you mean target?"),
        (
            "cases: [{request: /, expect: {statuss: 1}}]",
            "*'statuss' can be expected; did you mean status?",
        ),
        ("cases: [{request: /, event: gone.json}]", "*gone.json: *No such file*"),
        ("cases: {", "*redirect.cases.yaml: *"),
        ("just text", "*a list of cases, or an object with `cases`, is needed"),
        ("cases: [1]", "*redirect.cases.yaml:1: a case is an object*"),
        ("cases: 1", "*`cases` must be a list"),
        ("function: gone.js\ncases: [{request: /}]", "*there is no *gone.js in *"),
    ],
)
def test_a_slip_of_the_pen_is_named(project: pytest.Pytester, text: str, message: str) -> None:
    """With file and line, and what was probably meant."""
    project.path.joinpath("redirect.cases.yaml").write_text(text)
    result = project.runpytest()
    assert result.ret != 0
    result.stdout.fnmatch_lines([message])


def test_without_an_expectation_a_case_must_not_fail(project: pytest.Pytester) -> None:
    """An event that used to crash is a test by itself."""
    project.path.joinpath("redirect.cases.yaml").write_text("cases: [{request: /broken}, {request: /fine}]")
    result = project.runpytest()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["error: Error: on purpose"])


def test_cases_of_one_name_are_told_apart(project: pytest.Pytester) -> None:
    """Each can be run by itself, on any worker."""
    project.path.joinpath("redirect.cases.csv").write_text("request\n/a\n/a\n/b\n")
    result = project.runpytest("-v", "redirect.cases.csv::/a (2)")
    result.assert_outcomes(passed=1)


def test_other_json_files_are_left_alone(project: pytest.Pytester) -> None:
    """A name makes a table."""
    project.path.joinpath("package.json").write_text("{}")
    project.path.joinpath("a.cases.txt").write_text("{}")
    assert project.runpytest().ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_a_thousand_cases_are_a_thousand_tests(project: pytest.Pytester, tmp_path: Path) -> None:
    """Each with its line; the function is compiled once."""
    rows = "".join(f"/old?n={number},301\n" for number in range(1000))
    project.path.joinpath("redirect.cases.csv").write_text(f"request,expect.status\n{rows}")
    project.runpytest("-q").assert_outcomes(passed=1000)


HANDLER = """
exports.handler = async (event) => {
  const { config, request, response } = event.Records[0].cf;
  if (response) {
    response.headers['x-type'] = [{ key: 'X-Type', value: config.eventType }];
    return response;
  }
  if (request.uri === '/broken') throw new Error('on purpose');
  if (request.uri === '/flags') request.uri = '/' + (await (await fetch('https://flags.example.com/')).json()).to;
  if (request.origin) request.origin.custom.domainName = 'b.' + request.origin.custom.domainName;
  if (request.body) request.uri = '/' + Buffer.from(request.body.data, 'base64');
  if (request.uri !== '/old') return request;
  return { status: '301', headers: { location: [{ value: '/new' }] }, body: 'gone' };
};
"""


def test_a_table_about_a_handler(project: pytest.Pytester) -> None:
    """At any event, with whom it asks."""
    project.path.joinpath("site.cjs").write_text(HANDLER)
    project.path.joinpath("site.cases.yaml").write_text("""
at: "2026-06-01"
outbound: { "https://flags.example.com/": { to: beta } }
cases:
  - request: /old
    expect: { status: 301, headers: { location: /new }, max_body: 4 }
  - request: /flags
    expect: { uri: /beta }
  - name: another origin
    event_type: origin-request
    request: /a?b=1
    origin: { domain_name: www.example.com }
    expect: { origin: b.www.example.com, target: /a?b=1 }
  - request: { target: /form, method: POST, body: hello }
    expect: { uri: /hello }
  - name: at origin response
    event_type: origin-response
    response: { status: 404 }
    expect: { status: 404, headers: { x-type: origin-response } }
  - name: at viewer response
    response: {}
    expect: { headers: { x-type: viewer-response } }
  - request: /broken
    expect: { error: on purpose, status: 503 }
  - name: too large
    request: /old
    expect: { max_body: 3 }
""")
    result = project.runpytest()
    result.assert_outcomes(passed=7, failed=1)
    result.stdout.fnmatch_lines(["max_body: the response has a body of 4 bytes, and this test allows 3"])


def test_events_of_lambda_edge_in_a_folder(project: pytest.Pytester) -> None:
    """Bare ones, as SAM prints them, which must not fail; and with the output that is expected."""
    project.path.joinpath("site.js").write_text(HANDLER)
    folder = project.mkdir("site.cases")
    cf: dict[str, Any] = {"config": {"distributionId": "EXAMPLE"}, "request": {"uri": "/a", "method": "GET"}}
    bare = {"Records": [{"cf": cf}]}
    old = {"Records": [{"cf": {**cf, "request": {"uri": "/old", "method": "GET"}}}]}
    broken = {"Records": [{"cf": {**cf, "request": {"uri": "/broken", "method": "GET"}}}]}
    output = {"status": "301", "headers": {"location": [{"value": "/new"}]}}
    for name, content in {
        "ab-test": bare,
        "moved": {"event": old, "output": output, "ignore": ["body"]},
        "other": {"event": old, "output": {**output, "status": "302", "body": "gone"}},
        "broken": broken,
    }.items():
        folder.joinpath(f"{name}.json").write_text(json.dumps(content))
    result = project.runpytest()
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines_random(["- status: 302", "+ status: 301", "error: Error: on purpose"])


def test_a_bare_event_of_the_console_is_a_case(project: pytest.Pytester) -> None:
    """One that must not fail."""
    project.mkdir("redirect.cases").joinpath("saved.json").write_text(json.dumps(EVENT))
    project.runpytest().assert_outcomes(passed=1)
