"""What AWS refuses of behaviors, and what would go wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Stack = Callable[..., Path]
Rules = Callable[[Path], dict[str, str]]

ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"
LEGACY = {"CachePolicyId": None, "ForwardedValues": {"QueryString": False}}
CODE = "function handler(event) { return event.request; }"
FUNCTION = {
    "Type": "AWS::CloudFront::Function",
    "Properties": {
        "Name": "f",
        "AutoPublish": True,
        "FunctionCode": CODE,
        "FunctionConfig": {"Comment": "", "Runtime": "cloudfront-js-2.0"},
    },
}
LAMBDA_ARN = "arn:aws:lambda:us-east-1:123456789012:function:f"


def javascript(*event_types: str) -> dict[str, Any]:
    arn = {"Fn::GetAtt": ["F", "FunctionARN"]}
    return {"FunctionAssociations": [{"EventType": one, "FunctionARN": arn} for one in event_types]}


def edge(event_type: str, version: str = "1", *, include_body: bool = False) -> dict[str, Any]:
    one = {"EventType": event_type, "LambdaFunctionARN": f"{LAMBDA_ARN}:{version}", "IncludeBody": include_body}
    return {"LambdaFunctionAssociations": [one]}


@pytest.mark.parametrize(
    ("behavior", "rule", "place"),
    [
        ({"TargetOriginId": "ap"}, "behaviors.unknown_origin", "TargetOriginId"),
        ({"AllowedMethods": ["GET", "HEAD", "POST"]}, "behaviors.allowed_methods", "AllowedMethods"),
        ({"CachedMethods": ["GET"]}, "behaviors.cached_methods", "CachedMethods"),
        ({"CachedMethods": ["GET", "HEAD", "OPTIONS"]}, "behaviors.cached_methods", "CachedMethods"),
        ({"DefaultTTL": 60}, "behaviors.ignored", "DefaultTTL"),
        ({"CachePolicyId": None}, "behaviors.no_cache_policy", ""),
        ({**LEGACY, "OriginRequestPolicyId": ALL_VIEWER}, "behaviors.policy_alone", "OriginRequestPolicyId"),
        ({**LEGACY, "MinTTL": 100, "DefaultTTL": 60}, "behaviors.ttl_order", "MinTTL"),
        ({"TrustedKeyGroups": list("abcde")}, "quotas.key_groups", "TrustedKeyGroups"),
        (javascript("origin-request"), "functions.event_type", "FunctionAssociations[0].EventType"),
        (javascript("viewer-request", "viewer-request"), "functions.one_per_event", "FunctionAssociations"),
        (edge("origin-request", "live"), "functions.version", "LambdaFunctionAssociations[0].LambdaFunctionARN"),
        (edge("origin-request", "$LATEST"), "functions.version", "LambdaFunctionAssociations[0].LambdaFunctionARN"),
        (
            edge("origin-response", include_body=True),
            "functions.include_body",
            "LambdaFunctionAssociations[0].IncludeBody",
        ),
        (
            {**javascript("viewer-request"), **edge("viewer-response")},
            "functions.mixed",
            "LambdaFunctionAssociations",
        ),
    ],
)
def test_what_aws_refuses_of_a_behavior(
    stack: Stack, rules: Rules, behavior: dict[str, Any], rule: str, place: str
) -> None:
    found = rules(stack(resources={"F": FUNCTION}, behavior=behavior))
    assert found.get(rule) == f"DefaultCacheBehavior.{place}".rstrip(".")


@pytest.mark.parametrize(
    ("javascript_at", "edge_at", "refused"),
    [
        ("viewer-request", "viewer-request", True),
        ("viewer-request", "viewer-response", True),
        ("viewer-response", "viewer-request", True),
        ("viewer-request", "origin-request", False),
    ],
)
def test_trap_39_the_two_tiers_do_not_mix_at_viewer_events(
    stack: Stack, rules: Rules, javascript_at: str, edge_at: str, refused: bool
) -> None:
    """A CloudFront Function for viewers with a Lambda@Edge function for origins is fine."""
    found = rules(stack(resources={"F": FUNCTION}, behavior={**javascript(javascript_at), **edge(edge_at)}))
    assert ("functions.mixed" in found) is refused


@pytest.mark.parametrize("domain_name", ["abc.execute-api.eu-west-1.amazonaws.com", "abc.lambda-url.eu-west-1.on.aws"])
def test_the_viewers_host_does_not_go_to_servers_that_know_only_their_own(
    stack: Stack, rules: Rules, domain_name: str
) -> None:
    path = stack(origin={"DomainName": domain_name}, behavior={"OriginRequestPolicyId": ALL_VIEWER})
    assert "behaviors.viewer_host" in rules(path)


def test_functions_of_both_kinds_may_share_a_behavior_at_other_events(stack: Stack, rules: Rules) -> None:
    behavior = {**javascript("viewer-request", "viewer-response"), **edge("origin-request", include_body=True)}
    assert rules(stack(resources={"F": FUNCTION}, behavior=behavior)).keys() == {"not_modelled"}
