"""What behaviors make of the cache with the policies that they name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge import configuration

Stack = Callable[..., Path]

ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"
CORS_WITH_PREFLIGHT = "5cc3b908-e619-4b99-88e5-2cf7f45965bd"
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
METHODS = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]


def policy(**changes: Any) -> dict[str, Any]:
    """Resources with a cache policy that is called P."""
    key = {
        "EnableAcceptEncodingGzip": False,
        "HeadersConfig": {"HeaderBehavior": "none"},
        "CookiesConfig": {"CookieBehavior": "none"},
        "QueryStringsConfig": {"QueryStringBehavior": "none"},
        **changes.pop("key", {}),
    }
    config = {
        "Name": "mine",
        "MinTTL": 0,
        "DefaultTTL": 60,
        "MaxTTL": 600,
        "ParametersInCacheKeyAndForwardedToOrigin": key,
        **changes,
    }
    return {"P": {"Type": "AWS::CloudFront::CachePolicy", "Properties": {"CachePolicyConfig": config}}}


def legacy(**values: Any) -> dict[str, Any]:
    ttls = {name: values.pop(name) for name in ("MinTTL", "DefaultTTL", "MaxTTL") if name in values}
    return {"CachePolicyId": None, "ForwardedValues": {"QueryString": False, **values}, **ttls}


def found(path: Path) -> list[tuple[str, str, str]]:
    """Level, rule and property of each finding."""
    return [
        (one.level, one.rule, one.where.partition("DefaultCacheBehavior")[2].lstrip("."))
        for one in configuration.inspect(path).findings
    ]


@pytest.mark.parametrize(
    ("ttls", "expected"),
    [
        ({"MinTTL": 600, "DefaultTTL": 600}, [("note", "behaviors.fixed_ttl", "CachePolicyId")]),
        ({"MinTTL": 60}, [("note", "behaviors.min_ttl", "CachePolicyId")]),
        ({"MinTTL": 59}, []),
    ],
)
def test_ttls_that_do_nothing_or_win_over_the_origin(
    stack: Stack, ttls: dict[str, int], expected: list[tuple[str, str, str]]
) -> None:
    assert found(stack(resources=policy(**ttls), behavior={"CachePolicyId": {"Ref": "P"}})) == expected


@pytest.mark.parametrize(
    ("behavior", "key", "expected"),
    [
        ({"Compress": True}, {}, [("warning", "behaviors.compression", "Compress")]),
        ({"Compress": True}, {"EnableAcceptEncodingGzip": True}, []),
        ({"Compress": False}, {}, []),
        (
            {"Compress": True, "CachePolicyId": CACHING_DISABLED},
            {},
            [("note", "behaviors.compression", "Compress")],
        ),
    ],
)
def test_compression_needs_an_encoding_in_the_key(
    stack: Stack, behavior: dict[str, Any], key: dict[str, Any], expected: list[tuple[str, str, str]]
) -> None:
    assert found(stack(resources=policy(key=key), behavior={"CachePolicyId": {"Ref": "P"}, **behavior})) == expected


@pytest.mark.parametrize(
    ("behavior", "expected"),
    [
        (legacy(Headers=["*"]), [("warning", "behaviors.nothing_cached", "ForwardedValues.Headers")]),
        (
            legacy(Headers=["*"], MinTTL=1),
            [
                ("warning", "behaviors.nothing_cached", "ForwardedValues.Headers"),
                ("error", "behaviors.min_ttl_all_headers", "MinTTL"),
            ],
        ),
        (
            legacy(Cookies={"Forward": "all"}),
            [("warning", "behaviors.hit_ratio", "ForwardedValues.Cookies.Forward")],
        ),
        (
            legacy(Headers=["Origin", "Authorization"]),
            [("warning", "behaviors.hit_ratio", "ForwardedValues.Headers[1]")],
        ),
        (legacy(Headers=["Origin"], Cookies={"Forward": "none"}), []),
    ],
)
def test_legacy_settings_that_ruin_the_hit_ratio(
    stack: Stack, behavior: dict[str, Any], expected: list[tuple[str, str, str]]
) -> None:
    assert found(stack(behavior=behavior)) == expected


@pytest.mark.parametrize(
    ("behavior", "place"),
    [
        ({"OriginRequestPolicyId": ALL_VIEWER}, "OriginRequestPolicyId"),
        ({"CachePolicyId": {"Ref": "P"}}, "CachePolicyId"),
        (legacy(Headers=["Host"]), "ForwardedValues"),
    ],
)
@pytest.mark.parametrize(
    "origin",
    [
        {"DomainName": "files.s3.eu-west-1.amazonaws.com", "CustomOriginConfig": None, "S3OriginConfig": {}},
        {"DomainName": "abc.execute-api.eu-west-1.amazonaws.com"},
    ],
)
def test_trap_13_the_viewers_host_to_an_origin_that_knows_only_its_own(
    stack: Stack, origin: dict[str, Any], behavior: dict[str, Any], place: str
) -> None:
    keyed = policy(key={"HeadersConfig": {"HeaderBehavior": "whitelist", "Headers": ["Host"]}})
    findings = found(stack(resources=keyed, origin=origin, behavior=behavior))
    assert ("warning", "behaviors.viewer_host", place) in findings


def test_trap_15_cors_for_methods_whose_preflight_is_refused(stack: Stack) -> None:
    behavior = {"ResponseHeadersPolicyId": CORS_WITH_PREFLIGHT}
    assert found(stack(behavior=behavior)) == [("warning", "behaviors.preflight", "ResponseHeadersPolicyId")]
    assert found(stack(behavior={**behavior, "AllowedMethods": METHODS})) == []
