"""Intrinsic functions, evaluated in a scope."""

from __future__ import annotations

from typing import Any

import pytest

from edge.configuration import yaml_positions
from edge.configuration.intrinsics import NO_VALUE, Evaluator
from edge.configuration.positions import Unresolved


class Scope:
    """Names that stand for something; all others are not known."""

    def ref(self, name: str) -> Any:
        known = {"Stage": "dev", "Names": ["a", "b"], "AWS::Region": "us-east-1", "AWS::NoValue": NO_VALUE}
        return known[name] if name in known else Unresolved(f"{{{name}}}", f"{name} is not known")

    def attribute(self, logical_id: str, name: str) -> Any:
        return f"{logical_id}/{name}"

    def export(self, name: str) -> Any:
        return f"export of {name}"

    def condition(self, name: str) -> bool | Unresolved:
        return name == "Holds" if name in ("Holds", "Fails") else Unresolved("", f"no condition {name}")

    def mapping(self, name: str) -> Any:
        return {"dev": {"Ttl": 60, "Names": ["x"]}} if name == "Stages" else None

    def dynamic_reference(self, text: str) -> str | None:
        return "s3cr3t" if text == "{{resolve:ssm:/known}}" else None


def evaluated(text: str) -> Any:
    return Evaluator(Scope()).value(yaml_positions.read(f"V: {text}", "t.yaml"))["V"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("!Ref Stage", "dev"),
        ("!GetAtt Bucket.Arn", "Bucket/Arn"),
        ("{Fn::GetAtt: Bucket.Outputs.Url}", "Bucket/Outputs.Url"),
        ('!Sub "${Stage}.${AWS::Region}.${Bucket.Arn}"', "dev.us-east-1.Bucket/Arn"),
        ('!Sub "${!Literal} ${ Stage }"', "${Literal} dev"),
        ('!Sub ["${A}-${Stage}", {A: !Select [1, !Ref Names]}]', "b-dev"),
        ('!Join ["-", [a, 1, true, !Ref Stage]]', "a-1-true-dev"),
        ('!Join [",", !Ref Names]', "a,b"),
        ("!Select [0, [x, y]]", "x"),
        ('!Select ["1", !Split ["|", "a|b|c"]]', "b"),
        ('!Select [2, !Split ["/", "https://abc.lambda-url.us-east-1.on.aws/"]]', "abc.lambda-url.us-east-1.on.aws"),
        ("!FindInMap [Stages, !Ref Stage, Ttl]", 60),
        ("!FindInMap [Stages, prod, Ttl, {DefaultValue: 5}]", 5),
        ("!If [Holds, a, b]", "a"),
        ("!If [Fails, a, b]", "b"),
        ("!Equals [!Ref Stage, dev]", True),
        ('!Equals [1, "1"]', True),
        ("!Not [!Condition Holds]", False),
        ("!And [!Condition Holds, !Equals [a, b]]", False),
        ("!Or [!Condition Fails, !Equals [a, a]]", True),
        ("!ImportValue vpc", "export of vpc"),
        ("!Base64 abc", "YWJj"),
        ("!GetAZs eu-west-1", ["eu-west-1a", "eu-west-1b", "eu-west-1c"]),
        ('!Select [1, !GetAZs ""]', "us-east-1b"),
        ("!Cidr [10.0.0.0/24, 2, 5]", ["10.0.0.0/27", "10.0.0.32/27"]),
        ("!Length [a, b, !Ref Stage]", 3),
        ("!Length {Ref: Names}", 2),
        ("!ToJsonString {A: !Ref Stage, B: [1, true]}", '{"A":"dev","B":[1,true]}'),
        ('"Bearer {{resolve:ssm:/known}}"', "Bearer s3cr3t"),
        ("[a, !Ref AWS::NoValue, b]", ["a", "b"]),
        ("{A: !Ref AWS::NoValue, B: 1}", {"B": 1}),
        ("!If [Fails, a, !Ref AWS::NoValue]", None),
    ],
)
def test_functions_have_the_value_that_cloudformation_gives_them(text: str, value: object) -> None:
    tree = Evaluator(Scope()).value(yaml_positions.read(f"V: {text}", "t.yaml"))
    assert tree == ({} if value is None else {"V": value})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("!Ref Nobody", "Nobody is not known"),
        ('!Sub "a ${Nobody}"', "Nobody is not known"),
        ("!Join [a]", "Fn::Join takes [delimiter, [values]]"),
        ('!Join [",", [a, !Ref Nobody]]', "Nobody is not known"),
        ("!Select [5, [a]]", "Fn::Select finds no element 5"),
        ("!FindInMap [Stages, prod, Ttl]", "the mapping Stages has no value for prod, Ttl"),
        ("!If [Maybe, a, b]", "no condition Maybe"),
        ("!If [Holds, a]", "Fn::If takes [condition, value if true, value if false]"),
        ("!Sub [a]", "Fn::Sub takes a text"),
        ("!GetAtt Bucket", "Fn::GetAtt takes [logical id, attribute]"),
        ("!Cidr [a, 1, 2]", "Fn::Cidr: 'a' does not appear to be an IPv4 or IPv6 network"),
        ("!Cidr [10.0.0.0/16]", "Fn::Cidr takes [address block, count, bits for each]"),
        ("!Length Stage", "Fn::Length takes a list"),
        ("!ToJsonString {A: !Ref Nobody}", "Nobody is not known"),
        ("!ToJsonString text", "Fn::ToJsonString takes an object or a list"),
        ("!Split ['', a]", "the delimiter is a text"),
        ("{Fn::Transfrom: {Name: AWS::Include}}", "there is no function Fn::Transfrom"),
        ('"{{resolve:secretsmanager:x}}"', '"{{resolve:secretsmanager:x}}" = "..."'),
        ("!Not [!Ref Nobody]", "Nobody is not known"),
        ("!Equals [!Ref Nobody, a]", "Nobody is not known"),
    ],
)
def test_a_value_that_cannot_be_known_says_why(text: str, reason: str) -> None:
    value = evaluated(text)
    assert isinstance(value, Unresolved)
    assert reason in value.reason


def test_lists_that_a_function_makes_stand_in_its_line() -> None:
    tree = Evaluator(Scope()).value(yaml_positions.read('A: 1\nV: !Split [",", "a,b"]', "t.yaml"))
    assert tree["V"].lines == [2, 2]
