"""HTTP APIs as origins: what answers behind them is said in words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.configuration import Configuration

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
SAM = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Web:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        DefaultAuthorizer: Login
        Authorizers:
          Login:
            JwtConfiguration: {issuer: "https://id.example.com", audience: [web]}
            IdentitySource: $request.header.Authorization
  Items:
    Type: AWS::Serverless::Function
    Properties:
      Handler: a.b
      Runtime: nodejs22.x
      Events:
        List: {Type: HttpApi, Properties: {ApiId: !Ref Web, Path: /items, Method: get}}
        Ping: {Type: HttpApi, Properties: {ApiId: !Ref Web, Path: /ping, Method: get, Auth: {Authorizer: NONE}}}
"""
IMPLICIT = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Items:
    Type: AWS::Serverless::Function
    Properties: {Handler: a.b, Runtime: nodejs22.x, Events: {All: {Type: HttpApi}}}
"""
PLAIN = """
Resources:
  Web: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: HTTP, Name: web}}
  Login:
    Type: AWS::ApiGatewayV2::Authorizer
    Properties: {ApiId: !Ref Web, AuthorizerType: JWT, Name: login, IdentitySource: ["$request.header.Authorization"]}
  Items: {Type: AWS::Lambda::Function, Properties: {Handler: a.b, Runtime: nodejs22.x, Code: {ZipFile: ""}}}
  ItemsIntegration:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Web
      IntegrationType: AWS_PROXY
      IntegrationUri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Items.Arn}/invocations"
  ListItems:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      {ApiId: !Ref Web, RouteKey: GET /items, AuthorizerId: !Ref Login, Target: !Sub "integrations/${ItemsIntegration}"}
"""


@pytest.mark.parametrize(
    ("template", "host", "words"),
    [
        (
            SAM,
            "${Web}.execute-api.${AWS::Region}.amazonaws.com",
            "the HTTP API Web (GET /items by Items, authorizer Login; GET /ping by Items)",
        ),
        (
            PLAIN,
            "${Web}.execute-api.${AWS::Region}.${AWS::URLSuffix}",
            "the HTTP API Web (GET /items by items, JWT authorizer Login), and API Gateway does not run here",
        ),
    ],
)
def test_what_is_behind_an_api_is_said(inspect: Inspect, write: Write, template: str, host: str, words: str) -> None:
    made = inspect(write("site.yaml", template + SITE.replace("HOST", host)))
    (finding,) = made.findings
    assert (finding.level, finding.rule) == ("warning", "origins.unmapped")
    assert words in finding.message
    assert "requests to it get 502: it has no local URL; add under [origins]" in finding.message


def played(template: str) -> str:
    return template.replace("Properties: {Handler", "Properties: {CodeUri: code, Handler") + SITE.replace(
        "HOST", "${ServerlessHttpApi}.execute-api.${AWS::Region}.amazonaws.com"
    )


def test_an_api_of_one_function_is_played_by_it(inspect: Inspect, write: Write) -> None:
    code = write("code/a.js", "exports.b = async () => 'hello';")
    made = inspect(write("site.yaml", played(IMPLICIT)))
    assert [(one.level, one.rule) for one in made.findings] == [("note", "http_apis.played")]
    url = made.distributions[0].origins["api"].function_url
    assert url is not None
    assert (url.auth_type, url.function.handler, Path(url.function.code_path)) == ("NONE", "a.b", code.parent)


@pytest.mark.parametrize(
    "event",
    [
        "{Type: HttpApi, Properties: {Path: /items, Method: get}}",
        "{Type: HttpApi, Properties: {Auth: {Authorizer: Login}}}",
    ],
)
def test_an_api_with_routes_or_an_authorizer_is_not(inspect: Inspect, write: Write, event: str) -> None:
    write("code/a.js", "exports.b = async () => 'hello';")
    made = inspect(write("site.yaml", played(IMPLICIT.replace("{Type: HttpApi}", event))))
    assert [one.rule for one in made.findings] == ["origins.unmapped"]
    assert made.distributions[0].origins["api"].function_url is None
