"""Promises of `edge invoke`: AWS's TestResult on stdout, talk on stderr, an exit status that scripts can use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from edge.cli import main

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
