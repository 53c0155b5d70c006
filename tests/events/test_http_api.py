"""The events of HTTP APIs, in both payload formats, and what results mean."""

from __future__ import annotations

from typing import Any

import pytest

from edge.events import http_api
from edge.events.function_url import Caller
from edge.model.function_url import FunctionUrlCors
from edge.model.headers import Headers
from edge.model.http_api import Route, Stage
from edge.model.origin import OriginRequest, OriginResponse

CALLER = Caller("127.0.0.1", "123456789012", "", "r-1", 1_583_349_317.135)
HOST = "a1.execute-api.us-east-1.amazonaws.com"
REQUEST = OriginRequest(
    "POST",
    "/dev/items/7?a=1&a=2&b=",
    Headers((("Host", HOST), ("Cookie", "x=1; y=2"), ("X-A", "1"), ("X-A", "2"), ("User-Agent", "curl"))),
    b"",
)
JWT = {"jwt": {"claims": {"sub": "anna"}, "scopes": ["read"]}}


def event(version: Any, **changed: Any) -> Any:
    route = Route("POST /items/{id}", None, payload_version=version)
    routed = http_api.Routed("a1", HOST, route, Stage("dev", (("color", "blue"),)), {"id": "7"}, JWT)
    return http_api.event(REQUEST, b"hello", routed._replace(**changed), CALLER)


def test_the_event_in_format_2() -> None:
    assert event("2.0") == {
        "version": "2.0",
        "routeKey": "POST /items/{id}",
        "rawPath": "/dev/items/7",
        "rawQueryString": "a=1&a=2&b=",
        "cookies": ["x=1", "y=2"],
        "headers": {
            "host": HOST, "x-a": "1,2", "user-agent": "curl",
            "x-forwarded-for": "127.0.0.1", "x-forwarded-port": "443", "x-forwarded-proto": "https",
        },
        "queryStringParameters": {"a": "1,2", "b": ""},
        "pathParameters": {"id": "7"},
        "stageVariables": {"color": "blue"},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1",
            "authorizer": JWT,
            "domainName": HOST,
            "domainPrefix": "a1",
            "http": {
                "method": "POST", "path": "/dev/items/7", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1",
                "userAgent": "curl",
            },
            "requestId": "r-1",
            "routeKey": "POST /items/{id}",
            "stage": "dev",
            "time": "04/Mar/2020:19:15:17 +0000",
            "timeEpoch": 1_583_349_317_135,
        },
        "body": "aGVsbG8=",
        "isBase64Encoded": True,
    }  # fmt: skip


def test_what_is_not_there_is_left_out_of_format_2() -> None:
    made = event("2.0", stage=Stage(), parameters={}, authorizer=None)
    assert not {"pathParameters", "stageVariables"} & made.keys()
    assert "authorizer" not in made["requestContext"]


def test_the_event_in_format_1() -> None:
    made = event("1.0")
    identity = made["requestContext"].pop("identity")
    assert made == {
        "version": "1.0",
        "resource": "/items/{id}",
        "path": "/dev/items/7",
        "httpMethod": "POST",
        "headers": {"Host": HOST, "Cookie": "x=1; y=2", "X-A": "2", "User-Agent": "curl"},
        "multiValueHeaders": {
            "Host": [HOST], "Cookie": ["x=1; y=2"], "X-A": ["1", "2"], "User-Agent": ["curl"],
        },
        "queryStringParameters": {"a": "2", "b": ""},
        "multiValueQueryStringParameters": {"a": ["1", "2"], "b": [""]},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1",
            "authorizer": JWT["jwt"],
            "domainName": HOST,
            "domainPrefix": "a1",
            "extendedRequestId": "r-1",
            "httpMethod": "POST",
            "path": "/dev/items/7",
            "protocol": "HTTP/1.1",
            "requestId": "r-1",
            "requestTime": "04/Mar/2020:19:15:17 +0000",
            "requestTimeEpoch": 1_583_349_317_135,
            "resourceId": None,
            "resourcePath": "/items/{id}",
            "stage": "dev",
        },
        "pathParameters": {"id": "7"},
        "stageVariables": {"color": "blue"},
        "body": "aGVsbG8=",
        "isBase64Encoded": True,
    }  # fmt: skip
    assert (identity["sourceIp"], identity["userAgent"], identity["caller"]) == ("127.0.0.1", "curl", None)
    assert event("1.0", authorizer=None)["requestContext"]["authorizer"] == {"claims": None, "scopes": None}


def meant(value: Any, version: Any = "2.0") -> OriginResponse:
    return http_api.response(value, Route("$default", None, payload_version=version))


def test_format_2_infers_a_response() -> None:
    made = meant({"hello": "world"})
    assert (made.status, made.body, made.headers.get("content-type")) == (
        200,
        b'{"hello": "world"}',
        "application/json",
    )
    assert meant({"statusCode": 201, "cookies": ["a=1"]}).headers.get("set-cookie") == "a=1"


def test_format_1_has_headers_of_many_values() -> None:
    result = {"statusCode": 201, "headers": {"x-a": "0", "x-b": "1"}, "multiValueHeaders": {"X-A": ["1", "2"]}}
    made = meant(result, "1.0")
    assert (made.status, made.headers.all("x-a"), made.headers.get("x-b")) == (201, ("1", "2"), "1")
    assert meant({"statusCode": 200, "cookies": ["a=1"]}, "1.0").headers.get("set-cookie") is None


@pytest.mark.parametrize(
    ("value", "version"),
    [
        ({"hello": "world"}, "1.0"),
        ("text", "1.0"),
        ({"statusCode": "many"}, "1.0"),
        ({"statusCode": 200, "multiValueHeaders": {"a": ["b\r\nc: d"]}}, "1.0"),
        ({"statusCode": "many"}, "2.0"),
        ({"statusCode": 200, "body": {"a": 1}}, "2.0"),
        ({"statusCode": 200, "headers": {"a": "b\r\nc: d"}}, "2.0"),
    ],
)
def test_a_result_of_the_wrong_shape_is_a_500(value: Any, version: str) -> None:
    made = meant(value, version)
    assert (made.status, made.body) == (500, b'{"message":"Internal Server Error"}')


CORS = FunctionUrlCors(("https://a.example",), ("GET", "PUT"), ("x-a",), ("x-b",), True, 60)


def test_api_gateway_answers_a_preflight() -> None:
    made = http_api.preflight(CORS, "https://a.example")
    assert made.status == 204
    assert {name.lower(): value for name, value in made.headers.lines if name != "Content-Length"} == {
        "access-control-allow-origin": "https://a.example",
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "GET,PUT",
        "access-control-allow-headers": "x-a",
        "access-control-expose-headers": "x-b",
        "access-control-max-age": "60",
    }
    assert [name for name, _ in http_api.preflight(CORS, "https://b.example").headers.lines] == ["Content-Length"]


@pytest.mark.parametrize(
    ("allowed", "origin", "header"),
    [
        ("*", "https://a.example", "*"),
        ("https://*", "https://a.example", "https://a.example"),
        ("https://*", "http://a.example", None),
        ("https://a.example", "https://a.example", "https://a.example"),
        ("https://a.example", None, "function's"),
    ],
)
def test_the_apis_cors_stands_in_place_of_the_functions(allowed: str, origin: str | None, header: str | None) -> None:
    made = meant({"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "function's", "x-a": "1"}})
    changed = http_api.with_cors(made, FunctionUrlCors((allowed,)), origin)
    assert (changed.headers.get("access-control-allow-origin"), changed.headers.get("x-a")) == (header, "1")
