"""Which tokens open a route of an HTTP API."""

from __future__ import annotations

from typing import Any

import pytest

from edge.model.headers import Headers
from edge.model.http_api import JwtAuthorizer, Route
from edge.model.origin import OriginRequest
from edge.rules import http_api_tokens

NOW = 1_700_000_000.0
LOGIN = JwtAuthorizer("https://id.example.com", ("web", "app"))
ROUTE = Route("GET /items", None, LOGIN, ("read", "write"))
GOOD: dict[str, Any] = {
    "iss": "https://id.example.com", "aud": "web", "exp": NOW + 60, "nbf": NOW, "iat": NOW - 1, "scope": "read more",
}  # fmt: skip


@pytest.mark.parametrize(
    ("target", "header", "source", "token"),
    [
        ("/", "Bearer a.b.c", "$request.header.Authorization", "a.b.c"),
        ("/", "bearer a.b.c", "$request.header.Authorization", "a.b.c"),
        ("/", "a.b.c", "$request.header.Authorization", "a.b.c"),
        ("/", "", "$request.header.Authorization", ""),
        ("/?b=1&token=a.b.c", "", "$request.querystring.token", "a.b.c"),
        ("/?b=1", "a.b.c", "$request.querystring.token", ""),
    ],
)
def test_where_a_token_is(target: str, header: str, source: str, token: str) -> None:
    headers = Headers((("Authorization", header),) if header else ())
    assert http_api_tokens.token_of(OriginRequest("GET", target, headers, b""), source) == token


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"aud": ["other", "app"]},
        {"aud": None, "client_id": "web"},
        {"scope": None, "scp": ["write"]},
        {"nbf": None, "iat": None},
    ],
    ids=str,
)
def test_a_good_token(changed: dict[str, Any]) -> None:
    claims = {name: value for name, value in {**GOOD, **changed}.items() if value is not None}
    assert http_api_tokens.denied(claims, LOGIN, ROUTE, NOW) is None


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"iss": "https://other.example.com"}, "issuer"),
        ({"aud": "other"}, "audience"),
        ({"aud": "other", "client_id": "web"}, "audience"),
        ({"aud": None}, "audience"),
        ({"exp": NOW}, "expired"),
        ({"exp": None}, "expired"),
        ({"exp": "never"}, "not a number"),
        ({"exp": True}, "not a number"),
        ({"nbf": NOW + 1}, "not valid yet"),
        ({"iat": NOW + 1}, "in the future"),
    ],
    ids=str,
)
def test_a_token_that_is_not_good(changed: dict[str, Any], why: str) -> None:
    claims = {name: value for name, value in {**GOOD, **changed}.items() if value is not None}
    denied = http_api_tokens.denied(claims, LOGIN, ROUTE, NOW)
    assert denied is not None
    assert denied.status == 401
    assert denied.authenticate.startswith('Bearer scope="" error="invalid_token" error_description="the token ')
    assert why in denied.authenticate


@pytest.mark.parametrize("scope", ["", "reading", None])
def test_a_token_without_a_scope_of_the_route_is_a_403(scope: str | None) -> None:
    denied = http_api_tokens.denied({**GOOD, "scope": scope}, LOGIN, ROUTE, NOW)
    assert denied is not None
    assert denied.status == 403
    assert denied.authenticate.startswith('Bearer scope="read write" error="insufficient_scope"')
    assert http_api_tokens.denied({**GOOD, "scope": scope}, LOGIN, Route("GET /", None, LOGIN), NOW) is None


def test_an_issuer_on_this_machine_may_name_itself() -> None:
    """Or the one that it plays."""
    here = JwtAuthorizer(LOGIN.issuer, LOGIN.audience, local_issuer="http://localhost:9000")
    assert http_api_tokens.denied({**GOOD, "iss": "http://localhost:9000"}, here, ROUTE, NOW) is None
    assert http_api_tokens.denied(GOOD, here, ROUTE, NOW) is None
    assert http_api_tokens.denied({**GOOD, "iss": "http://localhost:9000"}, LOGIN, ROUTE, NOW) is not None
    assert http_api_tokens.denied({**GOOD, "iss": ""}, LOGIN, ROUTE, NOW) is not None


def test_what_the_function_sees_of_a_token() -> None:
    claims = {"sub": "anna", "exp": 1_700_000_060, "admin": True, "groups": ["a", "b"], "scope": "read more"}
    assert http_api_tokens.context(claims, ROUTE) == {
        "jwt": {
            "claims": {"sub": "anna", "exp": "1700000060", "admin": "true", "groups": "[a b]", "scope": "read more"},
            "scopes": ["read"],
        }
    }
    assert http_api_tokens.context({"sub": "anna"}, Route("GET /", None, LOGIN))["jwt"] == {
        "claims": {"sub": "anna"},
        "scopes": None,
    }
