"""The policies that AWS manages, by id and by name.

Source: CloudFront Developer Guide, "Use managed cache policies", "Use managed origin request policies", "Use managed
response headers policies". The Amplify-only variants whose settings AWS does not publish are not here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

from edge.model.policies import (
    ALL_NAMES,
    NO_NAMES,
    CachePolicy,
    Cors,
    Names,
    OriginRequestPolicy,
    PolicyHeader,
    ResponseHeadersPolicy,
    Selection,
)


class _Policy(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...


P = TypeVar("P", bound=_Policy)

_YEAR_S = 31_536_000
_DAY_S = 86_400


def _only(*names: str) -> Names:
    return Names(Selection.WHITELIST, names)


_ORIGIN_CONTROLLED_HEADERS = _only("host", "origin", "x-http-method-override", "x-http-method", "x-method-override")

CACHE_POLICIES = (
    CachePolicy("658327ea-f89d-4fab-a63d-7e88639e58f6", "CachingOptimized", 1, _DAY_S, _YEAR_S, gzip=True, brotli=True),
    CachePolicy("b2884449-e4de-46a7-ac36-70bc7f1ddd6d", "CachingOptimizedForUncompressedObjects", 1, _DAY_S, _YEAR_S),
    CachePolicy("4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "CachingDisabled", 0, 0, 0),
    CachePolicy(
        "83da9c7e-98b4-4e11-a168-04f0df8e2c65",
        "UseOriginCacheControlHeaders",
        0,
        0,
        _YEAR_S,
        _ORIGIN_CONTROLLED_HEADERS,
        ALL_NAMES,
        NO_NAMES,
        gzip=True,
        brotli=True,
    ),
    CachePolicy(
        "4cc15a8a-d715-48a4-82b8-cc0b614638fe",
        "UseOriginCacheControlHeaders-QueryStrings",
        0,
        0,
        _YEAR_S,
        _ORIGIN_CONTROLLED_HEADERS,
        ALL_NAMES,
        ALL_NAMES,
        gzip=True,
        brotli=True,
    ),
    CachePolicy(
        "08627262-05a9-4f76-9ded-b50ca2e3a84f",
        "Elemental-MediaPackage",
        0,
        _DAY_S,
        _YEAR_S,
        _only("origin"),
        NO_NAMES,
        _only("aws.manifestfilter", "start", "end", "m"),
        gzip=True,
    ),
    CachePolicy(
        "2e54312d-136d-493c-8eb9-b001f22f67d2",
        "Amplify",
        2,
        2,
        600,
        _only("authorization", "cloudfront-viewer-country", "host"),
        ALL_NAMES,
        ALL_NAMES,
        gzip=True,
        brotli=True,
    ),
)

_DEVICE_HEADERS = (
    "cloudfront-is-android-viewer",
    "cloudfront-is-desktop-viewer",
    "cloudfront-is-ios-viewer",
    "cloudfront-is-mobile-viewer",
    "cloudfront-is-smarttv-viewer",
    "cloudfront-is-tablet-viewer",
)
_LOCATION_HEADERS = (
    "cloudfront-viewer-city",
    "cloudfront-viewer-country",
    "cloudfront-viewer-country-name",
    "cloudfront-viewer-country-region",
    "cloudfront-viewer-country-region-name",
    "cloudfront-viewer-latitude",
    "cloudfront-viewer-longitude",
    "cloudfront-viewer-metro-code",
    "cloudfront-viewer-postal-code",
    "cloudfront-viewer-time-zone",
)
_CONNECTION_HEADERS = ("cloudfront-forwarded-proto", "cloudfront-viewer-http-version", "cloudfront-viewer-tls")

ORIGIN_REQUEST_POLICIES = (
    OriginRequestPolicy(
        "216adef6-5c7f-47e4-b989-5492eafa07d3", "AllViewer", Names(Selection.ALL_VIEWER), ALL_NAMES, ALL_NAMES
    ),
    OriginRequestPolicy(
        "b689b0a8-53d0-40ab-baf2-68738e2966ac",
        "AllViewerExceptHostHeader",
        Names(Selection.ALL_EXCEPT, ("host",)),
        ALL_NAMES,
        ALL_NAMES,
        (*_CONNECTION_HEADERS, *_DEVICE_HEADERS, *_LOCATION_HEADERS),
    ),
    OriginRequestPolicy(
        "33f36d7e-f396-46d9-90e0-52428a34d9dc",
        "AllViewerAndCloudFrontHeaders-2022-06",
        Names(Selection.ALL_VIEWER_AND_WHITELIST_CLOUDFRONT),
        ALL_NAMES,
        ALL_NAMES,
        (
            *_CONNECTION_HEADERS,
            *_DEVICE_HEADERS,
            *_LOCATION_HEADERS,
            "cloudfront-viewer-address",
            "cloudfront-viewer-asn",
        ),
    ),
    OriginRequestPolicy("59781a5b-3903-41f3-afcb-af62929ccde1", "CORS-CustomOrigin", _only("origin")),
    OriginRequestPolicy(
        "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf",
        "CORS-S3Origin",
        _only("origin", "access-control-request-headers", "access-control-request-method"),
    ),
    OriginRequestPolicy(
        "775133bc-15f2-49f9-abea-afb2e0bf67d2",
        "Elemental-MediaTailor-PersonalizedManifests",
        _only(
            "origin",
            "access-control-request-headers",
            "access-control-request-method",
            "user-agent",
            "x-forwarded-for",
        ),
        NO_NAMES,
        ALL_NAMES,
    ),
    OriginRequestPolicy("bf0718e1-ba1e-49d1-88b1-f726733018ae", "HostHeaderOnly", _only("host")),
    OriginRequestPolicy(
        "acba4595-bd28-49b8-b9fe-13317c0390fa", "UserAgentRefererHeaders", _only("user-agent", "referer")
    ),
)

_SIMPLE_CORS = Cors(("*",), (), ())
_PREFLIGHT_CORS = Cors(("*",), ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"), (), expose_headers=("*",))
_SECURITY = (
    PolicyHeader("Referrer-Policy", "strict-origin-when-cross-origin", False),
    PolicyHeader("Strict-Transport-Security", "max-age=31536000", False),
    PolicyHeader("X-Content-Type-Options", "nosniff", True),
    PolicyHeader("X-Frame-Options", "SAMEORIGIN", False),
    PolicyHeader("X-XSS-Protection", "1; mode=block", False),
)

RESPONSE_HEADERS_POLICIES = (
    ResponseHeadersPolicy("60669652-455b-4ae9-85a4-c4c02393f86c", "SimpleCORS", _SIMPLE_CORS),
    ResponseHeadersPolicy("5cc3b908-e619-4b99-88e5-2cf7f45965bd", "CORS-With-Preflight", _PREFLIGHT_CORS),
    ResponseHeadersPolicy("67f7725c-6f97-4210-82d7-5512b31e9d03", "SecurityHeadersPolicy", None, _SECURITY),
    ResponseHeadersPolicy(
        "e61eb60c-9c35-4d20-a928-2b84e02af89c", "CORS-and-SecurityHeadersPolicy", _SIMPLE_CORS, _SECURITY
    ),
    ResponseHeadersPolicy(
        "eaab4381-ed33-4a86-88ca-d9558dc6cd63",
        "CORS-with-preflight-and-SecurityHeadersPolicy",
        _PREFLIGHT_CORS,
        _SECURITY,
    ),
)


def _index(policies: Iterable[P]) -> Mapping[str, P]:
    """By id and by name; names in any letter case, and with the prefix of the console and the API."""
    found: dict[str, P] = {}
    for policy in policies:
        name = policy.name.lower()
        found |= {policy.id: policy, name: policy, f"managed-{name}": policy}
    return found


_CACHE = _index(CACHE_POLICIES)
_ORIGIN_REQUEST = _index(ORIGIN_REQUEST_POLICIES)
_RESPONSE_HEADERS = _index(RESPONSE_HEADERS_POLICIES)


def cache_policy(name_or_id: str) -> CachePolicy | None:
    """A managed cache policy; None when AWS has none of this name or id."""
    return _CACHE.get(name_or_id.lower())


def origin_request_policy(name_or_id: str) -> OriginRequestPolicy | None:
    """A managed origin request policy; None when AWS has none of this name or id."""
    return _ORIGIN_REQUEST.get(name_or_id.lower())


def response_headers_policy(name_or_id: str) -> ResponseHeadersPolicy | None:
    """A managed response headers policy; None when AWS has none of this name or id."""
    return _RESPONSE_HEADERS.get(name_or_id.lower())
