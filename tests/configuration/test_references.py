"""What Ref and GetAtt give: stand-ins with the shape that AWS gives them."""

from __future__ import annotations

import pytest

from edge.configuration import references, yaml_positions
from edge.configuration.positions import Place, Unresolved
from edge.configuration.template import Assembly, Template

TEXT = """
Transform: AWS::Serverless-2016-10-31
Resources:
  SiteBucket: {Type: AWS::S3::Bucket}
  Named: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub "${AWS::StackName}-files"}}
  Rewrite: {Type: AWS::CloudFront::Function, Properties: {Name: rewrite}}
  Store: {Type: AWS::CloudFront::KeyValueStore, Properties: {Name: routes}}
  Policy: {Type: AWS::CloudFront::CachePolicy}
  Control: {Type: AWS::CloudFront::OriginAccessControl}
  Edge: {Type: AWS::Lambda::Function, Properties: {FunctionName: edge}}
  EdgeVersion: {Type: AWS::Lambda::Version, Properties: {FunctionName: !Ref Edge}}
  ByArn: {Type: AWS::Lambda::Version, Properties: {FunctionName: !GetAtt Edge.Arn}}
  Sam: {Type: AWS::Serverless::Function, Properties: {AutoPublishAlias: live, FunctionUrlConfig: {AuthType: NONE}}}
  Unpublished: {Type: AWS::Serverless::Function, Properties: {Events: {Get: {Type: HttpApi}}}}
  Url: {Type: AWS::Lambda::Url}
  Api: {Type: AWS::ApiGatewayV2::Api}
  Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer}
  Site: {Type: AWS::CloudFront::Distribution}
  Topic: {Type: AWS::SNS::Topic}
"""
LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function"


@pytest.fixture
def template() -> Template:
    return Template(Place("app.yaml", "", yaml_positions.read(TEXT, "app.yaml")), {}, Assembly(), "edge.toml")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SiteBucket", "sitebucket"),
        ("Named", "app-files"),
        ("Rewrite", "arn:aws:cloudfront::123456789012:function/rewrite"),
        ("Store", "routes"),
        ("Policy", "Policy"),
        ("Edge", "edge"),
        ("EdgeVersion", f"{LAMBDA}:edge:1"),
        ("ByArn", f"{LAMBDA}:edge:1"),
        ("Sam.Version", f"{LAMBDA}:sam:1"),
        ("Sam.Alias", f"{LAMBDA}:sam:live"),
        ("Topic", "Topic"),
        ("ServerlessHttpApi", "ServerlessHttpApi"),
        ("SamAliaslive", f"{LAMBDA}:sam:live"),
    ],
)
def test_ref(template: Template, name: str, value: str) -> None:
    assert references.ref(template, name) == value


@pytest.mark.parametrize(
    ("logical_id", "name", "value"),
    [
        ("SiteBucket", "RegionalDomainName", "sitebucket.s3.us-east-1.amazonaws.com"),
        ("Named", "DomainName", "app-files.s3.amazonaws.com"),
        ("SiteBucket", "WebsiteURL", "http://sitebucket.s3-website-us-east-1.amazonaws.com"),
        ("Rewrite", "FunctionARN", "arn:aws:cloudfront::123456789012:function/rewrite"),
        ("Rewrite", "FunctionMetadata.FunctionARN", "arn:aws:cloudfront::123456789012:function/rewrite"),
        ("Store", "Arn", "arn:aws:cloudfront::123456789012:key-value-store/Store"),
        ("Policy", "Id", "Policy"),
        ("Edge", "Arn", f"{LAMBDA}:edge"),
        ("Sam", "Version", f"{LAMBDA}:sam:1"),
        ("EdgeVersion", "FunctionArn", f"{LAMBDA}:edge:1"),
        ("EdgeVersion", "Version", "1"),
        ("Url", "FunctionUrl", "https://url.lambda-url.us-east-1.on.aws/"),
        ("Api", "ApiEndpoint", "https://Api.execute-api.us-east-1.amazonaws.com"),
        ("Balancer", "DNSName", "balancer-1234567890.us-east-1.elb.amazonaws.com"),
        ("Site", "DomainName", "site.cloudfront.net"),
    ],
)
def test_get_att(template: Template, logical_id: str, name: str, value: str) -> None:
    assert references.attribute(template, logical_id, name) == value


@pytest.mark.parametrize(
    ("logical_id", "name", "words"),
    [
        ("Topic", "TopicArn", "Topic.TopicArn (AWS::SNS::Topic) is known after deployment only"),
        ("Rewrite", "FunctionArn", "AWS::CloudFront::Function has no attribute FunctionArn; did you mean FunctionARN?"),
        ("Nobody", "Arn", "the template has no resource Nobody; there are"),
        ("SiteBuckt", "Arn", "did you mean SiteBucket?"),
        ("Topic", "TopicArn", 'add "Topic.TopicArn" = "..." under [parameters] in edge.toml'),
        ("Unpublished", "Version", "is there once Unpublished has AutoPublishAlias: live"),
    ],
)
def test_what_is_known_after_deployment_only_says_so(
    template: Template, logical_id: str, name: str, words: str
) -> None:
    value = references.attribute(template, logical_id, name)
    assert isinstance(value, Unresolved)
    assert words in value.reason


@pytest.mark.parametrize(
    ("logical_id", "kind", "host"),
    [
        ("SiteBucket", "AWS::S3::Bucket", "sitebucket.s3.us-east-1.amazonaws.com"),
        ("SiteBucket", "AWS::S3::Bucket", "sitebucket.s3-website-us-east-1.amazonaws.com"),
        ("Url", "AWS::Lambda::Url", "url.lambda-url.us-east-1.on.aws"),
        ("SamUrl", "AWS::Lambda::Url", "samurl.lambda-url.us-east-1.on.aws"),
        ("ServerlessHttpApi", "AWS::Serverless::HttpApi", "ServerlessHttpApi.execute-api.us-east-1.amazonaws.com"),
        ("Api", "AWS::ApiGatewayV2::Api", "Api.execute-api.us-east-1.amazonaws.com"),
        ("Rest", "AWS::ApiGateway::RestApi", "Rest.execute-api.us-east-1.amazonaws.com"),
    ],
)
def test_a_resource_is_an_origin_by_its_domain_names(template: Template, logical_id: str, kind: str, host: str) -> None:
    assert host in references.hosts(template, logical_id, kind)
