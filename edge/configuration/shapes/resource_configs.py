"""The configurations of functions, keys, origin access controls, real-time logs and the websites of buckets.

Source: CloudFront API Reference, FunctionConfig, KeyGroupConfig, PublicKeyConfig, OriginAccessControlConfig,
RealtimeLogConfig; Lambda API Reference, FunctionConfiguration; CloudFormation User Guide, AWS::S3::Bucket
WebsiteConfiguration.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from edge.configuration.shapes.shape import UNUSED, Many, NotModelled, Shape, Text


class OriginAccessIdentityConfigShape(Shape):
    """The legacy way for CloudFront to show itself to a bucket: nothing but a comment."""

    cloudformation_requires = ("Comment",)

    CallerReference: Annotated[Any, UNUSED] = None
    Comment: Annotated[Any, UNUSED] = None


class KeyValueStoreShape(Shape):
    """A key value store."""

    Name: Text
    Comment: Annotated[Any, UNUSED] = None
    Tags: Annotated[Any, UNUSED] = None
    ImportSource: Annotated[Any, NotModelled("its pairs are those of [kvs.NAME] in edge.toml", "note")] = None


class KeyValueStoreAssociationShape(Shape):
    """The store that a function reads."""

    KeyValueStoreARN: Text


class FunctionConfigShape(Shape):
    """How a CloudFront Function runs."""

    cloudformation_requires = ("Comment",)

    Comment: Annotated[Any, UNUSED] = None
    Runtime: Literal["cloudfront-js-1.0", "cloudfront-js-2.0"]
    KeyValueStoreAssociations: Many[KeyValueStoreAssociationShape] = ()


class KeyGroupConfigShape(Shape):
    """Public keys whose signatures a behavior trusts. `Items` are their ids."""

    Name: Text
    Items: tuple[Text, ...]
    Comment: Annotated[Any, UNUSED] = None


class PublicKeyConfigShape(Shape):
    """A public key in PEM form."""

    cloudformation_requires = ("CallerReference",)

    CallerReference: Annotated[Any, UNUSED] = None
    Name: Text
    EncodedKey: Text
    Comment: Annotated[Any, UNUSED] = None


class OriginAccessControlConfigShape(Shape):
    """How requests to an origin are signed."""

    cloudformation_requires = ("SigningProtocol",)

    Name: Text
    Description: Annotated[Any, UNUSED] = None
    SigningProtocol: Literal["sigv4"] = "sigv4"
    SigningBehavior: Literal["never", "always", "no-override", "always-amz-auth"]
    OriginAccessControlOriginType: Literal["s3", "mediastore", "mediapackagev2", "lambda"]


class RealtimeLogConfigShape(Shape):
    """A real-time log."""

    ARN: Annotated[Any, UNUSED] = None
    Name: Text
    SamplingRate: int = Field(ge=1, le=100)
    Fields: tuple[Text, ...]
    EndPoints: Annotated[Any, NotModelled("records go into a folder, not into a Kinesis stream", "note")]


class RedirectAllRequestsToShape(Shape):
    """Where a website sends everybody."""

    HostName: Text
    Protocol: Literal["http", "https"] | None = None


class RedirectRuleShape(Shape):
    """What a routing rule changes of a URL."""

    HostName: Text | None = None
    HttpRedirectCode: int = 301
    Protocol: Literal["http", "https"] | None = None
    ReplaceKeyPrefixWith: Text | None = None
    ReplaceKeyWith: Text | None = None


class RoutingRuleConditionShape(Shape):
    """When a routing rule applies."""

    HttpErrorCodeReturnedEquals: int | None = None
    KeyPrefixEquals: Text = ""


class RoutingRuleShape(Shape):
    """A redirect of a website."""

    RedirectRule: RedirectRuleShape
    RoutingRuleCondition: RoutingRuleConditionShape = RoutingRuleConditionShape()


class WebsiteConfigurationShape(Shape):
    """How a bucket is served as a website."""

    IndexDocument: Text = "index.html"
    ErrorDocument: Text = ""
    RedirectAllRequestsTo: RedirectAllRequestsToShape | None = None
    RoutingRules: tuple[RoutingRuleShape, ...] = ()


class LambdaConfigShape(Shape):
    """How a Lambda function runs: `MemorySize` in MiB, `Timeout` in seconds. Most of what else a function may have does
    not matter at the edge, and is not looked at; what Lambda@Edge refuses is in checks/aws_lambda.py."""

    model_config = ConfigDict(extra="ignore")

    Handler: Text
    Runtime: Text
    MemorySize: int = 128
    Timeout: float = 3
