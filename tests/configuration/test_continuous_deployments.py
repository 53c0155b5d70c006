"""Continuous deployment policies, and the staging distributions that they lead to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge import configuration
from edge.configuration import Configuration

Write = Callable[[str, Any], Path]
STICKY = {"IdleTTL": 300, "MaximumTTL": 600}


def site(**config: Any) -> dict[str, Any]:
    fields = {
        "Enabled": True,
        "HttpVersion": "http2",
        "Origins": [
            {
                "Id": "app",
                "DomainName": "app.example.org",
                "CustomOriginConfig": {"OriginProtocolPolicy": "https-only", "OriginSSLProtocols": ["TLSv1.2"]},
            }
        ],
        "DefaultCacheBehavior": {
            "TargetOriginId": "app",
            "ViewerProtocolPolicy": "allow-all",
            "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
        },
    }
    return {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": {**fields, **config}}}


def policy(traffic: dict[str, Any] | None, **config: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {"Enabled": True, "StagingDistributionDnsNames": [{"Fn::GetAtt": ["Next", "DomainName"]}]}
    if traffic is not None:
        fields["TrafficConfig"] = traffic
    return {
        "Type": "AWS::CloudFront::ContinuousDeploymentPolicy",
        "Properties": {"ContinuousDeploymentPolicyConfig": {**fields, **config}},
    }


def made(write: Write, policy: dict[str, Any], name: str | None = None) -> Configuration:
    resources = {
        "Site": site(ContinuousDeploymentPolicyId={"Ref": "Policy"}),
        "Next": site(Staging=True, DefaultRootObject="next.html"),
        "Policy": policy,
    }
    path = write("stack.json", {"Resources": resources})
    write("edge.toml", '[origins]\napp = "http://localhost:3000"\n')
    return configuration.inspect(path, distribution=name)


def rules(found: Configuration) -> list[str]:
    return [finding.rule for finding in found.findings if finding.level != "note"]


@pytest.mark.parametrize("name", [None, "Site"])
def test_a_primary_distribution_leads_to_its_staging_distribution_by_header(write: Write, name: str | None) -> None:
    """Also when the primary alone is chosen."""
    header = {"Type": "SingleHeader", "SingleHeaderConfig": {"Header": "aws-cf-cd-Beta", "Value": "On"}}
    found = made(write, policy(header), name)
    assert rules(found) == []
    deployment = found.distributions[0].continuous_deployment
    assert deployment is not None
    assert deployment.header == ("aws-cf-cd-beta", "On")
    assert (deployment.staging.id, deployment.staging.default_root_object) == ("Next", "next.html")
    assert deployment.staging.staging


def test_by_weight_with_session_stickiness(write: Write) -> None:
    weight = {"Type": "SingleWeight", "SingleWeightConfig": {"Weight": 0.05, "SessionStickinessConfig": STICKY}}
    deployment = made(write, policy(weight)).distributions[0].continuous_deployment
    assert deployment is not None
    assert (deployment.weight, deployment.idle_ttl_s, deployment.maximum_ttl_s) == (0.05, 300, 600)


def test_the_older_form_of_cloudformation_is_read_too(write: Write) -> None:
    config = {"Type": "SingleWeight", "SingleWeightPolicyConfig": {"Weight": 0.01}}
    deployment = made(write, policy(None, **config)).distributions[0].continuous_deployment
    assert deployment is not None
    assert (deployment.weight, deployment.idle_ttl_s) == (0.01, None)


def test_a_policy_that_is_not_enabled_has_no_effect(write: Write) -> None:
    found = made(write, policy(None, Enabled=False))
    assert rules(found) == []
    assert found.distributions[0].continuous_deployment is None


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        (policy({"Type": "SingleWeight", "SingleWeightConfig": {"Weight": 0.2}}), "continuous_deployment.weight"),
        (
            policy({"Type": "SingleHeader", "SingleHeaderConfig": {"Header": "x-beta", "Value": "1"}}),
            "continuous_deployment.header",
        ),
        (
            policy(
                {
                    "Type": "SingleWeight",
                    "SingleWeightConfig": {
                        "Weight": 0.1,
                        "SessionStickinessConfig": {"IdleTTL": 900, "MaximumTTL": 600},
                    },
                }
            ),
            "continuous_deployment.stickiness",
        ),
        (policy({"Type": "SingleWeight"}), "continuous_deployment.no_traffic"),
        (
            policy(
                {"Type": "SingleWeight", "SingleWeightConfig": {"Weight": 0.1}},
                StagingDistributionDnsNames=["d9.cloudfront.net"],
            ),
            "continuous_deployment.no_staging",
        ),
    ],
)
def test_what_aws_refuses_is_an_error(write: Write, given: dict[str, Any], rule: str) -> None:
    assert rule in rules(made(write, given))


def test_a_policy_that_is_not_there_is_an_error(write: Write) -> None:
    found = made(write, {"Type": "AWS::SNS::Topic", "Properties": {}})
    assert "continuous_deployment.unknown" in rules(found)
