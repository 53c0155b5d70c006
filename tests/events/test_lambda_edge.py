"""The event objects of Lambda@Edge, member for member."""

from __future__ import annotations

from typing import Any

from edge.events.lambda_body import ShownBody
from edge.events.lambda_edge import (
    origin_request_event,
    origin_response_event,
    viewer_request_event,
    viewer_response_event,
)
from edge.model.distribution import Behavior, Distribution
from edge.model.headers import Headers
from edge.model.origin import Origin, OriginAttempt, OriginKind, OriginRequest
from edge.model.request import Request
from edge.model.response import Response

SITE = Distribution("E2SIM0000EXAMP", "d2sim00000.cloudfront.net", {}, (Behavior("app"),))
CUSTOM = Origin("app", "app.example.org", path="/base", custom_headers=(("X-Origin-Secret", "s3cr3t"),))
ATTEMPT = OriginAttempt(
    CUSTOM,
    OriginRequest(
        "GET",
        "/base/p/1?v=2",
        Headers(
            (
                ("Host", "app.example.org"),
                ("User-Agent", "Amazon CloudFront"),
                ("Via", "2.0 0f3c.cloudfront.net (CloudFront)"),
                ("X-Forwarded-For", "198.51.100.23"),
                ("X-Amz-Cf-Id", "q1=="),
                ("X-Origin-Secret", "s3cr3t"),
            )
        ),
        b"",
    ),
    "https",
)
NOT_FOUND = Response(404, Headers((("Content-Type", "text/plain"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))))


def cf(event: Any) -> Any:
    """The one record's content."""
    (record,) = event["Records"]
    return record["cf"]


def config(event_type: str) -> dict[str, str]:
    return {
        "distributionDomainName": "d2sim00000.cloudfront.net",
        "distributionId": "E2SIM0000EXAMP",
        "eventType": event_type,
        "requestId": "q1==",
    }


def test_a_viewer_request_with_its_body() -> None:
    """No origin; the body in base64 (AWS's example with every member)."""
    request = Request(
        "POST",
        "/form",
        "a=1&a=2&b=%20",
        Headers(
            (
                ("Host", "www.example.net"),
                ("User-Agent", "curl/8.5.0"),
                ("Cookie", "s=1; t=2"),
                ("Cookie", "u=3"),
                ("content-type", "application/x-www-form-urlencoded"),
                ("X-Forwarded-Proto", "https"),
            )
        ),
    )
    event = viewer_request_event(request, "198.51.100.23", SITE, "q1==", ShownBody(b"x=1&y=2", False))
    assert event == {
        "Records": [
            {
                "cf": {
                    "config": config("viewer-request"),
                    "request": {
                        "clientIp": "198.51.100.23",
                        "method": "POST",
                        "uri": "/form",
                        "querystring": "a=1&a=2&b=%20",
                        "headers": {
                            "host": [{"key": "Host", "value": "www.example.net"}],
                            "user-agent": [{"key": "User-Agent", "value": "curl/8.5.0"}],
                            "cookie": [{"key": "Cookie", "value": "s=1; t=2"}, {"key": "Cookie", "value": "u=3"}],
                            "content-type": [{"key": "content-type", "value": "application/x-www-form-urlencoded"}],
                        },
                        "body": {
                            "inputTruncated": False,
                            "action": "read-only",
                            "encoding": "base64",
                            "data": "eD0xJnk9Mg==",
                        },
                    },
                }
            }
        ]
    }


def test_an_origin_request() -> None:
    """The path without the origin's own in front; custom headers in the origin, not among the request's."""
    assert cf(origin_request_event(ATTEMPT, "198.51.100.23", SITE, "q1==")) == {
        "config": config("origin-request"),
        "request": {
            "clientIp": "198.51.100.23",
            "method": "GET",
            "uri": "/p/1",
            "querystring": "v=2",
            "headers": {
                "host": [{"key": "Host", "value": "app.example.org"}],
                "user-agent": [{"key": "User-Agent", "value": "Amazon CloudFront"}],
                "via": [{"key": "Via", "value": "2.0 0f3c.cloudfront.net (CloudFront)"}],
                "x-forwarded-for": [{"key": "X-Forwarded-For", "value": "198.51.100.23"}],
            },
            "origin": {
                "custom": {
                    "customHeaders": {"x-origin-secret": [{"key": "X-Origin-Secret", "value": "s3cr3t"}]},
                    "domainName": "app.example.org",
                    "keepaliveTimeout": 5,
                    "path": "/base",
                    "port": 443,
                    "protocol": "https",
                    "readTimeout": 30,
                    "responseCompletionTimeout": 0,
                    "sslProtocols": ["TLSv1.2"],
                }
            },
        },
    }


def test_an_origin_request_to_a_bucket_has_no_custom_origin() -> None:
    bucket = Origin("b", "b.s3.us-east-1.amazonaws.com", OriginKind.S3)
    attempt = OriginAttempt(bucket, OriginRequest("GET", "/a", Headers(), b""), "https")
    assert cf(origin_request_event(attempt, "198.51.100.23", SITE, "q1=="))["request"]["origin"].keys() == {"s3"}


def test_trap_22_the_query_string_is_there_even_when_it_is_empty() -> None:
    """Not forwarded, absent and bare look alike."""
    for target in ("/base/p", "/base/p?"):
        attempt = ATTEMPT._replace(request=ATTEMPT.request._replace(target=target))
        assert cf(origin_request_event(attempt, "1.1.1.1", SITE, "q1=="))["request"]["querystring"] == ""


def test_an_origin_response_has_the_request_that_the_origin_got() -> None:
    """Status is text; there is no body."""
    event = cf(origin_response_event(ATTEMPT, NOT_FOUND, "198.51.100.23", SITE, "q1=="))
    assert event["config"]["eventType"] == "origin-response"
    assert event["request"] == cf(origin_request_event(ATTEMPT, "198.51.100.23", SITE, "q1=="))["request"]
    assert event["response"] == {
        "status": "404",
        "statusDescription": "Not Found",
        "headers": {
            "content-type": [{"key": "Content-Type", "value": "text/plain"}],
            "set-cookie": [{"key": "Set-Cookie", "value": "a=1"}, {"key": "Set-Cookie", "value": "b=2"}],
        },
    }


def test_trap_28_responses_come_without_the_request_body() -> None:
    """Even where the association includes the body, only request events have it."""
    assert "body" not in cf(origin_response_event(ATTEMPT, NOT_FOUND, "1.1.1.1", SITE, "q1=="))["request"]


def test_a_viewer_response_has_the_viewers_side_of_the_request() -> None:
    """Host is what the viewer asked for; no origin."""
    request = Request("GET", "/p/1", None, Headers((("Host", "www.example.net"),)))
    response = Response(200, Headers((("Content-Type", "text/html"), ("Age", "41"))))
    assert cf(viewer_response_event(request, response, "198.51.100.23", SITE, "q1==")) == {
        "config": config("viewer-response"),
        "request": {
            "clientIp": "198.51.100.23",
            "method": "GET",
            "uri": "/p/1",
            "querystring": "",
            "headers": {"host": [{"key": "Host", "value": "www.example.net"}]},
        },
        "response": {
            "status": "200",
            "statusDescription": "OK",
            "headers": {
                "content-type": [{"key": "Content-Type", "value": "text/html"}],
                "age": [{"key": "Age", "value": "41"}],
            },
        },
    }
