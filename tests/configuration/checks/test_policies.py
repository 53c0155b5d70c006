"""What policies may not hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Stack = Callable[..., Path]
Rules = Callable[[Path], dict[str, str]]

NAMES = {
    "HeadersConfig": {"HeaderBehavior": "none"},
    "CookiesConfig": {"CookieBehavior": "none"},
    "QueryStringsConfig": {"QueryStringBehavior": "none"},
}
KEY = "ParametersInCacheKeyAndForwardedToOrigin"


def headers(*names: str, behavior: str = "whitelist") -> dict[str, Any]:
    return {**NAMES, "HeadersConfig": {"HeaderBehavior": behavior, "Headers": list(names)}}


def cookies(behavior: str, *names: str) -> dict[str, Any]:
    return {**NAMES, "CookiesConfig": {"CookieBehavior": behavior, "Cookies": list(names)}}


def rules_of(stack: Stack, rules: Rules, kind: str, config: dict[str, Any]) -> dict[str, str]:
    properties = {f"{kind}Config": {"Name": "p", **config}}
    path = stack(resources={"P": {"Type": f"AWS::CloudFront::{kind}", "Properties": properties}})
    prefix = f"Resources.P.Properties.{kind}Config."
    return {rule: place.removeprefix(prefix) for rule, place in rules(path).items()}


@pytest.mark.parametrize(
    ("ttls", "key", "rule", "place"),
    [
        ({"MinTTL": 10, "DefaultTTL": 5}, NAMES, "policies.ttl_order", "MinTTL"),
        ({}, headers("Cookie"), "policies.header_not_keyed", f"{KEY}.HeadersConfig.Headers[0]"),
        ({}, headers("Accept", "X-Edge-A"), "policies.header_not_keyed", f"{KEY}.HeadersConfig.Headers[1]"),
        ({}, headers("CloudFront-Viewer-Address"), "policies.header_not_keyed", f"{KEY}.HeadersConfig.Headers[0]"),
        ({}, headers("accept-encoding"), "policies.accept_encoding", f"{KEY}.HeadersConfig.Headers[0]"),
        ({}, headers(), "policies.no_names", f"{KEY}.HeadersConfig.Headers"),
        ({}, headers("Accept", behavior="none"), "policies.names_ignored", f"{KEY}.HeadersConfig.Headers"),
        ({}, headers(*(f"X-{n}" for n in range(11))), "quotas.policy_names", f"{KEY}.HeadersConfig.Headers"),
        ({}, cookies("allExcept"), "policies.no_names", f"{KEY}.CookiesConfig.Cookies"),
        ({}, cookies("none", "a"), "policies.names_ignored", f"{KEY}.CookiesConfig.Cookies"),
        ({}, cookies("all"), "policies.hit_ratio", f"{KEY}.CookiesConfig.CookieBehavior"),
        ({}, headers("Accept", "Authorization"), "policies.hit_ratio", f"{KEY}.HeadersConfig.Headers[1]"),
        ({}, cookies("whitelist", "x" * 1025), "quotas.policy_names", f"{KEY}.CookiesConfig.Cookies"),
    ],
)
def test_cache_policies(
    stack: Stack, rules: Rules, ttls: dict[str, int], key: dict[str, Any], rule: str, place: str
) -> None:
    key = {"EnableAcceptEncodingGzip": True, "EnableAcceptEncodingBrotli": True, **key}
    config = {"MinTTL": 0, "DefaultTTL": 60, "MaxTTL": 600, **ttls, KEY: key}
    assert rules_of(stack, rules, "CachePolicy", config) == {rule: place}


@pytest.mark.parametrize(
    ("key", "place"),
    [
        (cookies("all"), f"{KEY}.CookiesConfig"),
        (headers("Origin"), f"{KEY}.HeadersConfig"),
        ({**NAMES, "EnableAcceptEncodingGzip": True}, f"{KEY}.EnableAcceptEncodingGzip"),
        (NAMES, None),
    ],
)
def test_where_nothing_is_cached_there_is_no_key(
    stack: Stack, rules: Rules, key: dict[str, Any], place: str | None
) -> None:
    config = {"MinTTL": 0, "DefaultTTL": 0, "MaxTTL": 0, KEY: {"EnableAcceptEncodingGzip": False, **key}}
    expected = {} if place is None else {"policies.caching_disabled": place}
    assert rules_of(stack, rules, "CachePolicy", config) == expected


@pytest.mark.parametrize(
    ("config", "rule", "place"),
    [
        (headers("Authorization"), "policies.authorization", "HeadersConfig.Headers[0]"),
        (
            headers("X-A", behavior="allViewerAndWhitelistCloudFront"),
            "policies.not_a_cloudfront_header",
            "HeadersConfig.Headers[0]",
        ),
        (headers("Host", behavior="allViewer"), "policies.names_ignored", "HeadersConfig.Headers"),
        (headers(behavior="allExcept"), "policies.no_names", "HeadersConfig.Headers"),
    ],
)
def test_origin_request_policies(stack: Stack, rules: Rules, config: dict[str, Any], rule: str, place: str) -> None:
    assert rules_of(stack, rules, "OriginRequestPolicy", config) == {rule: place}


def cors(**changes: Any) -> dict[str, Any]:
    return {
        "CorsConfig": {
            "AccessControlAllowOrigins": {"Items": ["https://a.example"]},
            "AccessControlAllowHeaders": {"Items": ["X-A"]},
            "AccessControlAllowMethods": {"Items": ["GET"]},
            "AccessControlAllowCredentials": True,
            "OriginOverride": True,
            **changes,
        }
    }


def custom(*names: str) -> dict[str, Any]:
    return {"CustomHeadersConfig": {"Items": [{"Header": name, "Value": "x", "Override": True} for name in names]}}


@pytest.mark.parametrize(
    ("config", "rule", "place"),
    [
        (custom("Via"), "policies.header_kept", "CustomHeadersConfig.Items[0].Header"),
        (custom("X-Amz-Cf-Id"), "policies.header_kept", "CustomHeadersConfig.Items[0].Header"),
        (custom(*(f"X-{n}" for n in range(11))), "policies.custom_headers", "CustomHeadersConfig"),
        (
            {"RemoveHeadersConfig": {"Items": [{"Header": "Content-Length"}]}},
            "policies.header_kept",
            "RemoveHeadersConfig.Items[0].Header",
        ),
        (
            cors(AccessControlAllowOrigins={"Items": ["*"]}),
            "policies.cors_credentials",
            "CorsConfig.AccessControlAllowOrigins",
        ),
        (
            cors(AccessControlAllowMethods={"Items": ["ALL"]}),
            "policies.cors_credentials",
            "CorsConfig.AccessControlAllowMethods",
        ),
        (
            {
                "SecurityHeadersConfig": {
                    "XSSProtection": {"Protection": True, "ModeBlock": True, "ReportUri": "x", "Override": True}
                }
            },
            "policies.xss",
            "SecurityHeadersConfig.XSSProtection",
        ),
        (
            {"ServerTimingHeadersConfig": {"Enabled": True, "SamplingRate": 101}},
            "policies.sampling_rate",
            "ServerTimingHeadersConfig.SamplingRate",
        ),
    ],
)
def test_response_headers_policies(stack: Stack, rules: Rules, config: dict[str, Any], rule: str, place: str) -> None:
    assert rules_of(stack, rules, "ResponseHeadersPolicy", config) == {rule: place}
