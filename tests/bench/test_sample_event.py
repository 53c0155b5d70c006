"""A sample event gives the workload's requests their headers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edge.bench.sample_event import SampleEventError, beside, read


def put(folder: Path, name: str, event: object) -> Path:
    path = folder / name
    path.write_text(json.dumps(event))
    return path


def test_an_event_of_a_cloudfront_function_is_a_request(tmp_path: Path) -> None:
    headers = {"host": {"value": "a.test"}, "accept": {"value": "x", "multiValue": [{"value": "x"}, {"value": "y"}]}}
    request = {
        "method": "POST",
        "uri": "/cart",
        "querystring": {"a": {"value": "1"}, "b": {"value": ""}},
        "headers": headers,
        "cookies": {"variant": {"value": "a"}},
    }
    found = read(put(tmp_path, "event.json", {"request": request}))
    assert (found.method, found.target) == ("POST", "/cart?a=1&b")
    assert found.headers.lines == (("host", "a.test"), ("accept", "x"), ("accept", "y"), ("Cookie", "variant=a"))


def test_an_event_of_lambda_at_edge_is_a_request(tmp_path: Path) -> None:
    headers = {"host": [{"key": "Host", "value": "a.test"}]}
    request = {"method": "GET", "uri": "/a", "querystring": "b=c", "headers": headers}
    found = read(put(tmp_path, "event.json", {"Records": [{"cf": {"request": request}}]}))
    assert (found.target, found.headers.lines) == ("/a?b=c", (("Host", "a.test"),))


def test_a_request_without_a_host_gets_one(tmp_path: Path) -> None:
    assert read(put(tmp_path, "event.json", {"request": {}})).host == "www.example.com"


@pytest.mark.parametrize("event", [{}, [], {"request": []}, {"Records": []}])
def test_what_is_no_event_is_refused_by_name(tmp_path: Path, event: object) -> None:
    with pytest.raises(SampleEventError, match=r"event\.json: not an event"):
        read(put(tmp_path, "event.json", event))


def test_the_event_beside_a_function_is_found_for_its_twin_too(tmp_path: Path) -> None:
    assert beside(tmp_path / "function.js") is None
    event = put(tmp_path, "event.json", {})
    assert beside(tmp_path / "function.js") == event
    assert beside(tmp_path / "lambda/index.mjs") == event
    own = put(tmp_path, "assign.event.json", {})
    assert beside(tmp_path / "assign.js") == own
