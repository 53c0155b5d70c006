"""Policies from their configurations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.configuration import Configuration
from edge.model.policies import (
    NO_NAMES,
    CachePolicy,
    Cors,
    Names,
    OriginRequestPolicy,
    PolicyHeader,
    ResponseHeadersPolicy,
    Selection,
)

Stack = Callable[..., Path]
Inspect = Callable[..., Configuration]

NONE = {
    "EnableAcceptEncodingGzip": False,
    "HeadersConfig": {"HeaderBehavior": "none"},
    "CookiesConfig": {"CookieBehavior": "none"},
    "QueryStringsConfig": {"QueryStringBehavior": "none"},
}


@pytest.fixture
def with_policy(stack: Stack, inspect: Inspect) -> Callable[..., Configuration]:
    """A template whose behavior uses one policy of its own."""

    def with_policy(kind: str, config: dict[str, Any]) -> Configuration:
        resource = {"Type": f"AWS::CloudFront::{kind}", "Properties": {f"{kind}Config": {"Name": "mine", **config}}}
        return inspect(stack(resources={"Mine": resource}, behavior={f"{kind}Id": {"Ref": "Mine"}}))

    return with_policy


def test_a_cache_policy(with_policy: Callable[..., Configuration]) -> None:
    key = {
        "EnableAcceptEncodingGzip": True,
        "EnableAcceptEncodingBrotli": True,
        "HeadersConfig": {"HeaderBehavior": "whitelist", "Headers": ["Accept-Language", "X-A"]},
        "CookiesConfig": {"CookieBehavior": "allExcept", "Cookies": ["Session"]},
        "QueryStringsConfig": {"QueryStringBehavior": "all"},
    }
    ttls = {"MinTTL": 1, "DefaultTTL": 60, "MaxTTL": 600}
    made = with_policy("CachePolicy", {**ttls, "ParametersInCacheKeyAndForwardedToOrigin": key})
    assert made.findings == ()
    assert made.distributions[0].behaviors[0].cache_policy == CachePolicy(
        "Mine",
        "mine",
        1,
        60,
        600,
        Names(Selection.WHITELIST, ("accept-language", "x-a")),
        Names(Selection.ALL_EXCEPT, ("Session",)),
        Names(Selection.ALL),
        gzip=True,
        brotli=True,
    )


@pytest.mark.parametrize(
    ("ttls", "default", "most"),
    [
        ({"MinTTL": 5}, 86_400, 31_536_000),
        ({"MinTTL": 100_000}, 100_000, 31_536_000),
        ({"MinTTL": 0, "DefaultTTL": 40_000_000}, 40_000_000, 40_000_000),
    ],
)
def test_ttls_that_are_left_out_are_a_day_and_a_year_or_what_is_below_them(
    with_policy: Callable[..., Configuration], ttls: dict[str, int], default: int, most: int
) -> None:
    made = with_policy("CachePolicy", {**ttls, "ParametersInCacheKeyAndForwardedToOrigin": NONE})
    policy = made.distributions[0].behaviors[0].cache_policy
    assert policy is not None
    assert (policy.default_ttl_s, policy.max_ttl_s) == (default, most)


def test_an_origin_request_policy(with_policy: Callable[..., Configuration]) -> None:
    names = ["CloudFront-Viewer-Country"]
    made = with_policy(
        "OriginRequestPolicy",
        {
            "HeadersConfig": {"HeaderBehavior": "allViewerAndWhitelistCloudFront", "Headers": names},
            "CookiesConfig": {"CookieBehavior": "all"},
            "QueryStringsConfig": {"QueryStringBehavior": "none"},
        },
    )
    assert made.findings == ()
    assert made.distributions[0].behaviors[0].origin_request_policy == OriginRequestPolicy(
        "Mine",
        "mine",
        Names(Selection.ALL_VIEWER_AND_WHITELIST_CLOUDFRONT, ("cloudfront-viewer-country",)),
        Names(Selection.ALL),
        NO_NAMES,
    )


def test_a_response_headers_policy(with_policy: Callable[..., Configuration]) -> None:
    """Lists keep their Items in CloudFormation here, and security headers come out as finished lines."""
    made = with_policy(
        "ResponseHeadersPolicy",
        {
            "CorsConfig": {
                "AccessControlAllowOrigins": {"Items": ["https://a.example"]},
                "AccessControlAllowHeaders": {"Items": ["X-A"]},
                "AccessControlAllowMethods": {"Items": ["GET", "POST"]},
                "AccessControlAllowCredentials": True,
                "AccessControlExposeHeaders": {"Items": ["X-B"]},
                "AccessControlMaxAgeSec": 600,
                "OriginOverride": True,
            },
            "SecurityHeadersConfig": {
                "StrictTransportSecurity": {
                    "AccessControlMaxAgeSec": 63_072_000,
                    "IncludeSubdomains": True,
                    "Preload": True,
                    "Override": True,
                },
                "ContentTypeOptions": {"Override": True},
                "FrameOptions": {"FrameOption": "DENY", "Override": False},
                "ReferrerPolicy": {"ReferrerPolicy": "same-origin", "Override": True},
                "ContentSecurityPolicy": {"ContentSecurityPolicy": "default-src 'self'", "Override": True},
                "XSSProtection": {"Protection": True, "ModeBlock": True, "Override": True},
            },
            "CustomHeadersConfig": {"Items": [{"Header": "X-C", "Value": "1", "Override": False}]},
            "RemoveHeadersConfig": {"Items": [{"Header": "Server"}]},
            "ServerTimingHeadersConfig": {"Enabled": True, "SamplingRate": 50},
        },
    )
    assert made.findings == ()
    assert made.distributions[0].behaviors[0].response_headers_policy == ResponseHeadersPolicy(
        "Mine",
        "mine",
        Cors(("https://a.example",), ("GET", "POST"), ("X-A",), True, ("X-B",), 600, True),
        (
            PolicyHeader("X-XSS-Protection", "1; mode=block", True),
            PolicyHeader("X-Frame-Options", "DENY", False),
            PolicyHeader("Referrer-Policy", "same-origin", True),
            PolicyHeader("Content-Security-Policy", "default-src 'self'", True),
            PolicyHeader("X-Content-Type-Options", "nosniff", True),
            PolicyHeader("Strict-Transport-Security", "max-age=63072000; includeSubDomains; preload", True),
        ),
        (PolicyHeader("X-C", "1", False),),
        ("server",),
        50.0,
    )


@pytest.mark.parametrize(
    ("xss", "value"),
    [
        ({"Protection": False}, "0"),
        ({"Protection": True}, "1"),
        ({"Protection": True, "ReportUri": "https://r.example"}, "1; report=https://r.example"),
    ],
)
def test_x_xss_protection(with_policy: Callable[..., Configuration], xss: dict[str, Any], value: str) -> None:
    config = {"SecurityHeadersConfig": {"XSSProtection": {**xss, "Override": True}}}
    policy = with_policy("ResponseHeadersPolicy", config).distributions[0].behaviors[0].response_headers_policy
    assert policy is not None
    assert policy.security == (PolicyHeader("X-XSS-Protection", value, True),)


def test_server_timing_that_is_off_is_off(with_policy: Callable[..., Configuration]) -> None:
    config = {"ServerTimingHeadersConfig": {"Enabled": False, "SamplingRate": 100}}
    policy = with_policy("ResponseHeadersPolicy", config).distributions[0].behaviors[0].response_headers_policy
    assert policy is not None
    assert policy.server_timing_rate is None
