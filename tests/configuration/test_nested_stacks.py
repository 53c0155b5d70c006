"""Nested stacks whose templates are files beside the one around them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.configuration import Configuration

Inspect = Callable[..., Configuration]
Write = Callable[[str, Any], Path]

ROOT = """
Parameters:
  Stage: {Type: String, Default: dev}
Resources:
  Policies:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: ./nested/policies.yaml}
  Site:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: ./nested/site.yaml
      Parameters:
        PolicyId: !GetAtt Policies.Outputs.PolicyId
        Names: !Split ["|", !Sub "www.${Stage}.example.com|${Stage}.example.com"]
"""
POLICIES = """
Resources:
  Short:
    Type: AWS::CloudFront::CachePolicy
    Properties: {CachePolicyConfig: {Name: short, MinTTL: 1, DefaultTTL: 60, MaxTTL: 120, KEY}}
Outputs:
  PolicyId: {Value: !Ref Short}
""".replace(
    "KEY",
    "ParametersInCacheKeyAndForwardedToOrigin: {EnableAcceptEncodingGzip: true, HeadersConfig: {HeaderBehavior: none}, "
    "CookiesConfig: {CookieBehavior: none}, QueryStringsConfig: {QueryStringBehavior: all}}",
)
SITE = """
Parameters:
  PolicyId: {Type: String}
  Names: {Type: CommaDelimitedList}
Resources:
  Site:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        Aliases: !Ref Names
        ViewerCertificate: {AcmCertificateArn: "arn:aws:acm:us-east-1:1:certificate/1", SslSupportMethod: sni-only}
        Origins:
          - {Id: app, DomainName: app.example.com, CustomOriginConfig: {OriginProtocolPolicy: https-only}}
        DefaultCacheBehavior: {TargetOriginId: app, ViewerProtocolPolicy: https-only, CachePolicyId: !Ref PolicyId}
"""


@pytest.fixture
def root(write: Write) -> Path:
    """A root with a stack that has a policy, and a stack that uses it."""
    write("nested/policies.yaml", POLICIES)
    write("nested/site.yaml", SITE)
    write("edge.toml", '[origins]\napp = "http://localhost:3000"\n')
    return write("root.yaml", ROOT)


def test_what_one_nested_stack_puts_out_another_takes_in(inspect: Inspect, root: Path) -> None:
    made = inspect(root)
    assert [one.level for one in made.findings] == ["note"]  # the certificate
    (site,) = made.distributions
    assert site.name == "Site-Site"
    assert site.aliases == ("www.dev.example.com", "dev.example.com")
    assert site.behaviors[-1].cache_policy is not None
    assert site.behaviors[-1].cache_policy.default_ttl_s == 60
    assert {path.name for path in made.watched} == {"root.yaml", "policies.yaml", "site.yaml", "edge.toml"}


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("nested/site.yaml", "Resources: [", "not YAML"),
        ("nested/site.yaml", "A: 1", "is no template: it has no Resources"),
        ("root.yaml", ROOT.replace("./nested/site.yaml", "./none.yaml"), "none.yaml: cannot be read"),
        ("root.yaml", ROOT.replace("./nested/site.yaml", "./root.yaml"), "the nested stack Site is inside itself"),
        ("root.yaml", ROOT.replace("Outputs.PolicyId", "Outputs.Policy"), "the nested template has no output Policy"),
        (
            "root.yaml",
            ROOT.replace("./nested/site.yaml", "https://s3.amazonaws.com/b/k"),
            "its template is in AWS only",
        ),
    ],
)
def test_what_is_wrong_with_a_nested_stack_is_said(
    inspect: Inspect, write: Write, root: Path, file: str, text: str, words: str
) -> None:
    write(file, text)
    try:
        findings = inspect(root).findings
    except Exception as problem:
        findings = problem.findings  # type: ignore[attr-defined]
    assert [words in finding.message for finding in findings if words in finding.message] == [True]


def test_a_name_that_is_given_stands_for_what_is_deployed_only(inspect: Inspect, write: Write, root: Path) -> None:
    write("root.yaml", ROOT.replace("./nested/policies.yaml", "https://s3.amazonaws.com/b/policies.yaml"))
    given = {"Policies.Outputs.PolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6"}
    (site,) = inspect(root, parameters=given).distributions
    assert site.behaviors[-1].cache_policy is not None
    assert site.behaviors[-1].cache_policy.name == "CachingOptimized"
