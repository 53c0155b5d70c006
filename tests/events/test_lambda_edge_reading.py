"""Promises of edge/events/lambda_edge_reading.py: what an exchange builds is read back and judged alike."""

from __future__ import annotations

from typing import Any

import pytest

from edge.events import lambda_edge, lambda_edge_reading
from edge.events.lambda_body import ShownBody
from edge.model.distribution import Behavior, Distribution
from edge.model.function import EventType
from edge.model.headers import Headers
from edge.model.no_event import NoEvent
from edge.model.origin import Origin, OriginAttempt, OriginKind, OriginRequest
from edge.model.request import Request
from edge.model.response import Response

SITE = Distribution("E1", "d1.cloudfront.net", {}, (Behavior("app"),))
HEADERS = Headers([("Host", "www.example.org"), ("Accept", "*/*"), ("X-A", "1"), ("X-A", "2")])
REQUEST = Request("POST", "/form", "a=1", HEADERS, b"body")
CUSTOM = Origin(
    "app", "app.example.org", path="/base", custom_headers=(("X-Secret", "s"),), protocol_policy="https-only"
)
BUCKET = Origin(
    "app", "b.s3.eu-west-1.amazonaws.com", OriginKind.S3, origin_access_identity="i", protocol_policy="https-only"
)
RESPONSE = Response(200, Headers([("Content-Type", "text/plain"), ("Via", "1.1 x")]), b"", None)


def attempt(origin: Origin) -> OriginAttempt:
    return OriginAttempt(
        origin, OriginRequest("GET", f"{origin.path}/p?v=2", HEADERS.plus(origin.custom_headers), b""), "https"
    )


EVENTS: list[Any] = [
    lambda_edge.viewer_request_event(REQUEST, "192.0.2.1", SITE, "id", ShownBody(b"body", False)),
    lambda_edge.origin_request_event(attempt(CUSTOM), "192.0.2.1", SITE, "id"),
    lambda_edge.origin_request_event(attempt(BUCKET), "192.0.2.1", SITE, "id"),
    lambda_edge.origin_response_event(attempt(CUSTOM), RESPONSE, "192.0.2.1", SITE, "id"),
    lambda_edge.viewer_response_event(REQUEST, RESPONSE, "192.0.2.1", SITE, "id"),
]


@pytest.mark.parametrize("event", EVENTS)
def test_what_an_exchange_builds_is_read_back(event: Any) -> None:
    """A handler that returns what it got has changed nothing."""
    read = lambda_edge_reading.read(event)
    assert (read.distribution.id, read.request_id) == ("E1", "id")
    assert read.event_type is EventType(event["Records"][0]["cf"]["config"]["eventType"])
    assert lambda_edge_reading.judge(read, read.cf.get("response", read.cf["request"])) is None


@pytest.mark.parametrize("event", EVENTS)
def test_what_cloudfront_refuses_is_a_violation(event: Any) -> None:
    assert lambda_edge_reading.judge(lambda_edge_reading.read(event), "text") is not None


@pytest.mark.parametrize("event", [None, {}, {"Records": [{}]}, {"Records": [{"cf": {"config": {}, "request": {}}}]}])
def test_what_is_no_event_says_so(event: Any) -> None:
    with pytest.raises(NoEvent, match="Records"):
        lambda_edge_reading.read(event)
