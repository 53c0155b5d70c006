"""Promises of edge/logs/request_log.py: a line for a person, an object for a program."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest

from edge.logs.request_log import RequestLog, line
from edge.model.distribution import Behavior
from edge.model.function import CloudFrontFunction, EventType, Returned, Threw, Usage
from edge.model.headers import Headers
from edge.model.note import Note
from edge.model.origin import OriginTimings
from edge.model.path_pattern import PathPattern
from edge.model.request import Request
from edge.model.response import Response
from edge.model.result_type import ResultType
from edge.model.served import Served
from edge.model.trail import FunctionRun, OriginContact, Trail
from edge.model.viewer import Viewer

STARTED = 1_000.25
API = Behavior("api", PathPattern("/api/*"))
REWRITE = CloudFrontFunction("rewrite", "", source_name="src/rewrite.js")


def served(status: int = 200, result: ResultType = ResultType.HIT, trail: Trail | None = None) -> Served:
    trail = trail or Trail()
    trail.started, trail.behavior = STARTED, trail.behavior or API
    request = Request("GET", "/api/items", "x=1", Headers((("Host", "localhost"),)))
    return Served(Response(status), (), result, request, Viewer("127.0.0.1"), "id==", trail)


def shown(one: Served, complete: bool = True) -> list[str]:
    return re.sub(r"\x1b\[[0-9;]*m", "", line(one, complete, 12.34)).split("\n")


def test_a_request_is_a_line() -> None:
    """When, what status, from where, how long, which behavior, what was asked for, and what each function cost."""
    run = FunctionRun("rewrite", EventType.VIEWER_REQUEST, Returned({}, (), Usage(14, 45.2, 1_000)))
    (only,) = shown(served(trail=Trail(functions=[run])))
    assert re.fullmatch(
        r"\d\d:\d\d:\d\d\.250  200  Hit +12\.3 ms  /api/\* +GET /api/items\?x=1  rewrite 45 µs \(14 %\)", only
    )


def test_a_long_url_is_cut_for_a_person_and_whole_for_a_program() -> None:
    """A line stays a line."""
    one = served()
    one = one._replace(request=one.request._replace(query="x" * 5_000))
    (only,) = shown(one)
    assert only.endswith("x… (5,011 characters)")
    assert len(only) < 300
    stream = StringIO()
    RequestLog(lambda: STARTED, json=True, stream=stream)(one, 0, True)
    assert json.loads(stream.getvalue())["target"] == one.request.target


def test_what_a_function_said_and_why_it_failed_stands_below() -> None:
    """With the file, and the line if there is one."""
    threw = Threw("TypeError: x is undefined", 3, 5, (), ("looking at x",), Usage(14, 45.2, 1_000))
    trail = Trail(
        functions=[FunctionRun("rewrite", EventType.VIEWER_REQUEST, threw)],
        notes=[Note("function.threw", "the function threw")],
        behavior=replace(API, functions={EventType.VIEWER_REQUEST: REWRITE}),
    )
    first, *below = shown(served(503, ResultType.FUNCTION_EXECUTION_ERROR, trail))
    assert "rewrite Threw" in first
    assert below[0] == "    src/rewrite.js  looking at x"
    assert any("rewrite.js:3" in text for text in below)
    assert any("TypeError: x is undefined" in text for text in below)
    assert below[-1] == "    function.threw  the function threw"


def test_a_viewer_who_left_is_not_taken_for_an_origin_that_broke_off() -> None:
    """The one is nobody's fault; the other says what happened."""
    (left,) = shown(served(), complete=False)
    assert left.endswith("viewer left")
    trail = Trail(notes=[Note("answer.broken_off", "the answer broke off: {}", ("the origin closed",))])
    first, below = shown(served(trail=trail), complete=False)
    assert first.endswith("broken off")
    assert below.strip() == "answer.broken_off  the answer broke off: the origin closed"


def test_a_websocket_that_no_policy_lets_through_is_explained_whatever_the_origin_answers() -> None:
    """Dev servers answer the handshake with a page or with 400, and neither says why."""
    note = Note("origin_request.websocket_headers", "no policy forwards Sec-WebSocket-*")
    for status in (200, 400):
        assert shown(served(status, trail=Trail(notes=[note])))[1].endswith("no policy forwards Sec-WebSocket-*")


def test_a_viewer_who_left_before_the_answer_has_no_status() -> None:
    """000, as in CloudFront's logs."""
    (only,) = shown(served(0, ResultType.ERROR), complete=False)
    assert "  000  Error" in only


@pytest.mark.parametrize("complete", [True, False])
def test_for_a_program_it_is_an_object_a_line(complete: bool) -> None:
    """One for each request, on the stream that it is given."""
    stream = StringIO()
    contact = OriginContact("api", "/items", 200, "", OriginTimings(), Headers(), Headers())
    log = RequestLog(lambda: STARTED + 0.5, json=True, stream=stream)
    log(served(trail=Trail(origins=[contact])), 17, complete)
    log(served(404, ResultType.ERROR), 0, True)
    first, second = (json.loads(text) for text in stream.getvalue().splitlines())
    expected: dict[str, Any] = {
        "time": STARTED,
        "status": 200,
        "x_cache": "Hit from cloudfront",
        "detailed_result": "Hit",
        "method": "GET",
        "host": "localhost",
        "target": "/api/items?x=1",
        "behavior": "/api/*",
        "duration_ms": 500.0,
        "body_bytes": 17,
        "complete": complete,
        "broken_off": None,
        "viewer": "127.0.0.1",
        "http_version": "1.1",
        "request_id": "id==",
        "functions": [],
        "origins": [{"id": "api", "status": 200, "failure": None}],
    }
    assert first == expected
    assert second["status"] == 404
