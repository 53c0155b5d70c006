"""CachePolicyConfig, OriginRequestPolicyConfig and ResponseHeadersPolicyConfig.

Source: CloudFront API Reference, the structures of these names; CloudFormation User Guide, the types
AWS::CloudFront::CachePolicy, OriginRequestPolicy and ResponseHeadersPolicy.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from edge.configuration.shapes.shape import UNUSED, Many, Maybe, Shape, Text, WrappedMany


class CachePolicyHeadersConfigShape(Shape):
    """Headers in the cache key."""

    HeaderBehavior: Literal["none", "whitelist"]
    Headers: Many[Text] = ()


class CookiesConfigShape(Shape):
    """Cookies in the cache key, or for the origin."""

    CookieBehavior: Literal["none", "whitelist", "allExcept", "all"]
    Cookies: Many[Text] = ()


class QueryStringsConfigShape(Shape):
    """Query string parameters in the cache key, or for the origin."""

    QueryStringBehavior: Literal["none", "whitelist", "allExcept", "all"]
    QueryStrings: Many[Text] = ()


class CacheKeyParametersShape(Shape):
    """ParametersInCacheKeyAndForwardedToOrigin."""

    EnableAcceptEncodingGzip: bool
    EnableAcceptEncodingBrotli: bool = False
    HeadersConfig: CachePolicyHeadersConfigShape
    CookiesConfig: CookiesConfigShape
    QueryStringsConfig: QueryStringsConfigShape


class CachePolicyConfigShape(Shape):
    """A cache policy. TTLs are in seconds."""

    cloudformation_requires = ("DefaultTTL", "MaxTTL", "ParametersInCacheKeyAndForwardedToOrigin")

    Name: Text
    Comment: Annotated[Any, UNUSED] = None
    MinTTL: int
    DefaultTTL: int | None = None
    MaxTTL: int | None = None
    ParametersInCacheKeyAndForwardedToOrigin: CacheKeyParametersShape | None = None


class OriginRequestPolicyHeadersConfigShape(Shape):
    """Headers for the origin."""

    HeaderBehavior: Literal["none", "whitelist", "allViewer", "allViewerAndWhitelistCloudFront", "allExcept"]
    Headers: Many[Text] = ()


class OriginRequestPolicyConfigShape(Shape):
    """An origin request policy."""

    Name: Text
    Comment: Annotated[Any, UNUSED] = None
    HeadersConfig: OriginRequestPolicyHeadersConfigShape
    CookiesConfig: CookiesConfigShape
    QueryStringsConfig: QueryStringsConfigShape


class CorsConfigShape(Shape):
    """CORS headers."""

    AccessControlAllowOrigins: WrappedMany[Text]
    AccessControlAllowHeaders: WrappedMany[Text]
    AccessControlAllowMethods: WrappedMany[Literal["GET", "POST", "OPTIONS", "PUT", "DELETE", "PATCH", "HEAD", "ALL"]]
    AccessControlAllowCredentials: bool
    AccessControlExposeHeaders: WrappedMany[Text] = ()
    AccessControlMaxAgeSec: Maybe[int] = None
    OriginOverride: bool


class XSSProtectionShape(Shape):
    """X-XSS-Protection."""

    Override: bool
    Protection: bool
    ModeBlock: bool = False
    ReportUri: Text = ""


class FrameOptionsShape(Shape):
    """X-Frame-Options."""

    Override: bool
    FrameOption: Literal["DENY", "SAMEORIGIN"]


class ReferrerPolicyShape(Shape):
    """Referrer-Policy."""

    Override: bool
    ReferrerPolicy: Literal[
        "no-referrer",
        "no-referrer-when-downgrade",
        "origin",
        "origin-when-cross-origin",
        "same-origin",
        "strict-origin",
        "strict-origin-when-cross-origin",
        "unsafe-url",
    ]


class ContentSecurityPolicyShape(Shape):
    """Content-Security-Policy."""

    Override: bool
    ContentSecurityPolicy: Text


class ContentTypeOptionsShape(Shape):
    """X-Content-Type-Options: nosniff."""

    Override: bool


class StrictTransportSecurityShape(Shape):
    """Strict-Transport-Security."""

    Override: bool
    AccessControlMaxAgeSec: int
    IncludeSubdomains: bool = False
    Preload: bool = False


class SecurityHeadersConfigShape(Shape):
    """The six security headers."""

    XSSProtection: XSSProtectionShape | None = None
    FrameOptions: FrameOptionsShape | None = None
    ReferrerPolicy: ReferrerPolicyShape | None = None
    ContentSecurityPolicy: ContentSecurityPolicyShape | None = None
    ContentTypeOptions: ContentTypeOptionsShape | None = None
    StrictTransportSecurity: StrictTransportSecurityShape | None = None


class ServerTimingHeadersConfigShape(Shape):
    """The Server-Timing header."""

    Enabled: bool
    SamplingRate: Maybe[float] = None


class CustomHeaderShape(Shape):
    """A header that is set."""

    Header: Text
    Value: Text
    Override: bool


class RemoveHeaderShape(Shape):
    """A header that is taken away."""

    Header: Text


class ResponseHeadersPolicyConfigShape(Shape):
    """A response headers policy."""

    Name: Text
    Comment: Annotated[Any, UNUSED] = None
    CorsConfig: CorsConfigShape | None = None
    SecurityHeadersConfig: SecurityHeadersConfigShape | None = None
    ServerTimingHeadersConfig: ServerTimingHeadersConfigShape | None = None
    CustomHeadersConfig: WrappedMany[CustomHeaderShape] = ()
    RemoveHeadersConfig: WrappedMany[RemoveHeaderShape] = ()
