"""Promises of `edge invoke` for Lambda@Edge handlers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from edge.cli import main
from edge.runtimes.lambda_edge.interpreters import node_program

REQUEST: dict[str, Any] = {
    "clientIp": "198.51.100.7",
    "method": "GET",
    "uri": "/a",
    "querystring": "",
    "headers": {"host": [{"key": "Host", "value": "www.example.org"}]},
}
CONFIG = {"distributionDomainName": "d1.cloudfront.net", "distributionId": "E1", "eventType": "viewer-request"}


def event(event_type: str = "viewer-request", **cf: Any) -> dict[str, Any]:
    config = {**CONFIG, "eventType": event_type, "requestId": "id=="}
    return {"Records": [{"cf": {"config": config, "request": REQUEST, **cf}}]}


def invoke(tmp_path: Path, name: str, code: str, given: Any, *options: str, handler: str = "") -> Result:
    (tmp_path / name).write_text(code)
    (tmp_path / "event.json").write_text(json.dumps(given))
    function = f"{tmp_path / name}{handler}"
    return CliRunner().invoke(main, ["invoke", function, "--event", str(tmp_path / "event.json"), *options])


REWRITE = """
def lambda_handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    request["uri"] = "/b"
    print("seen")
    return request
"""


def test_payload_report_log_and_no_verdict(tmp_path: Path) -> None:
    result = invoke(tmp_path, "rewrite.py", REWRITE, event())
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert list(answer) == ["Payload", "FunctionError", "Report", "Logs", "Verdict"]
    assert answer["Payload"]["uri"] == "/b"
    assert (answer["FunctionError"], answer["Verdict"]) == (None, None)
    assert list(answer["Report"]) == [
        *("RequestId", "DurationMs", "BilledDurationMs", "InitDurationMs", "MemorySizeMb", "MaxMemoryUsedMb")
    ]
    assert answer["Report"]["InitDurationMs"] > 0
    assert any("seen" in line for line in answer["Logs"])


@pytest.mark.skipif(node_program() is None, reason="there is no node on this machine")
def test_a_node_handler_by_its_name(tmp_path: Path) -> None:
    code = "export const main = async (event) => ({status: '302', headers: {location: [{value: '/x'}]}});"
    result = invoke(tmp_path, "redirect.mjs", code, event(), handler=":main")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["Payload"]["status"] == "302"


def test_a_handler_that_raises(tmp_path: Path) -> None:
    result = invoke(tmp_path, "broken.py", "def handler(event, context):\n    raise ValueError('no')\n", event())
    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert answer["FunctionError"] == "Unhandled"
    assert (answer["Payload"]["errorType"], answer["Payload"]["errorMessage"]) == ("ValueError", "no")
    assert answer["Verdict"]["status"] == 503
    assert answer["Verdict"]["x_cache"] == "LambdaExecutionError from cloudfront"


ORIGIN = {
    "custom": {
        "customHeaders": {},
        "domainName": "o.example.org",
        "path": "",
        "port": 443,
        "protocol": "https",
        "keepaliveTimeout": 5,
        "readTimeout": 30,
        "sslProtocols": ["TLSv1.2"],
    }
}
RESPONSE = {"status": "200", "statusDescription": "OK", "headers": {"via": [{"key": "Via", "value": "1.1 x"}]}}


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        (event(), "return None", "object type"),
        (event(), "return {**cf['request'], 'uri': 'b'}", "slash"),
        (
            event("origin-request", request={**REQUEST, "origin": ORIGIN}),
            "cf['request']['origin']['custom']['port'] = 1; return cf['request']",
            "port",
        ),
        (
            event("origin-response", response=RESPONSE),
            "del cf['response']['headers']['via']; return cf['response']",
            "Via",
        ),
        (event("viewer-response", response=RESPONSE), "return {**cf['response'], 'status': '404'}", "status"),
    ],
)
def test_the_verdict_says_what_cloudfront_refuses(tmp_path: Path, given: Any, code: str, words: str) -> None:
    source = f"def handler(event, context):\n    cf = event['Records'][0]['cf']\n    {code}\n"
    result = invoke(tmp_path, "function.py", source, given)
    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert answer["FunctionError"] is None
    assert answer["Verdict"]["status"] == 502
    assert words in answer["Verdict"]["reason"]


@pytest.mark.parametrize(
    "given",
    [
        event(),
        event("origin-request", request={**REQUEST, "origin": ORIGIN}),
        event("origin-response", response=RESPONSE),
        event("viewer-response", response=RESPONSE),
    ],
)
def test_what_comes_back_as_it_was_is_fine_at_each_event(tmp_path: Path, given: Any) -> None:
    source = "def handler(event, context):\n    cf = event['Records'][0]['cf']\n    "
    source += "return cf.get('response') or cf['request']\n"
    assert invoke(tmp_path, "same.py", source, given).exit_code == 0


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"Records": []}, "Records[0].cf must have"),
        (event("viewer-nothing"), "viewer-nothing"),
        (event("origin-response"), "has a response"),
    ],
)
def test_an_event_that_is_none_says_what_it_lacks(tmp_path: Path, given: Any, words: str) -> None:
    result = invoke(tmp_path, "rewrite.py", REWRITE, given)
    assert result.exit_code == 1
    assert words in result.output


def test_a_file_that_is_no_handler_is_wrong_usage(tmp_path: Path) -> None:
    assert invoke(tmp_path, "notes.txt", "x", event()).exit_code == 2
