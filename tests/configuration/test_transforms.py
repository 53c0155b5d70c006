"""Loops and included snippets: a template as it is before anything is evaluated."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.configuration import Configuration, ConfigurationError

Inspect = Callable[..., Configuration]
Write = Callable[[str, Any], Path]

LOOP = """
Transform: AWS::LanguageExtensions
Parameters:
  Sites: {Type: CommaDelimitedList, Default: "blog,shop.v2"}
Resources:
  Fn::ForEach::Sites:
    - Site
    - !Ref Sites
    - "Distribution&{Site}":
        Type: AWS::CloudFront::Distribution
        Properties:
          DistributionConfig:
            Enabled: true
            Aliases: [!Sub "${Site}.example.com"]
            Origins:
              - Id: !Ref Site
                DomainName: !Sub "${Site}.internal"
                CustomOriginConfig: {OriginProtocolPolicy: https-only}
            DefaultCacheBehavior:
              TargetOriginId: !Ref Site
              ViewerProtocolPolicy: redirect-to-https
              CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6
"""


def test_a_loop_makes_a_resource_for_each_value(inspect: Inspect, write: Write) -> None:
    made = inspect(write("site.yaml", LOOP))
    assert [(one.name, one.aliases) for one in made.distributions] == [
        ("Distributionblog", ("blog.example.com",)),
        ("Distributionshopv2", ("shop.v2.example.com",)),
    ]
    assert list(made.distributions[1].origins) == ["shop.v2"]


def test_loops_may_be_inside_each_other_and_in_properties(inspect: Inspect, write: Write) -> None:
    text = """
Transform: [AWS::LanguageExtensions]
Resources:
  Fn::ForEach::Stages:
    - Stage
    - [dev, prod]
    - Fn::ForEach::Kinds:
        - Kind
        - [Web, Api]
        - ${Kind}${Stage}:
            Type: AWS::CloudFront::Function
            Properties:
              Name: !Sub "${Kind}-${Stage}"
              AutoPublish: true
              FunctionCode: "function handler(event) { return event.request; }"
              FunctionConfig:
                Fn::ForEach::Settings:
                  - Key
                  - [Comment]
                  - ${Key}: !Ref Stage
                Runtime: cloudfront-js-2.0
"""
    made = inspect(write("site.yaml", LOOP + text.partition("Resources:")[2]))
    assert sorted(one.name for one in made.functions) == ["Api-dev", "Api-prod", "Web-dev", "Web-prod"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("Transform: AWS::LanguageExtensions", "", "needs the line Transform: AWS::LanguageExtensions"),
        ("- !Ref Sites", "- !Ref Nobody", "the template has no parameter or resource Nobody"),
        ("- !Ref Sites", "- one", "the collection must be a list"),
        ("    - Site\n", "", "Fn::ForEach takes [identifier, [values], {key: value}]"),
    ],
)
def test_a_loop_that_cannot_be_written_out_says_why(
    inspect: Inspect, write: Write, old: str, new: str, words: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        inspect(write("site.yaml", LOOP.replace(old, new)))
    messages = [finding.message for finding in caught.value.findings if finding.rule == "template.for_each"]
    assert len(messages) == 1
    assert words in messages[0]


INCLUDE = """
Resources:
  Site:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        Origins:
          - {Id: app, DomainName: app.example.com, CustomOriginConfig: {OriginProtocolPolicy: https-only}}
        DefaultCacheBehavior:
          Fn::Transform: {Name: AWS::Include, Parameters: {Location: LOCATION}}
          TargetOriginId: app
"""
SNIPPET = """
ViewerProtocolPolicy: https-only
CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6
"""


def test_a_snippet_beside_the_template_is_included(inspect: Inspect, write: Write) -> None:
    snippet = write("snippets/behavior.yaml", SNIPPET)
    made = inspect(write("site.yaml", INCLUDE.replace("LOCATION", "snippets/behavior.yaml")))
    assert made.distributions[0].behaviors[-1].viewer_protocol_policy == "https-only"
    assert snippet in made.watched


def test_what_is_wrong_in_a_snippet_stands_in_the_line_that_includes_it(inspect: Inspect, write: Write) -> None:
    write("behavior.yaml", SNIPPET.replace("https-only", "https"))
    made = inspect(write("site.yaml", INCLUDE.replace("LOCATION", "behavior.yaml")))
    (where,) = [finding.where for finding in made.findings if finding.rule == "schema.value"]
    assert "site.yaml:11 " in where


@pytest.mark.parametrize(
    ("location", "rule", "words"),
    [
        ("s3://bucket/behavior.yaml", "not_modelled", "give the path of a file beside the template"),
        ("nowhere.yaml", "template.include", "cannot be read"),
    ],
)
def test_a_snippet_that_is_not_here_is_listed(
    inspect: Inspect, write: Write, location: str, rule: str, words: str
) -> None:
    made = inspect(write("site.yaml", INCLUDE.replace("LOCATION", location)))
    assert [words in finding.message for finding in made.findings if finding.rule == rule] == [True]
