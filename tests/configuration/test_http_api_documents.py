"""HTTP APIs that are an OpenAPI document: what SAM's own transform makes of them, and what people write."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from edge.configuration import Configuration, document
from edge.model.http_api import HttpApi

Inspect = Callable[..., Configuration]
Write = Callable[[str, Any], Path]

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Web:
    Type: AWS::Serverless::HttpApi
    Properties:
      StageName: v1
      CorsConfiguration: {AllowOrigins: ["https://a.example"], AllowMethods: [GET], MaxAge: 5}
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
      Events:
        List: {Type: HttpApi, Properties: {ApiId: !Ref Web, Path: /items, Method: get}}
        Ping: {Type: HttpApi, Properties: {ApiId: !Ref Web, Path: /ping, Method: any, Auth: {Authorizer: NONE}}}
        Asked: {Type: HttpApi, Properties: {ApiId: !Ref Web, Path: /asked, Method: get, Auth: {Authorizer: Asked}}}
        Rest: {Type: HttpApi, Properties: {ApiId: !Ref Web, Auth: {Authorizer: NONE}}}
        Write:
          Type: HttpApi
          Properties:
            ApiId: !Ref Web
            Path: /items/{id}
            Method: POST
            PayloadFormatVersion: "1.0"
            TimeoutInMillis: 2500
            Auth: {AuthorizationScopes: [write]}
  Site:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        Origins:
          - Id: api
            DomainName: !Sub "${Web}.execute-api.${AWS::Region}.amazonaws.com"
            CustomOriginConfig: {OriginProtocolPolicy: https-only}
        DefaultCacheBehavior:
          TargetOriginId: api
          ViewerProtocolPolicy: redirect-to-https
          CachePolicyId: 4135ea2d-6df8-44a3-9df3-4b5a84be39ad
"""


def api_of(made: Configuration) -> HttpApi:
    api = made.distributions[0].origins["api"].http_api
    assert api is not None
    return api


def told_apart(api: HttpApi) -> Any:
    routes = {
        one.key: (one.function and one.function.name, one.authorizer, one.scopes, one.payload_version, one.timeout_s)
        for one in api.routes
    }
    return routes, [stage.name for stage in api.stages], api.cors


def test_sams_own_transform_makes_the_same_api(inspect: Inspect, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    code = write("code/a.js", "exports.b = async () => 'hello';").parent
    path = write("template.yaml", TEMPLATE)
    before = told_apart(api_of(inspect(path)))
    plain = json.loads(json.dumps(document.read(path).tree))
    plain["Resources"]["Items"]["Properties"] |= {"CodeUri": "s3://bucket/key", "FunctionName": "items"}
    made = Translator({}, Parser()).translate(plain, {})
    made["Resources"]["Items"]["Properties"] |= {"Code": str(code), "FunctionName": "items"}
    after = told_apart(api_of(inspect(write("after.json", made))))
    assert after == before
    assert set(before[0]) == {"GET /items", "ANY /ping", "GET /asked", "$default", "POST /items/{id}"}
    assert before[0]["GET /asked"][0] is None


BODY: dict[str, Any] = {
    "openapi": "3.0.1",
    "paths": {
        "/a": {
            "get": {
                "x-amazon-apigateway-integration": {
                    "type": "AWS_PROXY",
                    "uri": {"Fn::GetAtt": ["Items", "Arn"]},
                },
            },
            "parameters": [],
        },
    },
}


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"security": [{"Login": []}]}, "its authorizer, Login, is not one of tokens"),
        ({"x-amazon-apigateway-integration": {"$ref": "#/components/x"}}, "its integration is no function"),
        ({"x-amazon-apigateway-integration": {"type": "http_proxy", "uri": "https://a.example"}}, "is no function"),
    ],
)
def test_what_is_not_modelled_in_a_document_is_listed_at_its_path(
    inspect: Inspect, write: Write, changed: dict[str, Any], why: str
) -> None:
    body = json.loads(json.dumps(BODY))
    body["paths"]["/a"]["get"] |= changed
    template = json.loads(json.dumps(document.read(write("template.yaml", TEMPLATE)).tree))
    resources = template["Resources"]
    resources["Web"] = {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Body": body}}
    resources["Stage"] = {
        "Type": "AWS::ApiGatewayV2::Stage",
        "Properties": {"ApiId": {"Ref": "Web"}, "StageName": "$default"},
    }
    del resources["Items"]["Properties"]["Events"]
    write("code/a.js", "exports.b = async () => 'hello';")
    made = inspect(write("site.json", template))
    (finding,) = [one for one in made.findings if one.rule == "not_modelled"]
    assert finding.where.endswith("Resources.Web.Properties.Body.paths./a.get")
    assert why in finding.message
    assert made.distributions[0].origins["api"].http_api is None


def test_a_document_without_a_payload_format_has_the_older_one(inspect: Inspect, write: Write) -> None:
    template = json.loads(json.dumps(document.read(write("template.yaml", TEMPLATE)).tree))
    template["Resources"]["Web"] = {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Body": BODY}}
    del template["Resources"]["Items"]["Properties"]["Events"]
    write("code/a.js", "exports.b = async () => 'hello';")
    (route,) = api_of(inspect(write("site.json", template))).routes
    assert (route.key, route.payload_version, route.authorizer) == ("GET /a", "1.0", None)
