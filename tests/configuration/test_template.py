"""A template's parameters, conditions and resources."""

from __future__ import annotations

from typing import Any

import pytest

from edge.configuration import yaml_positions
from edge.configuration.positions import Place, Unresolved
from edge.configuration.template import Assembly, Template

TEXT = """
Parameters:
  Stage: {Type: String, Default: dev, AllowedValues: [dev, prod]}
  Domain: {Type: String}
  Names: {Type: CommaDelimitedList, Default: "a, b"}
  Ttl: {Type: Number, Default: 60}
  Image: {Type: AWS::SSM::Parameter::Value<String>, Default: /image}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsDev: !Not [!Condition IsProd]
  Loop: !Condition Loop
Resources:
  Always: {Type: AWS::S3::Bucket}
  OnlyProd: {Type: AWS::S3::Bucket, Condition: IsProd}
  OnlyDev: {Type: AWS::S3::Bucket, Condition: IsDev}
"""


def template(parameters: dict[str, str] | None = None, text: str = TEXT) -> Template:
    place = Place("folder/site.yaml", "", yaml_positions.read(text, "site.yaml"))
    return Template(place, parameters or {}, Assembly(exports={"vpc": "vpc-1"}), "edge.toml")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Stage", "dev"),
        ("Names", ["a", "b"]),
        ("Ttl", "60"),
        ("AWS::Region", "us-east-1"),
        ("AWS::AccountId", "123456789012"),
        ("AWS::StackName", "site"),
        ("AWS::Partition", "aws"),
        ("AWS::URLSuffix", "amazonaws.com"),
    ],
)
def test_parameters_have_their_defaults(name: str, value: Any) -> None:
    assert template().ref(name) == value


def test_given_parameters_win_pseudo_parameters_included() -> None:
    given = template({"Stage": "prod", "AWS::Region": "eu-west-1", "Names": "x,y"})
    assert [given.ref(name) for name in ("Stage", "AWS::Region", "Names")] == ["prod", "eu-west-1", ["x", "y"]]
    assert given.findings == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Domain", "the parameter Domain has no default; add Domain = "),
        ("Image", "the parameter Image has the value of /image in Systems Manager; add Image = "),
        ("Nobody", "the template has no parameter or resource Nobody"),
    ],
)
def test_a_parameter_without_a_value_says_where_to_give_one(name: str, words: str) -> None:
    value = template().ref(name)
    assert isinstance(value, Unresolved)
    assert words in value.reason


@pytest.mark.parametrize(
    ("parameters", "rule", "where", "words"),
    [
        ({"Stag": "dev"}, "template.unknown_parameter", "folder/site.yaml Parameters", "did you mean Stage?"),
        ({"Stage": "test"}, "template.parameter_value", "folder/site.yaml:3 Parameters.Stage", "'test' is not an"),
    ],
)
def test_wrong_parameters_are_errors(parameters: dict[str, str], rule: str, where: str, words: str) -> None:
    (finding,) = template(parameters).findings
    assert (finding.level, finding.rule, finding.where) == ("error", rule, where)
    assert words in finding.message


@pytest.mark.parametrize(("stage", "only"), [("prod", "OnlyProd"), ("dev", "OnlyDev")])
def test_a_resource_is_there_when_its_condition_holds(stage: str, only: str) -> None:
    assert [resource.logical_id for resource in template({"Stage": stage}).resources()] == ["Always", only]


def test_a_condition_that_depends_on_itself_is_not_known() -> None:
    value = template().condition("Loop")
    assert isinstance(value, Unresolved)
    assert value.reason == "condition Loop depends on itself"


def test_what_other_stacks_export_comes_from_edge_toml() -> None:
    assert template().export("vpc") == "vpc-1"
    missing = template().export("other")
    assert isinstance(missing, Unresolved)
    assert missing.reason == 'another stack exports other; add "other" = "..." under [exports] in edge.toml'


@pytest.mark.parametrize(
    ("text", "rule", "where"),
    [
        ("Resources:\n  A: [1]\n", "template.resource", "folder/site.yaml:2 Resources.A"),
        ("Resources:\n  A: {Condition: x}\n", "template.resource", "folder/site.yaml:2 Resources.A"),
        (
            "Resources:\n  A: {Type: T, Condition: Missing}\n",
            "template.condition",
            "folder/site.yaml:2 Resources.A.Condition",
        ),
        ("Parameters:\n  A: text\nResources: {}\n", "template.parameter", "folder/site.yaml:2 Parameters.A"),
    ],
)
def test_what_is_not_a_template_is_an_error_in_its_line(text: str, rule: str, where: str) -> None:
    made = template(text=text)
    list(made.resources())
    assert [(finding.rule, finding.where) for finding in made.findings] == [(rule, where)]
