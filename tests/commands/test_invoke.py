"""Promises of `edge invoke`: AWS's TestResult on stdout, talk on stderr, an exit status that scripts can use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from edge.cli import main
from edge.model import quotas

EVENT = {
    "version": "1.0",
    "context": {"eventType": "viewer-request"},
    "viewer": {"ip": "198.51.100.7"},
    "request": {
        "method": "GET",
        "uri": "/a",
        "headers": {"host": {"value": "www.example.org"}},
        "cookies": {},
        "querystring": {"x": {"value": "1"}},
    },
}


@pytest.fixture
def invoke(tmp_path: Path) -> Any:
    """Runs `edge invoke` on code and an event."""

    def run(code: str, *options: str, event: Any = EVENT, text: str | None = None) -> Result:
        (tmp_path / "function.js").write_text(code)
        (tmp_path / "event.json").write_text(json.dumps(event) if text is None else text)
        arguments = ["invoke", str(tmp_path / "function.js"), "--event", str(tmp_path / "event.json"), *options]
        return CliRunner().invoke(main, arguments)

    return run


def test_the_answer_is_awss_test_result(invoke: Any) -> None:
    result = invoke(
        "function handler(event) { console.log('seen', 1); event.request.uri = '/b'; return event.request; }"
    )
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert set(answer) == {"FunctionOutput", "ComputeUtilization", "FunctionErrorMessage", "FunctionExecutionLogs"}
    assert json.loads(answer["FunctionOutput"])["request"]["uri"] == "/b"
    assert answer["ComputeUtilization"].isdigit()
    assert answer["FunctionErrorMessage"] == ""
    assert any("seen" in line for line in answer["FunctionExecutionLogs"])


def test_half_a_character_can_be_shown(invoke: Any) -> None:
    """JavaScript cuts text wherever it is told to."""
    code = "function handler(e) { e.request.uri = '/' + '\\ud83d\\ude00'.substr(0, 1); return e.request; }"
    result = invoke(code)
    assert result.exit_code == 0
    assert json.loads(json.loads(result.stdout)["FunctionOutput"])["request"]["uri"] == "/\ud83d"


def test_a_function_that_throws_has_a_message_a_place_and_exit_status_1(invoke: Any) -> None:
    result = invoke("function handler(event) {\n  return event.nothing.here;\n}")
    assert result.exit_code == 1
    assert "TypeError" in json.loads(result.stdout)["FunctionErrorMessage"]
    assert "function.js:2" in result.stderr


def test_code_that_the_runtime_does_not_know_is_refused_with_its_words(invoke: Any) -> None:
    result = invoke("const a = 1;\nfunction handler(e) { return e.request; }", "--runtime", "cloudfront-js-1.0")
    assert result.exit_code == 1
    assert "const" in json.loads(result.stdout)["FunctionErrorMessage"]


def test_at_freezes_the_clock(invoke: Any) -> None:
    code = "function handler(e) { e.request.uri = '/' + Date.now(); return e.request; }"
    for at in ("1767225600", "2026-01-01T00:00:00Z"):
        answer = json.loads(invoke(code, "--at", at).stdout)
        assert json.loads(answer["FunctionOutput"])["request"]["uri"] == "/1767225600000"


def test_a_key_value_store_comes_from_awss_import_file(invoke: Any, tmp_path: Path) -> None:
    seeds = tmp_path / "routes.json"
    seeds.write_text(json.dumps({"data": [{"key": "/a", "value": "/from-store"}]}))
    code = (
        "import cf from 'cloudfront';\n"
        "async function handler(e) { e.request.uri = await cf.kvs().get(e.request.uri); return e.request; }"
    )
    result = invoke(code, "--kvs", f"routes={seeds}")
    assert result.exit_code == 0, result.stderr
    assert json.loads(json.loads(result.stdout)["FunctionOutput"])["request"]["uri"] == "/from-store"


def test_only_strict_judges_what_came_back_as_production_does(invoke: Any) -> None:
    code = "function handler(e) { e.request.headers.via = {value: 'x'}; return e.request; }"
    assert invoke(code).exit_code == 0
    strict = invoke(code, "--strict")
    assert strict.exit_code == 1
    assert "via" in strict.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ("[]", "not an event"),
        ('{"version": "1.0"}', "not an event"),
        (json.dumps({"request": {"uri": "x" * 41_000}}), "at most 40960"),
    ],
)
def test_an_event_that_is_none_is_named_with_its_fault(invoke: Any, text: str, words: str) -> None:
    result = invoke("function handler(e) { return e.request; }", text=text)
    assert result.exit_code == 1
    assert "event.json" in result.stderr
    assert words in result.stderr


@pytest.mark.parametrize(
    "options", [("--at", "yesterday"), ("--kvs", "nofile"), ("--runtime", "cloudfront-js-3.0"), ("--nonsense",)]
)
def test_wrong_usage_is_exit_status_2(invoke: Any, options: tuple[str, ...]) -> None:
    assert invoke("function handler(e) { return e.request; }", *options).exit_code == 2


def test_trap_8_a_read_only_header_passes_the_test_and_fails_in_production(invoke: Any) -> None:
    """As TestFunction, `edge invoke` says nothing; --strict says which rule, and on which line."""
    code = "function handler(e) {\n  delete e.request.headers.host;\n  return e.request;\n}"
    assert json.loads(invoke(code).stdout)["FunctionErrorMessage"] == ""
    strict = invoke(code, "--strict")
    message = json.loads(strict.stdout)["FunctionErrorMessage"]
    assert message == "The CloudFront function tried to add, delete, or change a read-only header."
    assert "function.js:2  the read-only header host was deleted" in strict.stderr
    assert 'AWS: "Restrictions on all edge functions"' in strict.stderr


def test_trap_45_a_test_says_nothing_about_origins(invoke: Any) -> None:
    """Whether the origin may be chosen is judged in production only."""
    code = "import cf from 'cloudfront';\nfunction handler(e) { cf.selectRequestOriginById('gone'); return e.request; }"
    result = invoke(code)
    assert (result.exit_code, json.loads(result.stdout)["FunctionErrorMessage"]) == (0, "")


@pytest.mark.parametrize(
    ("size", "status"), [(quotas.FUNCTION_EVENT_MAX_BYTES, 0), (quotas.FUNCTION_EVENT_MAX_BYTES + 1, 1)]
)
def test_trap_36_an_event_of_more_than_40_960_bytes_is_refused(invoke: Any, size: int, status: int) -> None:
    """To the byte."""
    text = json.dumps(EVENT)
    text += " " * (size - len(text))
    assert invoke("function handler(e) { return e.request; }", text=text).exit_code == status


@pytest.mark.parametrize(
    ("size", "status"), [(quotas.FUNCTION_CODE_MAX_BYTES, 0), (quotas.FUNCTION_CODE_MAX_BYTES + 1, 1)]
)
def test_code_of_more_than_10_kb_is_refused(invoke: Any, size: int, status: int) -> None:
    """CreateFunction would not take it."""
    code = "function handler(e) { return e.request; } //"
    result = invoke(code + "x" * (size - len(code)))
    assert result.exit_code == status
    assert ("10240" in result.stderr) is bool(status)


def test_errors_have_the_words_of_the_console_in_front(invoke: Any) -> None:
    """And the error's own text behind."""
    front = "The CloudFront function associated with the CloudFront distribution is invalid or could not run. "
    for code, words in (
        ("function handler(e) { throw new Error('thrown error'); }", "Error: thrown error"),
        (
            "function handler(e) { for (const x of []) { } }",
            'SyntaxError: Token "of" not supported in this version in 1',
        ),
    ):
        answer = json.loads(invoke(code).stdout)
        assert answer["FunctionErrorMessage"] == front + words
        assert answer["FunctionOutput"] == ""


def test_members_that_the_structure_does_not_know_are_dropped(invoke: Any) -> None:
    """From the output; cookies are filled in."""
    code = "function handler(e) { return { statusCode: 200, foo: 1, headers: { a: { value: 'b', multivalue: [] } } }; }"
    output = json.loads(json.loads(invoke(code).stdout)["FunctionOutput"])
    assert output == {"response": {"statusCode": 200, "headers": {"a": {"value": "b"}}, "cookies": {}}}


def test_a_seed_that_aws_would_not_import_is_named(invoke: Any, tmp_path: Path) -> None:
    """With its file and its fault."""
    seeds = tmp_path / "routes.json"
    seeds.write_text(json.dumps({"data": [{"key": "a", "value": "x" * 1025}]}))
    result = invoke("function handler(e) { return e.request; }", "--kvs", f"routes={seeds}")
    assert result.exit_code == 1
    assert "routes.json" in result.stderr
    assert "1024" in result.stderr
