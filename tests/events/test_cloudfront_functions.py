"""The event objects of CloudFront Functions."""

from __future__ import annotations

from typing import Any

from edge.events.cloudfront_functions import viewer_request_event, viewer_response_event
from edge.model.distribution import Behavior, Distribution
from edge.model.headers import Headers, Line
from edge.model.request import Request
from edge.model.response import Response

SITE = Distribution("E1EXAMPLE", "d1.cloudfront.net", {}, (Behavior("site"),))


def event(path: str = "/", query: str | None = None, *lines: Line) -> Any:
    return viewer_request_event(Request("GET", path, query, Headers(lines)), "203.0.113.7", SITE, "id==")


def test_the_whole_event_of_a_viewer_request() -> None:
    """Every member, in AWS's shape."""
    assert event(
        "/shop/caf%C3%A9", "q=red%20shoes&flag", ("Host", "www.example.org"), ("Cookie", "Sid=s-1; ab=1; ab=2")
    ) == {
        "version": "1.0",
        "context": {
            "distributionDomainName": "d1.cloudfront.net",
            "distributionId": "E1EXAMPLE",
            "eventType": "viewer-request",
            "requestId": "id==",
        },
        "viewer": {"ip": "203.0.113.7"},
        "request": {
            "method": "GET",
            "uri": "/shop/caf%C3%A9",
            "querystring": {"q": {"value": "red%20shoes"}, "flag": {"value": ""}},
            "headers": {"host": {"value": "www.example.org"}},
            "cookies": {"Sid": {"value": "s-1"}, "ab": {"value": "1", "multiValue": [{"value": "1"}, {"value": "2"}]}},
        },
    }


def test_multivalue_is_for_repeated_lines_only() -> None:
    """One line with commas is one value; two lines are two, the first in `value`."""
    headers = event("/", None, ("X-One", "p, q"), ("Accept", "text/html"), ("accept", "*/*"))["request"]["headers"]
    assert headers["x-one"] == {"value": "p, q"}
    assert headers["accept"] == {"value": "text/html", "multiValue": [{"value": "text/html"}, {"value": "*/*"}]}


def test_trap_16_a_parameter_without_a_value_is_empty() -> None:
    """?flag and ?flag= look the same."""
    assert event("/", "flag")["request"]["querystring"] == event("/", "flag=")["request"]["querystring"]


def test_disallowed_headers_are_not_shown() -> None:
    """Functions do not see hop-by-hop headers and the edge's own."""
    lines = (("Connection", "close"), ("X-Edge-Thing", "1"), ("X-Amz-Cf-Id", "1"), ("X-Forwarded-Host", "a"))
    assert list(event("/", None, *lines)["request"]["headers"]) == ["x-forwarded-host"]


def test_bytes_that_are_utf8_are_shown_as_text_and_others_as_latin1() -> None:
    """UTF-8 when it is, ISO-8859-1 when it is not."""
    wire = "é".encode().decode("latin-1")
    headers = event("/", None, ("X-Utf", wire), ("X-Latin", "\xe9"))["request"]["headers"]
    assert (headers["x-utf"]["value"], headers["x-latin"]["value"]) == ("é", "é")


def test_the_response_of_a_viewer_response_event() -> None:
    """Status as a number, Set-Cookie under cookies with its attributes verbatim, no body."""
    lines = (
        ("Content-Type", "text/html"),
        ("Set-Cookie", "Sid=n-2; Path=/; Secure"),
        ("Set-Cookie", "Sid=n-3; Path=/admin"),
        ("Set-Cookie", "plain=1"),
    )
    made: Any = viewer_response_event(
        Request("GET", "/"), Response(200, Headers(lines), b"secret"), "203.0.113.7", SITE, "id=="
    )
    assert made["context"]["eventType"] == "viewer-response"
    assert made["response"] == {
        "statusCode": 200,
        "statusDescription": "OK",
        "headers": {"content-type": {"value": "text/html"}},
        "cookies": {
            "Sid": {
                "value": "n-2",
                "attributes": "Path=/; Secure",
                "multiValue": [
                    {"value": "n-2", "attributes": "Path=/; Secure"},
                    {"value": "n-3", "attributes": "Path=/admin"},
                ],
            },
            "plain": {"value": "1"},
        },
    }
