"""DistributionConfig and what it is made of.

Source: CloudFront API Reference, DistributionConfig; CloudFormation User Guide, AWS::CloudFront::Distribution
DistributionConfig. Defaults that the two share stand here; those that differ are the reader's (`declared.py`).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from edge.configuration.shapes.shape import (
    UNUSED,
    Choice,
    CountedMany,
    Description,
    HostName,
    Many,
    ManyPassed,
    Maybe,
    NotModelled,
    Passed,
    Shape,
    Text,
    spelled,
)
from edge.model.function import EventType as Event

Protocols = Literal["http-only", "https-only", "match-viewer"]
_GRPC = (
    "gRPC: such a request is an ordinary one here, over HTTP/1.1 to the origin and without trailers, so that gRPC "
    "clients see an error"
)
Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "OPTIONS", "DELETE"]


class OriginCustomHeaderShape(Shape):
    """A header that every request to an origin carries."""

    HeaderName: Text
    HeaderValue: Passed


class CustomOriginConfigShape(Shape):
    """An origin that is a web server."""

    HTTPPort: int = 80
    HTTPSPort: int = 443
    OriginProtocolPolicy: Protocols
    OriginSslProtocols: Many[Literal["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"]] = spelled("OriginSslProtocols", ())
    OriginReadTimeout: float = 30
    OriginKeepaliveTimeout: float = 5
    IpAddressType: Annotated[Any, NotModelled("the origin is asked by whichever address answers", "note")] = None
    OriginMtlsConfig: Annotated[Any, NotModelled("no client certificate is shown to the origin")] = None


class S3OriginConfigShape(Shape):
    """An origin that is an S3 bucket."""

    OriginAccessIdentity: Text = ""
    OriginReadTimeout: float = 30


class VpcOriginConfigShape(Shape):
    """An origin in a private network."""

    VpcOriginId: Annotated[Text, NotModelled("there is no VPC; the origin is where its local URL says", "note")]
    OwnerAccountId: Annotated[Any, NotModelled("the origin is where its local URL says", "note")] = None
    OriginReadTimeout: float = 30
    OriginKeepaliveTimeout: float = 5


class OriginShieldShape(Shape):
    """One more cache in front of an origin."""

    Enabled: bool = False
    OriginShieldRegion: Text = ""


class OriginShape(Shape):
    """Where requests go."""

    Id: Text
    DomainName: HostName
    OriginPath: Text = ""
    CustomHeaders: Many[OriginCustomHeaderShape] = spelled("CustomHeaders", ())
    S3OriginConfig: S3OriginConfigShape | None = None
    CustomOriginConfig: CustomOriginConfigShape | None = None
    VpcOriginConfig: VpcOriginConfigShape | None = None
    ConnectionAttempts: int = 3
    ConnectionTimeout: float = 10
    ResponseCompletionTimeout: Maybe[float] = None
    OriginShield: OriginShieldShape | None = None
    OriginAccessControlId: Text = ""


class OriginGroupMemberShape(Shape):
    """One origin of a group."""

    OriginId: Text


class FailoverCriteriaShape(Shape):
    """When the second origin of a group is asked."""

    StatusCodes: CountedMany[int]


class OriginGroupShape(Shape):
    """Two origins, the second for when the first fails."""

    Id: Text
    FailoverCriteria: FailoverCriteriaShape
    Members: CountedMany[OriginGroupMemberShape]
    SelectionCriteria: Annotated[
        Literal["default", "media-quality-based"], NotModelled("the first origin is always asked first", "note")
    ] = "default"


class FunctionAssociationShape(Shape):
    """A CloudFront Function at a viewer event."""

    EventType: Event
    FunctionARN: Text


class LambdaFunctionAssociationShape(Shape):
    """A Lambda function at an event (Lambda@Edge)."""

    EventType: Event
    LambdaFunctionARN: Text
    IncludeBody: bool = False


class CookiePreferenceShape(Shape):
    """Legacy: which cookies are forwarded."""

    Forward: Literal["none", "whitelist", "all"]
    WhitelistedNames: Many[Text] = ()


class ForwardedValuesShape(Shape):
    """Legacy: what is forwarded and keyed."""

    QueryString: bool
    Cookies: CookiePreferenceShape | None = None
    Headers: Many[Text] = ()
    QueryStringCacheKeys: Many[Text] = ()


class AllowedMethodsShape(Shape):
    """The methods of a behavior; in the API the cached ones are inside."""

    Items: tuple[Method, ...]
    Quantity: Annotated[Any, UNUSED] = None
    CachedMethods: Many[Method] | None = None


def _methods(value: Any) -> Any:
    """CloudFormation's plain list as the API's structure."""
    return {"Items": value} if isinstance(value, list) else value


class DefaultCacheBehaviorShape(Shape):
    """A cache behavior without a path pattern."""

    TargetOriginId: Text
    ViewerProtocolPolicy: Literal["allow-all", "https-only", "redirect-to-https"]
    AllowedMethods: Annotated[AllowedMethodsShape, BeforeValidator(_methods)] = AllowedMethodsShape(
        Items=("GET", "HEAD")
    )
    CachedMethods: Many[Method] | None = None
    Compress: bool = False
    CachePolicyId: Text = ""
    OriginRequestPolicyId: Text = ""
    ResponseHeadersPolicyId: Text = ""
    ForwardedValues: ForwardedValuesShape | None = None
    MinTTL: int = 0
    DefaultTTL: int = 86_400
    MaxTTL: int = 31_536_000
    FunctionAssociations: Many[FunctionAssociationShape] = ()
    LambdaFunctionAssociations: Many[LambdaFunctionAssociationShape] = ()
    TrustedKeyGroups: Many[Text] = ()
    TrustedSigners: Annotated[
        Any, NotModelled("signatures by account keys are not checked, requests without them pass; use TrustedKeyGroups")
    ] = None
    SmoothStreaming: Annotated[Any, NotModelled("Microsoft Smooth Streaming requests are ordinary requests")] = None
    FieldLevelEncryptionId: Annotated[Any, NotModelled("fields of POST bodies go to the origin in clear text")] = None
    RealtimeLogConfigArn: Text = ""
    GrpcConfig: Annotated[Any, NotModelled(_GRPC)] = None


class CacheBehaviorShape(DefaultCacheBehaviorShape):
    """A cache behavior for a path pattern."""

    PathPattern: Text


class CustomErrorResponseShape(Shape):
    """What becomes of an error."""

    ErrorCode: int
    ResponsePagePath: Text = ""
    ResponseCode: Maybe[int] = None
    ErrorCachingMinTTL: Maybe[int] = None


class GeoRestrictionShape(Shape):
    """Countries let in or kept out."""

    RestrictionType: Literal["blacklist", "whitelist", "none"]
    Quantity: Annotated[Any, UNUSED] = None
    Items: tuple[Text, ...] = spelled("Items", ())


class ViewerCertificateShape(Shape):
    """The certificate that viewers see. On this machine they see a local one."""

    CloudFrontDefaultCertificate: bool = False
    ACMCertificateArn: Description = spelled("ACMCertificateArn", "")
    IAMCertificateId: Description = spelled("IAMCertificateId", "")
    SSLSupportMethod: Literal["sni-only", "vip", "static-ip", ""] = spelled("SSLSupportMethod", "")
    MinimumProtocolVersion: Choice[
        Literal[
            "SSLv3",
            "TLSv1",
            "TLSv1_2016",
            "TLSv1.1_2016",
            "TLSv1.2_2018",
            "TLSv1.2_2019",
            "TLSv1.2_2021",
            "TLSv1.2_2025",
            "TLSv1.3_2025",
            "",
        ]
    ] = None
    Certificate: Annotated[Any, UNUSED] = None
    CertificateSource: Annotated[Any, UNUSED] = None


class RestrictionsShape(Shape):
    """Whom the distribution refuses."""

    GeoRestriction: GeoRestrictionShape


class CacheTagConfigShape(Shape):
    """The header in which an origin tags what it sends."""

    HeaderName: Text


class StringSchemaShape(Shape):
    """A parameter that is text."""

    Required: bool
    DefaultValue: Text = ""
    Comment: Annotated[Any, UNUSED] = None


class ParameterDefinitionSchemaShape(Shape):
    """What a parameter is."""

    StringSchema: StringSchemaShape


class ParameterDefinitionShape(Shape):
    """A parameter that each tenant of a template has."""

    Name: Text
    Definition: ParameterDefinitionSchemaShape


class TenantConfigShape(Shape):
    """What makes a distribution a template for tenants."""

    ParameterDefinitions: Many[ParameterDefinitionShape] = ()


class LoggingShape(Shape):
    """The standard log."""

    Enabled: bool = True
    IncludeCookies: bool = False
    Bucket: Annotated[Any, UNUSED] = None
    Prefix: Text = ""


class DistributionConfigShape(Shape):
    """A distribution. `CallerReference`, `Comment` and the like only describe."""

    CallerReference: Annotated[Any, UNUSED] = None
    Comment: Annotated[Any, UNUSED] = None
    Aliases: ManyPassed = ()
    DefaultRootObject: Text = ""
    Origins: Many[OriginShape] = ()
    OriginGroups: CountedMany[OriginGroupShape] = ()
    DefaultCacheBehavior: DefaultCacheBehaviorShape
    CacheBehaviors: Many[CacheBehaviorShape] = ()
    CustomErrorResponses: Many[CustomErrorResponseShape] = ()
    Enabled: bool
    HttpVersion: Literal["http1.1", "http2", "http3", "http2and3"] | None = None
    Restrictions: RestrictionsShape | None = None
    CacheTagConfig: CacheTagConfigShape | None = None
    Logging: LoggingShape | None = None
    PriceClass: Annotated[
        Choice[Literal["PriceClass_100", "PriceClass_200", "PriceClass_All", "None"]],
        NotModelled("the edge locations are those of [topology] in edge.toml", "note"),
    ] = None
    ViewerCertificate: ViewerCertificateShape | None = None
    IsIPV6Enabled: Annotated[
        Choice[bool], NotModelled("viewers connect to the address that edge serve listens on", "note")
    ] = spelled("IsIPV6Enabled", None)
    WebACLId: Text = ""
    ContinuousDeploymentPolicyId: Text = ""
    Staging: bool = False
    AnycastIpListId: Annotated[Any, NotModelled("viewers reach this machine by its own address", "note")] = None
    TenantConfig: TenantConfigShape | None = None
    ConnectionMode: Choice[Literal["direct", "tenant-only"]] = None
    ViewerMtlsConfig: Annotated[Any, NotModelled("viewers are not asked for a certificate")] = None
    ConnectionFunctionAssociation: Annotated[Any, NotModelled("the connection function does not run")] = None
    CNAMEs: Annotated[Any, NotModelled("a legacy property; use Aliases", "error")] = None
    S3Origin: Annotated[Any, NotModelled("a legacy property; use Origins", "error")] = None
    CustomOrigin: Annotated[Any, NotModelled("a legacy property; use Origins", "error")] = None
