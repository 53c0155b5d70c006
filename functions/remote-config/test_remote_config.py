"""What remote-config promises."""

import json
from pathlib import Path

import pytest

URL = "https://config.example.com/experiment.json"


@pytest.fixture
def fn(lambda_edge):
    return lambda_edge("index.mjs")


def uri(fn, variant=None):
    """Where a request for /shoes goes."""
    event = json.loads(Path(__file__).with_name("event.json").read_text())
    request = event["Records"][0]["cf"]["request"]
    request["uri"] = "/shoes"
    if variant is not None:
        request["headers"]["cookie"] = [{"key": "Cookie", "value": f"a=1; variant={variant}"}]
    return fn.run(event).request.uri


def test_a_variant_has_its_folder(fn, outbound):
    outbound.get(URL).replies(200, {}, {"folders": {"b": "variant-b"}})
    assert uri(fn, "b") == "/variant-b/shoes"
    assert uri(fn, "a") == "/shoes"
    assert uri(fn) == "/shoes"


def test_the_configuration_is_fetched_once_a_minute(fn, outbound, clock):
    outbound.get(URL).replies(200, {}, {"folders": {}})
    for _ in range(3):
        uri(fn)
    assert len(outbound.requests) == 1
    clock.advance(seconds=61)
    uri(fn)
    assert len(outbound.requests) == 2


def test_a_cold_start_fetches_it_anew(fn, outbound):
    outbound.get(URL).replies(200, {}, {"folders": {}})
    uri(fn)
    uri(fn.cold())
    assert len(outbound.requests) == 2


def test_the_last_configuration_goes_on_when_it_cannot_be_had(fn, outbound, clock):
    outbound.get(URL).replies(200, {}, {"folders": {"b": "variant-b"}}).replies(503)
    assert uri(fn, "b") == "/variant-b/shoes"
    clock.advance(seconds=61)
    assert uri(fn, "b") == "/variant-b/shoes"
    assert len(outbound.requests) == 2
