"""What functions log, in CloudWatch's shape."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from edge.logs.function_logs import FunctionLogs, custom_data
from edge.model import quotas
from edge.model.distribution import Behavior, Distribution
from edge.model.edge_location import DEFAULT_EDGE_LOCATION
from edge.model.function import (
    CloudFrontFunction,
    EventType,
    FunctionCall,
    FunctionOutcome,
    Invalid,
    LambdaFunction,
    LambdaReport,
    Returned,
    Threw,
)
from edge.model.managed_policies import cache_policy
from edge.model.origin import Origin
from edge.testing import Playbook
from edge.testing.engine import NO_STORES, engine

LOGS = "console.log('hello', event.request.uri); console.log({ a: [1] });"
GOOD = f"function handler(event) {{ {LOGS} return event.request; }}"


def site(code: str) -> Distribution:
    function = CloudFrontFunction("rewrite", code)
    behavior = Behavior(
        "site", cache_policy=cache_policy("CachingOptimized"), functions={EventType.VIEWER_REQUEST: function}
    )
    return Distribution("E1EXAMPLE", "d1example.cloudfront.net", {"site": Origin("site", "a.example")}, (behavior,))


def logged(
    folder: Path, code: str, run: Callable[[FunctionCall], FunctionOutcome] = lambda call: engine().run(call, NO_STORES)
) -> list[tuple[str, list[str]]]:
    """Each file (its path without the stream's UUID), and the messages in it without their times."""
    play = Playbook(site(code), functions=run)
    FunctionLogs(folder, "E1EXAMPLE")(play.get("/a").served, 0, True)
    return [
        (str(path.parent.relative_to(folder)), [line.partition(" ")[2] for line in path.read_text().splitlines()])
        for path in sorted(folder.rglob("*.log"))
    ]


def test_a_run_is_framed_by_start_and_end(tmp_path: Path) -> None:
    """In the function's log group, in a stream of the day; each message begins with the id of the request."""
    play = Playbook(site(GOOD), functions=lambda call: engine().run(call, NO_STORES))
    talk = play.get("/a")
    talk.origin_answers(200, "page")
    served = talk.served
    FunctionLogs(tmp_path, "E1EXAMPLE")(served, 0, True)
    (path,) = tmp_path.rglob("*.log")
    year, month, day = path.relative_to(tmp_path / "aws/cloudfront/function/rewrite").parts[:3]
    assert not month.startswith("0")
    assert not day.startswith("0")
    lines = path.read_text().splitlines()
    assert all(line.startswith(f"{year}-{int(month):02}-{int(day):02}T") for line in lines)
    id = served.request_id
    assert [line.partition(" ")[2] for line in lines] == [
        f"{id} START DistributionID: E1EXAMPLE",
        f"{id} hello /a",
        f"{id} {{a:[1]}}",
        f"{id} END",
    ]


def test_a_run_that_failed_has_what_it_logged_before(tmp_path: Path) -> None:
    """The error itself is not in the log, as at CloudFront."""
    ((group, messages),) = logged(tmp_path, f"function handler(event) {{ {LOGS} throw new Error('no'); }}")
    assert group.startswith("aws/cloudfront/function/rewrite/")
    assert len(messages) == 4
    assert "no" not in " ".join(messages)


@pytest.mark.parametrize("outcome", [Threw("Error: x"), Invalid("SyntaxError: x")])
def test_trap_41_a_run_without_console_log_has_no_log_stream(tmp_path: Path, outcome: FunctionOutcome) -> None:
    """However it ended."""
    assert logged(tmp_path, GOOD, lambda call: outcome) == []


def test_trap_42_a_log_of_more_than_10_kb_is_cut(tmp_path: Path) -> None:
    """The ids in front do not count."""
    code = "function handler(event) { for (var i = 0; i < 12; i++) console.log('x'.repeat(1000)); throw 1; }"
    ((_, messages),) = logged(tmp_path, code)
    texts = [message.partition(" ")[2] for message in messages[1:-1]]
    assert sum(map(len, texts)) == quotas.FUNCTION_LOG_MAX_BYTES
    assert [len(text) for text in texts] == [1000] * 10 + [240]


def test_trap_41_several_arguments_are_one_line(tmp_path: Path) -> None:
    """Joined by spaces; none is an empty line, which is logged too."""
    ((_, messages),) = logged(tmp_path, "function handler(event) { console.log(); console.log(1, 'b'); throw 1; }")
    assert [message.partition(" ")[2] for message in messages[1:-1]] == ["", "1 b"]


def test_logs_of_several_requests_stand_one_after_the_other(tmp_path: Path) -> None:
    """In the same stream."""
    logs = FunctionLogs(tmp_path, "E1EXAMPLE")
    failing = Returned(None, ("one",))
    play = Playbook(site(GOOD), functions=lambda call: failing)
    for _ in range(2):
        logs(play.get("/a").served, 0, True)
    (path,) = tmp_path.rglob("*.log")
    assert len(path.read_text().splitlines()) == 6


def test_custom_data_goes_into_the_access_log_encoded_and_cut() -> None:
    """A field for each event; 800 bytes after encoding."""
    outcomes = iter([Returned({"uri": "/a"}, log_data='{"a":"é"}'), Returned({"uri": "/a"}, log_data="x" * 801)])
    play = Playbook(site(GOOD), functions=lambda call: next(outcomes))
    found = []
    for _ in range(2):
        talk = play.get("/a")
        found.append(custom_data((talk if talk.asked is None else talk.origin_answers(200, "page")).served))
    assert found == [
        {"viewer-request-log-data": "%7B%22a%22%3A%22%C3%A9%22%7D"},
        {"viewer-request-log-data": "x" * quotas.FUNCTION_LOG_DATA_MAX_BYTES},
    ]


REPORT = LambdaReport("8476a536-e9f4-11e8-9739-2dfe598c3fcd", 1.5, 2, 128, 60, environment=3)


def at_the_origin(outcome: Returned) -> Playbook:
    """A site with a Lambda@Edge function at origin request, which ends like this."""
    function = LambdaFunction("resize", "7", "/code", "index.handler", "nodejs20.x")
    behavior = Behavior(
        "site", cache_policy=cache_policy("CachingOptimized"), functions={EventType.ORIGIN_REQUEST: function}
    )
    site = Distribution("E1EXAMPLE", "d1example.cloudfront.net", {"site": Origin("site", "a.example")}, (behavior,))
    return Playbook(site, functions=lambda call: outcome)


def test_a_lambda_function_logs_in_the_region_where_it_ran(tmp_path: Path) -> None:
    """All of its lines, those of the platform too, in a stream of the environment."""
    lines = ("START RequestId: 1 Version: 7", "2026-01-31T12:00:00.250Z\t1\tINFO\thello", "END RequestId: 1")
    logs = FunctionLogs(tmp_path, "E1EXAMPLE")
    for environment in (3, 3, 4):
        ended = Returned({"status": "200"}, lines, report=replace(REPORT, environment=environment))
        logs(at_the_origin(ended).get("/a").served, 0, True)
    first, second = sorted(tmp_path.rglob("*.log"), key=lambda path: path.stat().st_size, reverse=True)
    group = tmp_path / DEFAULT_EDGE_LOCATION.regional_edge_cache / "aws/lambda/us-east-1.resize"
    year, month, day, stream = first.relative_to(group).parts
    assert (len(year), len(month), len(day)) == (4, 2, 2)
    assert re.fullmatch(r"\[7\][0-9a-f]{32}\.log", stream)
    assert second.relative_to(group)
    assert [line.partition(" ")[2] for line in first.read_text().splitlines()] == [*lines, *lines]


def test_an_environment_has_one_stream_whichever_process_writes(tmp_path: Path) -> None:
    """An environment's events may come from several workers."""
    ended = Returned({"status": "200"}, ("hello",), report=REPORT)
    stream = uuid4()
    for process in (FunctionLogs(tmp_path, "E1EXAMPLE", stream), FunctionLogs(tmp_path, "E1EXAMPLE", stream)):
        process(at_the_origin(ended).get("/a").served, 0, True)
    (path,) = tmp_path.rglob("*.log")
    assert [line.partition(" ")[2] for line in path.read_text().splitlines()] == ["hello", "hello"]


def test_what_is_wrong_with_a_result_is_in_the_log_of_the_distribution(tmp_path: Path) -> None:
    """Where the function has a log of its own, and where it said nothing."""
    served = at_the_origin(Returned({"status": "700"}, report=REPORT)).get("/a").served
    FunctionLogs(tmp_path, "E1EXAMPLE")(served, 0, True)
    (path,) = tmp_path.rglob("*.log")
    group = tmp_path / DEFAULT_EDGE_LOCATION.regional_edge_cache / "aws/cloudfront/LambdaEdge/E1EXAMPLE"
    assert path.relative_to(group)
    (line,) = path.read_text().splitlines()
    assert line.partition(" ")[2].startswith(f"({served.request_id}) ERROR Validation error: ")
    assert "700" in line
