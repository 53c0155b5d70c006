"""HTTP APIs of Terraform, in a state and in a plan: the same routes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.configuration import Configuration
from edge.model.function_url import FunctionUrlCors
from edge.model.http_api import HttpApi, JwtAuthorizer, Stage

Inspect = Callable[..., Configuration]
Write = Callable[[str, Any], Path]
Values = dict[str, dict[str, Any]]

ARN = "arn:aws:lambda:us-east-1:123456789012:function:items"
NO_LIMITS = {"data_trace_enabled": False, "logging_level": "", "throttling_burst_limit": 0, "throttling_rate_limit": 0}
GIVEN: Values = {
    "aws_lambda_function.items": {
        "function_name": "items", "handler": "app.handler", "runtime": "python3.13", "filename": "api",
        "environment": [{"variables": {"table_name": "items"}}],
    },
    "aws_apigatewayv2_api.web": {
        "name": "web", "protocol_type": "HTTP", "disable_execute_api_endpoint": False, "body": None,
        "cors_configuration": [
            {"allow_credentials": False, "allow_headers": [], "allow_methods": ["GET"], "allow_origins": ["*"],
             "expose_headers": None, "max_age": 60}
        ],
    },
    "aws_apigatewayv2_authorizer.login": {
        "authorizer_type": "JWT", "name": "login", "identity_sources": ["$request.header.Authorization"],
        "jwt_configuration": [{"audience": ["web"], "issuer": "https://id.example.com"}],
    },
    "aws_apigatewayv2_integration.items": {
        "integration_type": "AWS_PROXY", "payload_format_version": "2.0", "timeout_milliseconds": 30000,
        "request_parameters": {},
    },
    "aws_apigatewayv2_route.mine": {
        "route_key": "GET /mine", "authorization_type": "JWT", "authorization_scopes": ["read"],
    },
    "aws_apigatewayv2_route.open": {"route_key": "$default", "authorization_type": "NONE"},
    "aws_apigatewayv2_stage.default": {
        "name": "$default", "stage_variables": {"table_name": "items"}, "default_route_settings": [NO_LIMITS],
    },
    "aws_cloudfront_distribution.site": {
        "enabled": True,
        "origin": [
            {
                "origin_id": "api",
                "custom_origin_config": [
                    {"http_port": 80, "https_port": 443, "origin_protocol_policy": "https-only",
                     "origin_ssl_protocols": ["TLSv1.2"]}
                ],
            }
        ],
        "default_cache_behavior": [
            {"target_origin_id": "api", "viewer_protocol_policy": "https-only", "allowed_methods": ["GET", "HEAD"],
             "cached_methods": ["GET", "HEAD"], "cache_policy_id": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"}
        ],
    },
}  # fmt: skip
"""What is written in a module; what AWS gives, and what comes from other resources, is below."""

KNOWN: Values = {
    "aws_lambda_function.items": {"arn": ARN, "qualified_arn": f"{ARN}:3", "version": "3"},
    "aws_apigatewayv2_api.web": {"id": "a1", "api_endpoint": "https://a1.execute-api.us-east-1.amazonaws.com"},
    "aws_apigatewayv2_authorizer.login": {"id": "au1", "api_id": "a1"},
    "aws_apigatewayv2_integration.items": {
        "id": "in1", "api_id": "a1",
        "integration_uri": f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{ARN}/invocations",
    },
    "aws_apigatewayv2_route.mine": {"api_id": "a1", "authorizer_id": "au1", "target": "integrations/in1"},
    "aws_apigatewayv2_route.open": {"api_id": "a1", "authorizer_id": "", "target": "integrations/in1"},
    "aws_apigatewayv2_stage.default": {"id": "$default", "api_id": "a1"},
}  # fmt: skip

COMES_FROM: dict[str, dict[str, str]] = {
    "aws_apigatewayv2_authorizer.login": {"api_id": "aws_apigatewayv2_api.web.id"},
    "aws_apigatewayv2_integration.items": {
        "api_id": "aws_apigatewayv2_api.web.id", "integration_uri": "aws_lambda_function.items.invoke_arn",
    },
    "aws_apigatewayv2_route.mine": {
        "api_id": "aws_apigatewayv2_api.web.id", "authorizer_id": "aws_apigatewayv2_authorizer.login.id",
        "target": "aws_apigatewayv2_integration.items.id",
    },
    "aws_apigatewayv2_route.open": {
        "api_id": "aws_apigatewayv2_api.web.id", "target": "aws_apigatewayv2_integration.items.id",
    },
    "aws_apigatewayv2_stage.default": {"api_id": "aws_apigatewayv2_api.web.id"},
}  # fmt: skip


def resource(address: str, **more: Any) -> dict[str, Any]:
    kind, _, name = address.partition(".")
    return {"address": address, "type": kind, "name": name, **more}


def with_origin(values: dict[str, Any], host: str) -> dict[str, Any]:
    return {**values, "origin": [{**values["origin"][0], "domain_name": host}]} if "origin" in values else values


def state() -> dict[str, Any]:
    host = "a1.execute-api.us-east-1.amazonaws.com"
    whole = {one: with_origin({**values, **KNOWN.get(one, {})}, host) for one, values in GIVEN.items()}
    listed = [resource(address, values=values) for address, values in whole.items()]
    return {"format_version": "1.0", "values": {"root_module": {"resources": listed}}}


def plan() -> dict[str, Any]:
    def reference(name: str) -> dict[str, Any]:
        return {"references": [name, name.rpartition(".")[0]]}

    expressions: dict[str, dict[str, Any]] = {
        address: {key: reference(name) for key, name in keys.items()} for address, keys in COMES_FROM.items()
    }
    origin = {"origin_id": {"constant_value": "api"}, "domain_name": reference("aws_apigatewayv2_api.web.api_endpoint")}
    expressions["aws_cloudfront_distribution.site"] = {"origin": [origin]}
    return {
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": [resource(one, values=of) for one, of in GIVEN.items()]}},
        "configuration": {
            "root_module": {"resources": [resource(one, expressions=expressions.get(one, {})) for one in GIVEN]}
        },
    }


def api_of(made: Configuration) -> HttpApi:
    api = made.distributions[0].origins["api"].http_api
    assert api is not None
    return api


@pytest.mark.parametrize("document", [state, plan])
def test_an_api_is_played(inspect: Inspect, write: Write, document: Callable[[], dict[str, Any]]) -> None:
    write("api/app.py", "def handler(event, context): return 'hello'")
    made = inspect(write("terraform.json", document()))
    api = api_of(made)
    assert [(one.key, one.authorizer, one.scopes, one.payload_version, one.timeout_s) for one in api.routes] == [
        ("GET /mine", JwtAuthorizer("https://id.example.com", ("web",)), ("read",), "2.0", 30),
        ("$default", None, (), "2.0", 30),
    ]
    assert {(one.name, one.environment) for one in api.functions} == {("items", (("table_name", "items"),))}
    assert api.cors == FunctionUrlCors(("*",), ("GET",), max_age_s=60)
    assert api.stages == (Stage("$default", (("table_name", "items"),)),)
    assert [one.rule for one in made.findings] == ["http_apis.issuer"]


def test_throttling_is_listed(inspect: Inspect, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write("api/app.py", "def handler(event, context): return 'hello'")
    monkeypatch.setitem(NO_LIMITS, "throttling_rate_limit", 10)
    made = inspect(write("terraform.json", state()))
    (finding,) = [one for one in made.findings if one.rule == "not_modelled"]
    assert finding.where.endswith("aws_apigatewayv2_stage.default.DefaultRouteSettings")
