"""What a distribution refers to is looked up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.configuration import Configuration
from edge.model import managed_policies
from edge.model.distribution import (
    Behavior,
    CustomErrorResponse,
    GeoRestriction,
    ViewerProtocolPolicy,
)
from edge.model.path_pattern import PathPattern
from edge.model.policies import ForwardedValues, Names, Selection

CERTIFICATE = {"AcmCertificateArn": "arn:aws:acm:us-east-1:1:certificate/1", "SslSupportMethod": "sni-only"}
Stack = Callable[..., Path]
Inspect = Callable[..., Configuration]

CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
UNKNOWN = "11111111-2222-3333-4444-555555555555"


def test_behaviors_keep_their_order_and_the_default_is_last(stack: Stack, inspect: Inspect) -> None:
    methods = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
    one = {
        "PathPattern": "/api/*",
        "TargetOriginId": "app",
        "ViewerProtocolPolicy": "https-only",
        "CachePolicyId": CACHING_DISABLED,
        "AllowedMethods": methods,
        "CachedMethods": ["GET", "HEAD", "OPTIONS"],
        "OriginRequestPolicyId": "b689b0a8-53d0-40ab-baf2-68738e2966ac",
        "ResponseHeadersPolicyId": "60669652-455b-4ae9-85a4-c4c02393f86c",
    }
    two = {**one, "PathPattern": "*.png", "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6", "Compress": "true"}
    made = inspect(stack(config={"CacheBehaviors": [one, two]}))
    assert made.findings == ()
    first, second, default = made.distributions[0].behaviors
    assert (second.path_pattern.text, default.path_pattern.text) == ("*.png", "*")
    assert second.compress
    assert first == Behavior(
        "app",
        PathPattern("/api/*"),
        ViewerProtocolPolicy.HTTPS_ONLY,
        frozenset(methods),
        frozenset({"GET", "HEAD", "OPTIONS"}),
        managed_policies.cache_policy("CachingDisabled"),
        None,
        managed_policies.origin_request_policy("AllViewerExceptHostHeader"),
        managed_policies.response_headers_policy("SimpleCORS"),
        functions={},
        trusted_keys={},
    )


def test_forwarded_values_of_old(stack: Stack, inspect: Inspect) -> None:
    legacy = {
        "QueryString": True,
        "QueryStringCacheKeys": ["v"],
        "Headers": ["Origin"],
        "Cookies": {"Forward": "whitelist", "WhitelistedNames": ["s*"]},
    }
    made = inspect(stack(behavior={"CachePolicyId": None, "ForwardedValues": legacy, "MinTTL": 1, "MaxTTL": 100_000}))
    assert made.findings == ()
    behavior = made.distributions[0].behaviors[0]
    cookies = Names(Selection.WHITELIST, ("s*",))
    assert behavior.cache_policy is None
    assert behavior.forwarded_values == ForwardedValues(True, ("v",), ("origin",), cookies, 1, 86_400, 100_000)


def test_what_holds_for_the_whole_distribution(stack: Stack, inspect: Inspect) -> None:
    made = inspect(
        stack(
            config={
                "Aliases": ["www.example.com"],
                "ViewerCertificate": {
                    "AcmCertificateArn": "arn:aws:acm:us-east-1:1:certificate/1",
                    "SslSupportMethod": "sni-only",
                },
                "DefaultRootObject": "index.html",
                "Enabled": False,
                "HttpVersion": "http2and3",
                "CustomErrorResponses": [
                    {"ErrorCode": 403, "ResponseCode": 200, "ResponsePagePath": "/index.html", "ErrorCachingMinTTL": 0}
                ],
                "Restrictions": {"GeoRestriction": {"RestrictionType": "blacklist", "Locations": ["de"]}},
                "CacheTagConfig": {"HeaderName": "Cache-Tag"},
            }
        )
    )
    assert [one for one in made.findings if one.level != "note"] == []
    site = made.distributions[0]
    assert (site.aliases, site.default_root_object, site.enabled) == (("www.example.com",), "index.html", False)
    assert (site.http3, site.cache_tag_header) == (True, "cache-tag")
    assert site.custom_error_responses == {403: CustomErrorResponse(403, "/index.html", 200, 0)}
    assert site.geo_restriction == GeoRestriction("blacklist", frozenset({"DE"}))


@pytest.mark.parametrize(
    ("behavior", "rule", "words"),
    [
        ({"CachePolicyId": UNKNOWN}, "behaviors.unknown_policy", f"the cache policy {UNKNOWN} is not here"),
        (
            {"CachePolicyId": "CachingDisabled"},
            "behaviors.unknown_policy",
            f"wants the id here, which is {CACHING_DISABLED}",
        ),
        ({"TrustedKeyGroups": [UNKNOWN]}, "behaviors.unknown_key_group", f"the key group {UNKNOWN} is not here"),
        (
            {
                "FunctionAssociations": [
                    {"EventType": "viewer-request", "FunctionARN": "arn:aws:cloudfront::1:function/f"}
                ]
            },
            "functions.unknown",
            "the function arn:aws:cloudfront::1:function/f is not here",
        ),
    ],
)
def test_what_is_referred_to_and_not_there_is_an_error(
    stack: Stack, inspect: Inspect, behavior: dict[str, Any], rule: str, words: str
) -> None:
    (finding,) = inspect(stack(behavior=behavior)).findings
    assert (finding.level, finding.rule) == ("error", rule)
    assert words in finding.message


@pytest.mark.parametrize(
    "behavior",
    [
        {"CachePolicyId": {"Ref": "Nobody"}},
        {"TrustedKeyGroups": [{"Ref": "Nobody"}]},
        {"FunctionAssociations": [{"EventType": "viewer-request", "FunctionARN": {"Ref": "Nobody"}}]},
        {"LambdaFunctionAssociations": [{"EventType": "viewer-request", "LambdaFunctionARN": {"Ref": "Nobody"}}]},
    ],
)
def test_a_reference_that_is_not_known_is_reported_once(stack: Stack, inspect: Inspect, behavior: Any) -> None:
    assert [finding.rule for finding in inspect(stack(behavior=behavior)).findings] == ["schema.unresolved"]


def test_switches_come_from_edge_toml(stack: Stack, inspect: Inspect, write: Callable[[str, Any], Path]) -> None:
    path = stack()
    write("edge.toml", '[origins]\napp = "http://localhost:1"\n[switches]\nserve_stale_x_cache = "Hit"\n')
    assert inspect(path).distributions[0].switches.serve_stale_x_cache == "Hit"


def test_trap_5_a_custom_error_response_of_cloudformation_caches_for_300_seconds(
    stack: Stack, inspect: Inspect
) -> None:
    """Without an ErrorCachingMinTTL; in the API it would be 10."""
    page = {"ErrorCode": 404, "ResponsePagePath": "/404.html", "ResponseCode": 404}
    (made,) = inspect(stack(config={"CustomErrorResponses": [page]})).distributions
    assert made.custom_error_responses[404].error_caching_min_ttl_s == 300
