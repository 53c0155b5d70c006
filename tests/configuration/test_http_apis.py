"""HTTP APIs as origins, put together of resources: what runs, and what is said of the rest."""

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

SITE = """
  Site:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        Origins:
          - {Id: api, DomainName: !Sub "HOST", CustomOriginConfig: {OriginProtocolPolicy: https-only}}
        DefaultCacheBehavior:
          TargetOriginId: api
          ViewerProtocolPolicy: redirect-to-https
          CachePolicyId: 4135ea2d-6df8-44a3-9df3-4b5a84be39ad
"""
PLAIN = """
Resources:
  Web: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: HTTP, Name: web}}
  Login:
    Type: AWS::ApiGatewayV2::Authorizer
    Properties:
      ApiId: !Ref Web
      AuthorizerType: JWT
      Name: login
      IdentitySource: ["$request.header.Authorization"]
      JwtConfiguration: {Issuer: "https://id.example.com", Audience: [web, app]}
  Items:
    Type: AWS::Lambda::Function
    Properties: {Handler: index.b, Runtime: nodejs22.x, Code: {ZipFile: "exports.b = 1"}}
  ItemsIntegration:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Web
      IntegrationType: AWS_PROXY
      IntegrationUri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Items.Arn}/invocations"
  ListItems:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: !Ref Web
      RouteKey: GET /items
      AuthorizationType: JWT
      AuthorizerId: !Ref Login
      AuthorizationScopes: [read]
      Target: !Sub "integrations/${ItemsIntegration}"
  Stage: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Web, StageName: dev, StageVariables: {color: blue}}}
"""
HOST = "${Web}.execute-api.${AWS::Region}.${AWS::URLSuffix}"


def api_of(made: Configuration) -> HttpApi:
    api = made.distributions[0].origins["api"].http_api
    assert api is not None
    return api


def rules_of(made: Configuration) -> list[str]:
    return sorted(one.rule for one in made.findings)


def test_an_api_of_resources_is_played(inspect: Inspect, write: Write) -> None:
    made = inspect(write("site.yaml", PLAIN + SITE.replace("HOST", HOST)))
    api = api_of(made)
    (route,) = api.routes
    assert (route.key, route.scopes, route.timeout_s) == ("GET /items", ("read",), 30)
    assert route.authorizer == JwtAuthorizer("https://id.example.com", ("web", "app"))
    assert (route.function and route.function.name, route.function and route.function.is_replica) == ("items", False)
    assert (api.stages, api.cors) == ((Stage("dev", (("color", "blue"),)),), None)
    assert made.distributions[0].origins["api"].local_url.startswith("lambda:")
    assert rules_of(made) == ["http_apis.issuer"]


def test_without_a_payload_format_it_is_the_older_one(inspect: Inspect, write: Write) -> None:
    """As in the API, while SAM and quick create ask for 2.0."""
    made = inspect(write("site.yaml", PLAIN + SITE.replace("HOST", HOST)))
    assert api_of(made).routes[0].payload_version == "1.0"
    newer = PLAIN.replace(
        "IntegrationType:", 'PayloadFormatVersion: "2.0"\n      TimeoutInMillis: 5000\n      IntegrationType:'
    )
    (route,) = api_of(inspect(write("site.yaml", newer + SITE.replace("HOST", HOST)))).routes
    assert (route.payload_version, route.timeout_s) == ("2.0", 5)


def test_an_issuer_may_be_on_this_machine(inspect: Inspect, write: Write) -> None:
    write("edge.toml", '[issuers]\n"https://id.example.com" = "http://localhost:9000/"\n')
    made = inspect(write("site.yaml", PLAIN + SITE.replace("HOST", HOST)))
    authorizer = api_of(made).routes[0].authorizer
    assert authorizer is not None
    assert authorizer.local_issuer == "http://localhost:9000"
    assert made.findings == ()


def test_an_issuer_that_nobody_asks_is_said(inspect: Inspect, write: Write) -> None:
    """With the nearest one: a slash at the end counts."""
    write("edge.toml", '[issuers]\n"https://id.example.com/" = "http://localhost:9000"\n')
    made = inspect(write("site.yaml", PLAIN + SITE.replace("HOST", HOST)))
    (finding,) = [one for one in made.findings if one.rule == "http_apis.unknown_issuer"]
    assert finding.message.endswith("has the issuer https://id.example.com/; did you mean https://id.example.com?")


QUICK = """
Resources:
  Web:
    Type: AWS::ApiGatewayV2::Api
    Properties:
      ProtocolType: HTTP
      Name: web
      Target: !GetAtt Items.Arn
      CorsConfiguration: {AllowOrigins: ["https://a.example"], AllowMethods: [GET], MaxAge: 60, AllowCredentials: true}
  Items:
    Type: AWS::Lambda::Function
    Properties: {Handler: index.b, Runtime: nodejs22.x, Code: {ZipFile: "exports.b = 1"}}
"""


def test_quick_create_makes_a_route_and_a_stage(inspect: Inspect, write: Write) -> None:
    made = inspect(write("site.yaml", QUICK + SITE.replace("HOST", HOST)))
    api = api_of(made)
    assert [(one.key, one.payload_version) for one in api.routes] == [("$default", "2.0")]
    assert api.stages == (Stage(),)
    assert api.cors == FunctionUrlCors(("https://a.example",), ("GET",), (), (), True, 60)
    assert made.findings == ()


@pytest.mark.parametrize(
    ("old", "new", "where", "why"),
    [
        ("AuthorizerType: JWT", "AuthorizerType: REQUEST", "Resources.ListItems.Properties", "a REQUEST authorizer"),
        ("AuthorizationType: JWT", "AuthorizationType: AWS_IAM", "Resources.ListItems.Properties", "AWS_IAM"),
        ("$request.header.Authorization", "$context.a", "Resources.ListItems.Properties", "tokens at $context.a"),
        (
            ":lambda:path/2015-03-31/functions/${Items.Arn}/invocations",
            ":s3",
            "Resources.ListItems.Properties",
            "no function",
        ),
    ],
)
def test_what_is_not_modelled_lets_nobody_in(
    inspect: Inspect, write: Write, old: str, new: str, where: str, why: str
) -> None:
    """It is listed with its path, and the API does not run without it."""
    template = PLAIN.replace(old, new)
    if "AWS_IAM" in new:
        template = template.replace("      AuthorizerId: !Ref Login\n", "")
    made = inspect(write("site.yaml", template + SITE.replace("HOST", HOST)))
    (finding,) = [one for one in made.findings if one.rule == "not_modelled"]
    assert finding.where.endswith(where)
    assert why in finding.message
    assert made.distributions[0].origins["api"].http_api is None
    (unmapped,) = [one for one in made.findings if one.rule == "origins.unmapped"]
    assert "the HTTP API Web (GET /items by " in unmapped.message


def test_what_does_nothing_here_is_listed(inspect: Inspect, write: Write) -> None:
    template = PLAIN.replace("StageName: dev", "StageName: dev, DefaultRouteSettings: {ThrottlingRateLimit: 1}")
    made = inspect(write("site.yaml", template + SITE.replace("HOST", HOST)))
    (finding,) = [one for one in made.findings if one.rule == "not_modelled"]
    assert finding.where.endswith("Resources.Stage.Properties.DefaultRouteSettings")


def test_an_api_in_no_stage_is_said(inspect: Inspect, write: Write) -> None:
    template = "\n".join(line for line in PLAIN.splitlines() if "ApiGatewayV2::Stage" not in line)
    made = inspect(write("site.yaml", template + SITE.replace("HOST", HOST)))
    assert rules_of(made) == ["http_apis.issuer", "http_apis.stage"]


def test_an_api_that_is_elsewhere_is_not_played(inspect: Inspect, write: Write) -> None:
    write("edge.toml", '[origins]\nWeb = "http://localhost:3000"\n')
    made = inspect(write("site.yaml", PLAIN + SITE.replace("HOST", HOST)))
    assert (made.distributions[0].origins["api"].http_api, made.findings) == (None, ())


def test_an_api_that_is_no_origin_is_left_alone(inspect: Inspect, write: Write) -> None:
    write("edge.toml", '[origins]\napi = "http://localhost:3000"\n')
    made = inspect(write("site.yaml", PLAIN + SITE.replace("HOST", "www.example.com")))
    assert made.findings == ()
