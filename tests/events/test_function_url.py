"""The event of a function URL, and what its result means."""

from __future__ import annotations

from typing import Any

import pytest

from edge.events import function_url
from edge.model.function_url import FunctionUrlCors
from edge.model.headers import Headers
from edge.model.origin import OriginRequest

CALLER = function_url.Caller("127.0.0.1", "", "", "e1506fd5-9e7b-434f-bd42-4f8fa224b599", 1_583_348_638.390)
DOMAIN = "abc.lambda-url.us-east-1.on.aws"


def made(target: str = "/", *lines: tuple[str, str], body: bytes = b"", caller: function_url.Caller = CALLER) -> Any:
    request = OriginRequest("POST" if body else "GET", target, Headers((("Host", DOMAIN), *lines)), body)
    return function_url.event(request, body, DOMAIN, caller)


def test_the_whole_event() -> None:
    assert made("/my/path?p=1&p=2&q=a%20b", ("User-Agent", "agent"), ("Cookie", "a=1; b=2"), ("X-A", "1")) == {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/my/path",
        "rawQueryString": "p=1&p=2&q=a%20b",
        "cookies": ["a=1", "b=2"],
        "headers": {
            "host": DOMAIN,
            "user-agent": "agent",
            "x-a": "1",
            "x-forwarded-for": "127.0.0.1",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        "queryStringParameters": {"p": "1,2", "q": "a b"},
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "abc",
            "domainName": DOMAIN,
            "domainPrefix": "abc",
            "http": {
                "method": "GET",
                "path": "/my/path",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "agent",
            },
            "requestId": "e1506fd5-9e7b-434f-bd42-4f8fa224b599",
            "routeKey": "$default",
            "stage": "$default",
            "time": "04/Mar/2020:19:03:58 +0000",
            "timeEpoch": 1_583_348_638_390,
        },
        "isBase64Encoded": False,
    }


@pytest.mark.parametrize(
    ("content_type", "body", "text", "encoded"),
    [
        ("application/json", b'{"a":1}', '{"a":1}', False),
        ("text/plain; charset=utf-8", "é".encode(), "é", False),
        ("image/png", b"\x89PNG", "iVBORw==", True),
        ("application/x-www-form-urlencoded", b"a=1", "YT0x", True),
        ("text/plain", b"\xff", "/w==", True),
    ],
)
def test_text_comes_as_text_and_all_else_in_base64(content_type: str, body: bytes, text: str, encoded: bool) -> None:
    event = made("/", ("Content-Type", content_type), body=body)
    assert (event["body"], event["isBase64Encoded"]) == (text, encoded)


def test_lines_of_one_name_are_joined() -> None:
    assert made("/", ("X-A", "1"), ("x-a", "2"))["headers"]["x-a"] == "1,2"


def test_a_signer_is_the_authorizer() -> None:
    signer = CALLER._replace(account="123456789012", access_key="AKIA")
    context = made(caller=signer)["requestContext"]
    assert context["accountId"] == "123456789012"
    assert context["authorizer"]["iam"]["accessKey"] == "AKIA"


@pytest.mark.parametrize(
    ("value", "status", "content_type", "body"),
    [
        ({"statusCode": 201, "headers": {"Content-Type": "text/html"}, "body": "<p>"}, 201, "text/html", b"<p>"),
        ({"statusCode": 200, "body": "aGk=", "isBase64Encoded": True}, 200, "application/json", b"hi"),
        ({"statusCode": 204}, 204, "application/json", b""),
        ({"message": "hi"}, 200, "application/json", b'{"message": "hi"}'),
        ("hi", 200, "application/json", b'"hi"'),
        (None, 200, "application/json", b"null"),
        ({"statusCode": 200, "body": {"not": "a string"}}, 502, "text/plain", b"Internal Server Error"),
        ({"statusCode": "200"}, 502, "text/plain", b"Internal Server Error"),
        ({"statusCode": 200, "headers": {"a": "b\r\nc: d"}}, 502, "text/plain", b"Internal Server Error"),
        ({"statusCode": 200, "body": "?", "isBase64Encoded": True}, 502, "text/plain", b"Internal Server Error"),
    ],
)
def test_what_a_result_means(value: Any, status: int, content_type: str, body: bytes) -> None:
    """Without statusCode it is the body."""
    response = function_url.response(value)
    assert (response.status, response.headers.get("content-type"), response.body) == (status, content_type, body)
    assert response.headers.get("content-length") == str(len(body))


def test_cookies_become_lines() -> None:
    response = function_url.response({"statusCode": 200, "cookies": ["a=1; Path=/", "b=2"]})
    assert response.headers.all("set-cookie") == ("a=1; Path=/", "b=2")


def test_cors_of_the_url_takes_the_place_of_the_functions_own() -> None:
    """For origins that are allowed; for others nothing is added."""
    cors = FunctionUrlCors(("https://a.example.org",), ("GET",), allow_credentials=True, max_age_s=60)
    made_by_function = function_url.response({"statusCode": 200, "headers": {"access-control-allow-origin": "*"}})
    response = function_url.with_cors(made_by_function, cors, "https://a.example.org")
    assert response.headers.all("access-control-allow-origin") == ("https://a.example.org",)
    assert response.headers.get("access-control-allow-credentials") == "true"
    assert response.headers.get("access-control-max-age") == "60"
    assert function_url.with_cors(made_by_function, cors, "https://b.example.org") == made_by_function
    assert function_url.with_cors(made_by_function, cors, None) == made_by_function
