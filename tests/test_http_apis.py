"""HTTP APIs that are origins: what API Gateway answers by itself, and what it makes of functions."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from edge.http_apis import HttpApis
from edge.model.body import BodyBroken
from edge.model.function import FunctionCall, FunctionOutcome, LambdaFunction, Returned, Threw, Throttled, TimedOut
from edge.model.function_url import FunctionUrlCors
from edge.model.headers import Headers
from edge.model.http_api import HttpApi, JwtAuthorizer, Route
from edge.model.json_value import JsonObject
from edge.model.origin import Origin, OriginAttempt, OriginFailure, OriginRequest
from edge.rules.http_api_tokens import Denied, invalid

ORIGIN = Origin("api", "a1.execute-api.us-east-1.amazonaws.com")
FUNCTION = LambdaFunction("items", "1", "/nowhere", "a.b", "nodejs22.x", is_replica=False)
LOGIN = JwtAuthorizer("https://id.example.com", ("web",))
NOW = 1_700_000_000.0
CLAIMS = {"iss": LOGIN.issuer, "aud": "web", "exp": NOW + 1, "sub": "anna"}


class Known:
    """Verifies two tokens."""

    async def claims(self, authorizer: JwtAuthorizer, token: str, now: float) -> JsonObject | Denied:
        return {"good": CLAIMS, "late": {**CLAIMS, "exp": now}}.get(token) or invalid("the token cannot be decoded")


async def ask(
    *routes: Route,
    method: str = "GET",
    target: str = "/items",
    headers: tuple[tuple[str, str], ...] = (),
    body: Any = b"",
    outcome: Any = Returned({"statusCode": 200, "body": "hello"}),  # noqa: B008
    cors: FunctionUrlCors | None = None,
    seen: list[FunctionCall] | None = None,
) -> Any:
    """The answer of an API with these routes, whose functions all come to one outcome."""

    async def run(call: FunctionCall) -> FunctionOutcome:
        if seen is not None:
            seen.append(call)
        return await outcome if asyncio.isfuture(outcome) else outcome  # type: ignore[no-any-return]

    request = OriginRequest(method, target, Headers((("Host", ORIGIN.domain_name), *headers)), body)
    apis = HttpApis(run, Known, lambda: NOW)
    return await apis.fetch(HttpApi("a1", routes, cors=cors), OriginAttempt(ORIGIN, request, "https"))


ITEMS = Route("GET /items", FUNCTION)
GUARDED = Route("GET /items", FUNCTION, LOGIN)
WRITING = Route("GET /items", FUNCTION, LOGIN, ("write",))


async def test_a_function_answers_its_route() -> None:
    seen: list[FunctionCall] = []
    made = await ask(ITEMS, seen=seen)
    assert (made.status, made.body) == (200, b"hello")
    assert made.headers.get("apigw-requestid") == seen[0].request_id == seen[0].event["requestContext"]["requestId"]  # type: ignore[index,call-overload]
    assert seen[0].event["routeKey"] == "GET /items"


async def test_what_no_route_takes_is_a_404() -> None:
    made = await ask(ITEMS, target="/other?a=/items")
    assert (made.status, made.body, made.headers.get("content-type")) == (
        404,
        b'{"message":"Not Found"}',
        "application/json",
    )


@pytest.mark.parametrize(
    ("route", "authorization", "status", "body", "authenticate"),
    [
        (GUARDED, None, 401, b'{"message":"Unauthorized"}', "Bearer"),
        (GUARDED, "Bearer late", 401, b'{"message":"Unauthorized"}', 'Bearer scope="" error="invalid_token"'),
        (GUARDED, "Bearer forged", 401, b'{"message":"Unauthorized"}', 'Bearer scope="" error="invalid_token"'),
        (WRITING, "Bearer good", 403, b'{"message":"Forbidden"}', 'Bearer scope="write" error="insufficient_scope"'),
    ],
)
async def test_who_may_not_ask_does_not_reach_the_function(
    route: Route, authorization: str | None, status: int, body: bytes, authenticate: str
) -> None:
    seen: list[FunctionCall] = []
    headers = () if authorization is None else (("Authorization", authorization),)
    made = await ask(route, headers=headers, seen=seen)
    assert (made.status, made.body, seen) == (status, body, [])
    assert made.headers.get("www-authenticate").startswith(authenticate)


async def test_the_function_sees_whose_token_it_is() -> None:
    seen: list[FunctionCall] = []
    await ask(GUARDED, headers=(("Authorization", "good"),), seen=seen)
    context: Any = seen[0].event["requestContext"]
    assert context["authorizer"]["jwt"]["claims"]["sub"] == "anna"


@pytest.mark.parametrize(
    ("outcome", "status", "body"),
    [
        (Threw("Error: x"), 500, b'{"message":"Internal Server Error"}'),
        (TimedOut(), 500, b'{"message":"Internal Server Error"}'),
        (Returned({"statusCode": "x"}), 500, b'{"message":"Internal Server Error"}'),
        (Throttled("none is left"), 503, b'{"message":"Service Unavailable"}'),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_a_function_that_fails(outcome: FunctionOutcome, status: int, body: bytes) -> None:
    made = await ask(ITEMS, outcome=outcome)
    assert (made.status, made.body) == (status, body)


async def test_an_integration_that_takes_too_long_is_a_503() -> None:
    """The function goes on."""
    never = asyncio.get_running_loop().create_future()
    made = await ask(Route("GET /items", FUNCTION, timeout_s=0.01), outcome=never)
    assert (made.status, made.body) == (503, b'{"message":"Service Unavailable"}')
    assert not never.cancelled()
    never.set_result(Returned(None))


async def test_a_route_that_is_not_modelled_fails_with_the_reason() -> None:
    made = await ask(Route("GET /items", None, not_modelled="its authorizer is not asked here"))
    assert isinstance(made, OriginFailure)
    assert made.detail == "the route GET /items of the HTTP API a1 does not run: its authorizer is not asked here"


PREFLIGHT = (("Origin", "https://a.example"), ("Access-Control-Request-Method", "PUT"))


async def test_a_preflight_is_answered_for_the_api() -> None:
    """Even without a route for it, unless a route that takes it asks who it is."""
    cors = FunctionUrlCors(("*",), ("PUT",))
    seen: list[FunctionCall] = []
    made = await ask(ITEMS, method="OPTIONS", headers=PREFLIGHT, cors=cors, seen=seen)
    assert (made.status, made.headers.get("access-control-allow-methods"), seen) == (204, "PUT", [])
    made = await ask(Route("$default", FUNCTION, LOGIN), method="OPTIONS", headers=PREFLIGHT, cors=cors)
    assert made.status == 401
    made = await ask(ITEMS, method="OPTIONS", headers=PREFLIGHT)
    assert made.status == 404
    made = await ask(ITEMS, headers=PREFLIGHT[:1], cors=cors)
    assert (made.status, made.headers.get("access-control-allow-origin")) == (200, "*")


async def test_a_body_that_breaks_off_reaches_no_function() -> None:
    class Broken:
        length = None

        async def __aiter__(self) -> Any:
            yield b"a"
            raise BodyBroken("the viewer has left")

        def close(self) -> None: ...

    made = await ask(Route("$default", FUNCTION), method="POST", body=Broken())
    assert isinstance(made, OriginFailure)
    assert made.detail == "the viewer has left"
