"""YAML with lines and short forms."""

from __future__ import annotations

import pytest

from edge.configuration import yaml_positions
from edge.configuration.finding import ConfigurationError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("!Ref Stage", {"Ref": "Stage"}),
        ("!GetAtt Bucket.Arn", {"Fn::GetAtt": ["Bucket", "Arn"]}),
        ("!GetAtt Fn.FunctionMetadata.FunctionARN", {"Fn::GetAtt": ["Fn", "FunctionMetadata.FunctionARN"]}),
        ("!GetAtt [Bucket, Arn]", {"Fn::GetAtt": ["Bucket", "Arn"]}),
        ('!Sub "${Stage}-site"', {"Fn::Sub": "${Stage}-site"}),
        ("!If [IsProd, a, !Ref AWS::NoValue]", {"Fn::If": ["IsProd", "a", {"Ref": "AWS::NoValue"}]}),
        ("!Condition IsProd", {"Condition": "IsProd"}),
        ('!Join ["", [a, !Ref B]]', {"Fn::Join": ["", ["a", {"Ref": "B"}]]}),
        ("!Sub\n  - ${A}\n  - {A: 1}", {"Fn::Sub": ["${A}", {"A": 1}]}),
    ],
)
def test_short_forms_stand_for_functions(text: str, value: object) -> None:
    assert yaml_positions.read(f"Value: {text}", "t.yaml") == {"Value": value}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("012345678901", "012345678901"),
        ("0777", "0777"),
        ("1_000", "1_000"),
        ("2010-09-09", "2010-09-09"),
        ("0", 0),
        ("-5", -5),
        ("1.5", 1.5),
        ("1.20", "1.20"),
        ("yes", True),
        ("Off", False),
        ("~", None),
        ('"true"', "true"),
        ("", None),
    ],
)
def test_scalars_are_what_cloudformation_makes_of_them(text: str, value: object) -> None:
    """Account ids, dates and versions stay texts."""
    assert yaml_positions.read(f"Value: {text}", "t.yaml") == {"Value": value}


def test_every_key_and_element_has_its_line() -> None:
    tree = yaml_positions.read("A:\n  - x\n\n  - B: 1\n    C: 2\n", "t.yaml")
    assert tree.lines == {"A": 1}
    assert tree["A"].lines == [2, 4]
    assert tree["A"][1].lines == {"B": 4, "C": 5}


def test_aliases_are_followed() -> None:
    assert yaml_positions.read("A: &a {x: 1}\nB: *a\n", "t.yaml") == {"A": {"x": 1}, "B": {"x": 1}}


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ("A: [1\nB: 2", "t.yaml:2", "not YAML"),
        ("A: 1\nB: 2\nA: 3", "t.yaml:3", "the key A is there twice, first in line 1"),
        ("A: &a\n  x: *a", "t.yaml:1", "holds itself"),
        ("A: &a {x: 1}\nB:\n  <<: *a", "t.yaml:3", "hash merges"),
        ("? [a, b]\n: 1", "t.yaml:1", "plain text"),
        ("A: \x07", "t.yaml", "not YAML"),
    ],
)
def test_what_cannot_be_read_is_an_error_with_its_line(text: str, where: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        yaml_positions.read(text, "t.yaml")
    finding = raised.value.findings[0]
    assert finding.where == where
    assert words in finding.message
