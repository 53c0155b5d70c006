"""Function URLs as origins, in the forms that declare them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.configuration import Configuration
from edge.model.function_url import FunctionUrlCors

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
            DomainName: !Select [2, !Split ["/", !GetAtt ApiUrl.FunctionUrl]]
            OriginAccessControlId: !Ref Control
            CustomOriginConfig: {OriginProtocolPolicy: https-only}
        DefaultCacheBehavior:
          TargetOriginId: api
          ViewerProtocolPolicy: redirect-to-https
          CachePolicyId: 4135ea2d-6df8-44a3-9df3-4b5a84be39ad
  Control:
    Type: AWS::CloudFront::OriginAccessControl
    Properties:
      OriginAccessControlConfig:
        {Name: api, OriginAccessControlOriginType: lambda, SigningBehavior: always, SigningProtocol: sigv4}
"""
SAM = f"""
Transform: AWS::Serverless-2016-10-31
Globals: {{Function: {{Runtime: nodejs22.x, Environment: {{Variables: {{STAGE: dev}}}}}}}}
Resources:
  Api:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      CodeUri: api/
      Timeout: 20
      Environment: {{Variables: {{TABLE: !Ref Table}}}}
      FunctionUrlConfig:
        AuthType: AWS_IAM
        InvokeMode: RESPONSE_STREAM
        Cors: {{AllowOrigins: ["*"], AllowMethods: [GET], MaxAge: 60}}
  Table: {{Type: AWS::DynamoDB::Table}}
{SITE}"""
PLAIN = f"""
Resources:
  Api:
    Type: AWS::Lambda::Function
    Properties:
      {{Runtime: nodejs22.x, Handler: app.handler, Code: api/, Timeout: 20, Role: "arn:aws:iam::1:role/r",
        Environment: {{Variables: {{STAGE: dev, TABLE: !Ref Table}}}}}}
  Live: {{Type: AWS::Lambda::Alias, Properties: {{FunctionName: !Ref Api, FunctionVersion: "1", Name: live}}}}
  ApiUrl:
    Type: AWS::Lambda::Url
    Properties:
      TargetFunctionArn: !GetAtt Api.Arn
      Qualifier: live
      AuthType: AWS_IAM
      InvokeMode: RESPONSE_STREAM
      Cors: {{AllowOrigins: ["*"], AllowMethods: [GET], MaxAge: 60}}
  Table: {{Type: AWS::DynamoDB::Table}}
{SITE}"""


@pytest.mark.parametrize("template", [SAM, PLAIN, PLAIN.replace("!GetAtt Api.Arn", "!Ref Live")])
def test_the_function_behind_a_url_is_known(inspect: Inspect, write: Write, template: str) -> None:
    code = write("api/app.js", "exports.handler = async () => 'hello';")
    made = inspect(write("site.yaml", template))
    url = made.distributions[0].origins["api"].function_url
    assert url is not None
    assert (url.function.name, url.function.handler, url.function.timeout_s) == ("api", "app.handler", 20)
    assert Path(url.function.code_path) == code.parent
    assert (url.auth_type, url.invoke_mode) == ("AWS_IAM", "RESPONSE_STREAM")
    assert dict(url.function.environment) == {"STAGE": "dev", "TABLE": "Table"}
    assert url.cors == FunctionUrlCors(("*",), ("GET",), max_age_s=60)
    assert made.findings == ()


def test_code_that_is_not_here_is_listed(inspect: Inspect, write: Write) -> None:
    template = PLAIN.replace("!GetAtt Api.Arn", "arn:aws:lambda:us-east-1:1:function:elsewhere")
    made = inspect(write("site.yaml", template))
    assert made.distributions[0].origins["api"].function_url is None
    assert [finding.rule for finding in made.findings] == ["not_modelled", "origins.unmapped"]
    assert "the code of arn:aws:lambda:us-east-1:1:function:elsewhere:1 is not here" in made.findings[0].message


def test_a_function_url_in_terraform(inspect: Inspect, write: Write) -> None:
    write("api/app.py", "def handler(event, context): return 'hello'")
    values: dict[str, tuple[str, dict[str, Any]]] = {
        "aws_lambda_function.api": (
            "aws_lambda_function",
            {
                "function_name": "api",
                "handler": "app.handler",
                "runtime": "python3.13",
                "filename": "api",
                "arn": "arn:aws:lambda:us-east-1:1:function:api",
                "qualified_arn": "arn:aws:lambda:us-east-1:1:function:api:4",
                "version": "4",
                "environment": [{"variables": {"STAGE": "dev"}}],
            },
        ),
        "aws_lambda_function_url.api": (
            "aws_lambda_function_url",
            {
                "function_name": "api",
                "authorization_type": "NONE",
                "invoke_mode": "BUFFERED",
                "function_url": "https://abc.lambda-url.us-east-1.on.aws/",
            },
        ),
        "aws_cloudfront_distribution.site": (
            "aws_cloudfront_distribution",
            {
                "enabled": True,
                "origin": [
                    {
                        "origin_id": "api",
                        "domain_name": "abc.lambda-url.us-east-1.on.aws",
                        "custom_origin_config": [
                            {
                                "http_port": 80,
                                "https_port": 443,
                                "origin_protocol_policy": "https-only",
                                "origin_ssl_protocols": ["TLSv1.2"],
                            }
                        ],
                    }
                ],
                "default_cache_behavior": [
                    {
                        "target_origin_id": "api",
                        "viewer_protocol_policy": "https-only",
                        "allowed_methods": ["GET", "HEAD"],
                        "cached_methods": ["GET", "HEAD"],
                        "cache_policy_id": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
                    }
                ],
            },
        ),
    }
    listed = [
        {"address": address, "type": kind, "name": address.partition(".")[2], "values": given}
        for address, (kind, given) in values.items()
    ]
    made = inspect(
        write("state.json", {"format_version": "1.0", "values": {"root_module": {"resources": listed}}}),
    )
    url = made.distributions[0].origins["api"].function_url
    assert url is not None
    assert (url.auth_type, url.invoke_mode, url.function.version) == ("NONE", "BUFFERED", "4")
    assert dict(url.function.environment) == {"STAGE": "dev"}
