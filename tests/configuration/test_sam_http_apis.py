"""HTTP APIs of SAM: events of functions as routes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.configuration import Configuration
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
          - Id: api
            DomainName: !Sub "${API}.execute-api.${AWS::Region}.amazonaws.com"
            CustomOriginConfig: {OriginProtocolPolicy: https-only}
        DefaultCacheBehavior:
          TargetOriginId: api
          ViewerProtocolPolicy: redirect-to-https
          CachePolicyId: 4135ea2d-6df8-44a3-9df3-4b5a84be39ad
"""
EXPLICIT = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Web:
    Type: AWS::Serverless::HttpApi
    Properties:
      StageName: v1
      StageVariables: {color: blue}
      CorsConfiguration: true
      Auth:
        DefaultAuthorizer: Login
        Authorizers:
          Login:
            AuthorizationScopes: [read]
            JwtConfiguration: {issuer: "https://id.example.com", audience: [web]}
            IdentitySource: $request.header.Authorization
          Asked: {FunctionArn: !GetAtt Items.Arn, AuthorizerPayloadFormatVersion: "2.0"}
  Items:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: code
      Handler: a.b
      Runtime: nodejs22.x
      Environment: {Variables: {TABLE: items}}
      Events:
        List: {Type: HttpApi, Properties: {ApiId: !Ref Web, Path: /items, Method: get}}
        Ping: {Type: HttpApi, Properties: {ApiId: !Ref Web, Path: /ping, Auth: {Authorizer: NONE}}}
        Write:
          Type: HttpApi
          Properties:
            ApiId: !Ref Web
            Path: /items/{id}
            Method: POST
            PayloadFormatVersion: "1.0"
            TimeoutInMillis: 2500
            Auth: {AuthorizationScopes: [write]}
"""
IMPLICIT = """
Transform: AWS::Serverless-2016-10-31
Globals:
  HttpApi:
    Auth:
      DefaultAuthorizer: Login
      Authorizers: {Login: {JwtConfiguration: {issuer: "https://id.example.com", audience: web}}}
Resources:
  Items:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: code, Handler: a.b, Runtime: nodejs22.x, Events: {All: {Type: HttpApi}}}
"""
LOGIN = JwtAuthorizer("https://id.example.com", ("web",))


@pytest.fixture
def read(inspect: Inspect, write: Write) -> Callable[[str, str], Configuration]:
    """Read a template whose distribution has the HTTP API of a name as its origin."""

    def read(template: str, api: str) -> Configuration:
        write("code/a.js", "exports.b = async () => 'hello';")
        return inspect(write("site.yaml", template + SITE.replace("API", api)))

    return read


def api_of(made: Configuration) -> HttpApi:
    api = made.distributions[0].origins["api"].http_api
    assert api is not None
    return api


def test_events_are_routes(read: Callable[[str, str], Configuration]) -> None:
    made = read(EXPLICIT, "Web")
    api = api_of(made)
    assert [(one.key, one.authorizer, one.scopes, one.payload_version, one.timeout_s) for one in api.routes] == [
        ("GET /items", LOGIN, ("read",), "2.0", 30),
        ("ANY /ping", None, (), "2.0", 30),
        ("POST /items/{id}", LOGIN, ("write",), "1.0", 2.5),
    ]
    assert {one.environment for one in api.functions} == {(("TABLE", "items"),)}
    assert api.stages == (Stage("v1", (("color", "blue"),)),)
    assert api.cors is not None
    assert api.cors.allow_origins == ("*",)
    assert [one.rule for one in made.findings] == ["http_apis.issuer"]


def test_the_implicit_api_has_what_globals_say(read: Callable[[str, str], Configuration]) -> None:
    api = api_of(read(IMPLICIT, "ServerlessHttpApi"))
    assert [(one.key, one.authorizer) for one in api.routes] == [("$default", LOGIN)]
    assert api.stages == (Stage(),)


def test_a_route_with_another_authorizer_lets_nobody_in(read: Callable[[str, str], Configuration]) -> None:
    """The other routes run."""
    made = read(EXPLICIT.replace("{Authorizer: NONE}", "{Authorizer: Asked}"), "Web")
    assert [one.function is not None for one in api_of(made).routes] == [True, False, True]
    (finding,) = [one for one in made.findings if one.rule == "not_modelled"]
    assert finding.where.endswith("Resources.Items.Properties.Events.Ping")
    assert "requests to the route ANY /ping get 502: its authorizer, Asked, is not one of tokens" in finding.message


DOCUMENT = """
      DefinitionBody:
        openapi: 3.0.1
        paths:
          /more:
            get:
              x-amazon-apigateway-integration:
                {type: aws_proxy, httpMethod: POST, payloadFormatVersion: "2.0", uri: !GetAtt Items.Arn}
"""


def test_routes_of_a_document_have_the_default_authorizer_too(read: Callable[[str, str], Configuration]) -> None:
    api = api_of(read(EXPLICIT.replace("      StageName: v1\n", f"      StageName: v1{DOCUMENT}"), "Web"))
    assert [(one.key, one.authorizer, one.scopes) for one in api.routes][-1] == ("GET /more", LOGIN, ("read",))


def test_a_document_elsewhere_is_listed(read: Callable[[str, str], Configuration]) -> None:
    made = read(EXPLICIT.replace("StageName: v1", "StageName: v1\n      DefinitionUri: api.yaml"), "Web")
    (finding,) = [one for one in made.findings if one.rule == "not_modelled"]
    assert finding.where.endswith("Resources.Web.Properties.DefinitionUri")


def test_an_audience_that_only_aws_knows_is_said(read: Callable[[str, str], Configuration]) -> None:
    client = """
  Client: {Type: AWS::Cognito::UserPoolClient, Properties: {UserPoolId: pool}}
"""
    made = read(EXPLICIT.replace("audience: [web]", "audience: [!GetAtt Client.ClientId]") + client, "Web")
    (finding,) = [one for one in made.findings if one.rule == "http_apis.authorizer"]
    assert finding.where.endswith("Auth.Authorizers.Login.JwtConfiguration.audience")
    assert 'add "Client.ClientId" = "..." under [parameters]' in finding.message
