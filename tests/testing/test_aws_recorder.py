"""Recording what AWS answers, from an endpoint of our own with the HTTP shape of CloudFront's API, and replaying it."""

from __future__ import annotations

import base64
import json
import re
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import boto3
import pytest

from edge.testing import HarnessError
from edge.testing.aws_recorder import AwsRecorder
from edge.testing.cases import CaseFile, read
from edge.testing.recordings import read as read_recording

pytest_plugins = ["pytester"]

CODE = "function handler(event) { console.log('ran'); event.request.uri = '/new'; return event.request; }"
EVENT = {"version": "1.0", "viewer": {"ip": "203.0.113.9"}, "request": {"method": "GET", "uri": "/old"}}
OUTPUT = {"request": {"method": "GET", "uri": "/new", "querystring": {}, "headers": {}, "cookies": {}}}
NAMESPACE = 'xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"'


class FakeCloudFront(ThreadingHTTPServer):
    """CreateFunction, TestFunction and DeleteFunction, as far as a recording needs them."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, str, str, bytes]] = []
        self.answer: dict[str, Any] = {"FunctionOutput": json.dumps(OUTPUT), "FunctionExecutionLogs": ["ran"]}


class _Handler(BaseHTTPRequestHandler):
    server: FakeCloudFront

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.asked.append((self.command, self.path, self.headers.get("if-match", ""), body))
        if self.path.endswith("/test"):
            self._reply(200, _test_result(self.server.answer))
        else:
            self._reply(201, f"<FunctionSummary {NAMESPACE}><Name>x</Name></FunctionSummary>")

    def do_DELETE(self) -> None:
        self.server.asked.append((self.command, self.path, self.headers.get("if-match", ""), b""))
        self._reply(204, "")

    def _reply(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("ETag", "ETAG1")
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def _test_result(answer: dict[str, Any]) -> str:
    logs = "".join(f"<member>{escape(line)}</member>" for line in answer.get("FunctionExecutionLogs", []))
    return (
        f"<TestResult {NAMESPACE}><ComputeUtilization>21</ComputeUtilization>"
        f"<FunctionExecutionLogs>{logs}</FunctionExecutionLogs>"
        f"<FunctionErrorMessage>{escape(answer.get('FunctionErrorMessage', ''))}</FunctionErrorMessage>"
        f"<FunctionOutput>{escape(answer.get('FunctionOutput', ''))}</FunctionOutput></TestResult>"
    )


@pytest.fixture
def cloudfront() -> Iterator[FakeCloudFront]:
    server = FakeCloudFront()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def recorder(cloudfront: FakeCloudFront) -> AwsRecorder:
    return AwsRecorder(
        boto3.client(
            "cloudfront",
            endpoint_url=f"http://127.0.0.1:{cloudfront.server_port}",
            region_name="us-east-1",
            aws_access_key_id="key",
            aws_secret_access_key="secret",
        )
    )


@pytest.fixture
def table(tmp_path: Path) -> CaseFile:
    (tmp_path / "redirect.js").write_text(CODE)
    cases = tmp_path / "redirect.cases.json"
    cases.write_text(json.dumps([{"name": "old", "event": EVENT}]))
    return read(cases)


def test_a_function_is_created_tested_and_deleted(
    cloudfront: FakeCloudFront, recorder: AwsRecorder, table: CaseFile
) -> None:
    """Under a name of its own, in DEVELOPMENT, once for all its cases."""
    recorder.record(table, "old", EVENT)
    recorder.record(table, "again", EVENT)
    recorder.close()
    create, test, again, delete = cloudfront.asked
    assert (create[0], create[1]) == ("POST", "/2020-05-31/function")
    assert base64.b64encode(CODE.encode()) in create[3]
    assert b"<Runtime>cloudfront-js-2.0</Runtime>" in create[3]
    name = re.search(rb"<Name>(edge-record-[0-9a-f]{8}-redirect)</Name>", create[3])
    assert name is not None
    path = f"/2020-05-31/function/{name[1].decode()}"
    assert [one[:3] for one in (test, again)] == [("POST", f"{path}/test", "ETAG1")] * 2
    assert base64.b64encode(json.dumps(EVENT).encode()) in test[3]
    assert b"<Stage>DEVELOPMENT</Stage>" in test[3]
    assert delete[:3] == ("DELETE", path, "ETAG1")


def test_what_came_back_is_kept_beside_the_function(recorder: AwsRecorder, table: CaseFile) -> None:
    """Event and TestResult, for this version of the code."""
    recorder.record(table, "old", EVENT)
    recorder.close()
    recording = read_recording(table.function)
    assert recording.file.name == "redirect.recorded.json"
    assert recording.is_of(CODE, "cloudfront-js-2.0")
    assert not recording.is_of(CODE, "cloudfront-js-1.0")
    assert recording.cases["old"]["event"] == EVENT
    assert recording.cases["old"]["result"] == {
        "FunctionOutput": json.dumps(OUTPUT),
        "ComputeUtilization": "21",
        "FunctionErrorMessage": "",
        "FunctionExecutionLogs": ["ran"],
    }


def test_a_function_with_a_store_needs_the_store_on_aws(recorder: AwsRecorder, tmp_path: Path) -> None:
    """Its ARN goes with the function."""
    (tmp_path / "keys.js").write_text(CODE)
    without = CaseFile(tmp_path / "keys.js", (), kvs={"a": "b"})
    with pytest.raises(HarnessError, match="give its ARN on AWS as kvs_arn"):
        recorder.record(without, "a", EVENT)


def test_a_recording_is_replayed_offline(recorder: AwsRecorder, table: CaseFile, project: pytest.Pytester) -> None:
    """What is the same as on AWS passes."""
    recorder.record(table, "old", EVENT)
    recorder.close()
    project.runpytest(str(table.function.parent)).assert_outcomes(passed=1)


def test_what_differs_from_aws_fails_with_the_difference(
    cloudfront: FakeCloudFront, recorder: AwsRecorder, table: CaseFile, project: pytest.Pytester
) -> None:
    """Output, logs and error message."""
    theirs = {"request": {**OUTPUT["request"], "uri": "/newer"}}
    cloudfront.answer = {"FunctionOutput": json.dumps(theirs), "FunctionExecutionLogs": ["ran", "twice"]}
    recorder.record(table, "old", EVENT)
    recorder.close()
    result = project.runpytest(str(table.function.parent))
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "FunctionExecutionLogs: AWS answered *'ran', 'twice'*, and here it is *'ran'*",
            "FunctionOutput, - from AWS, + here:",
            "- uri: /newer",
            "+ uri: /new",
        ]
    )


def test_a_recording_of_other_code_is_not_compared_and_said_to_be_stale(
    cloudfront: FakeCloudFront, recorder: AwsRecorder, table: CaseFile, project: pytest.Pytester
) -> None:
    """An edit must not need AWS to be tested."""
    cloudfront.answer = {"FunctionErrorMessage": "something else"}
    recorder.record(table, "old", EVENT)
    recorder.close()
    table.function.write_text(CODE + "\n// edited\n")
    result = project.runpytest(str(table.function.parent))
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["1 recordings are of an earlier version of the code and were not compared*"])


def test_one_option_records_a_run_of_tables(
    cloudfront: FakeCloudFront, table: CaseFile, project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`pytest --edge-record` sends what the requests stand for."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFRONT", f"http://127.0.0.1:{cloudfront.server_port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    cases = table.function.parent / "redirect.cases.json"
    cases.write_text(json.dumps([{"name": "asked", "request": "/old?x=1", "expect": {"uri": "/new"}}]))
    project.runpytest(str(table.function.parent), "--edge-record").assert_outcomes(passed=1)
    kept = read_recording(table.function).cases["asked"]["event"]
    assert kept["request"]["querystring"] == {"x": {"value": "1"}}
    assert cloudfront.asked[-1][0] == "DELETE"


def test_recording_without_boto3_says_what_to_install(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one line."""
    monkeypatch.setitem(sys.modules, "boto3", None)
    project.makepyfile("def test_it(): pass")
    result = project.runpytest("--edge-record")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: recording needs boto3: pip install 'edge-on-a-laptop[[]record]'"])
