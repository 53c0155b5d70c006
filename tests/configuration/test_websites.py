"""The WebsiteConfiguration of buckets that are origins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from edge.configuration import Configuration
from edge.model.website import RoutingRule, Website

Stack = Callable[..., Path]
Inspect = Callable[..., Configuration]

ORIGIN = {
    "DomainName": {"Fn::Select": [2, {"Fn::Split": ["/", {"Fn::GetAtt": ["Bucket", "WebsiteURL"]}]}]},
    "CustomOriginConfig": {"OriginProtocolPolicy": "http-only"},
}


def test_a_website_endpoint_is_served_as_its_bucket_says(stack: Stack, inspect: Inspect) -> None:
    configuration = {
        "IndexDocument": "home.html",
        "ErrorDocument": "404.html",
        "RoutingRules": [
            {
                "RedirectRule": {"ReplaceKeyPrefixWith": "documents/", "HttpRedirectCode": "302"},
                "RoutingRuleCondition": {"KeyPrefixEquals": "docs/"},
            },
            {
                "RedirectRule": {"HostName": "old.example.org", "Protocol": "https", "ReplaceKeyWith": "gone"},
                "RoutingRuleCondition": {"HttpErrorCodeReturnedEquals": "404"},
            },
        ],
    }
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"WebsiteConfiguration": configuration}}
    made = inspect(stack(resources={"Bucket": bucket}, origin=ORIGIN))
    assert [finding for finding in made.findings if finding.level == "error"] == []
    assert made.distributions[0].origins["app"].website == Website(
        "home.html",
        "404.html",
        routing_rules=(
            RoutingRule("docs/", redirect_code=302, replace_prefix="documents/"),
            RoutingRule(error_code=404, host_name="old.example.org", protocol="https", replace_key="gone"),
        ),
    )


def test_a_bucket_that_sends_everybody_elsewhere(stack: Stack, inspect: Inspect) -> None:
    configuration = {"RedirectAllRequestsTo": {"HostName": "www.example.org", "Protocol": "https"}}
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"WebsiteConfiguration": configuration}}
    made = inspect(stack(resources={"Bucket": bucket}, origin=ORIGIN))
    expected = Website(redirect_host="www.example.org", redirect_protocol="https")
    assert made.distributions[0].origins["app"].website == expected


def test_an_unknown_property_is_named(stack: Stack, inspect: Inspect) -> None:
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"WebsiteConfiguration": {"IndexDocumnt": "home.html"}}}
    made = inspect(stack(resources={"Bucket": bucket}, origin=ORIGIN))
    assert any("IndexDocumnt" in finding.message for finding in made.findings)
