"""The reading of a tree into a shape: lenient as CloudFormation is, and nothing is dropped in silence."""

from __future__ import annotations

from typing import Annotated, Any

import pytest

from edge.configuration import yaml_positions
from edge.configuration.finding import Finding
from edge.configuration.positions import Place, Unresolved
from edge.configuration.shapes.shape import (
    UNUSED,
    Form,
    Many,
    Maybe,
    NotModelled,
    Shape,
    Text,
    WrappedMany,
    parse,
    spelled,
)


class Element(Shape):
    Name: Text
    Size: int = 0


class Outer(Shape):
    Title: Text = ""
    Inner: Element | None = None
    Plain: Many[Element] = ()
    Wrapped: WrappedMany[int] = ()
    Limit: Maybe[int] = None
    SSLSupportMethod: Text = spelled("SSLSupportMethod", "")
    Comment: Annotated[Any, UNUSED] = None
    Waf: Annotated[Any, NotModelled("everything passes")] = None


def read(text: str, form: Form = "cloudformation") -> tuple[Outer | None, list[Finding]]:
    found: list[Finding] = []
    shape = parse(Outer, Place("t.yaml", "Top", yaml_positions.read(text, "t.yaml")), form, found)
    return shape, found


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("Title: 5", "Title", "5"),
        ("Title: true", "Title", "true"),
        ('Limit: "60"', "Limit", 60),
        ('Limit: ""', "Limit", None),
        ("Wrapped: {Quantity: 2, Items: [1, 2]}", "Wrapped", (1, 2)),
        ("Wrapped: {Quantity: 0}", "Wrapped", ()),
        ("Plain: [{Name: a}]", "Plain", (Element(Name="a"),)),
        ("SslSupportMethod: vip", "SSLSupportMethod", "vip"),
        ("Comment: {anything: [1]}", "Comment", {"anything": [1]}),
        ("Waf: ''", "Waf", ""),
        ("Waf: {Enabled: false, Bucket: x}", "Waf", {"Enabled": False, "Bucket": "x"}),
    ],
)
def test_values_are_read_as_cloudformation_reads_them(text: str, name: str, value: object) -> None:
    shape, found = read(text)
    assert getattr(shape, name) == value
    assert found == []


@pytest.mark.parametrize(
    ("text", "level", "rule", "where", "message"),
    [
        (
            "Inner: {Size: 1}",
            "error",
            "schema.required",
            "t.yaml:1 Top.Inner.Name",
            "Name is required, and is not there",
        ),
        ("Inner:\n  Name: a\n  Size: x", "error", "schema.value", "t.yaml:3 Top.Inner.Size", "must be a whole number"),
        ("Inner: 5", "error", "schema.type", "t.yaml:1 Top.Inner", "must be a mapping, not 5"),
        ("Plain: {Name: a}", "error", "schema.type", "t.yaml:1 Top.Plain", "must be a list, not a mapping"),
        ("\nWaf: arn", "warning", "not_modelled", "t.yaml:2 Top.Waf", "not modelled: everything passes"),
        ("Titel: a", "warning", "schema.unknown_property", "t.yaml:1 Top.Titel", "did you mean Title?"),
        (
            "Plain:\n  - Name: a\n  - Name: b\n    Colour: red",
            "warning",
            "schema.unknown_property",
            "t.yaml:4 Top.Plain[1].Colour",
            "Colour is not a property that is known here, and has no effect",
        ),
        ("SSLSupportMethod: vip", "error", "schema.spelling", "t.yaml:1 Top.SSLSupportMethod", "SslSupportMethod"),
        (
            "Plain: {Quantity: 1, Items: [{Name: a}]}",
            "error",
            "schema.list",
            "t.yaml:1 Top.Plain",
            "CloudFormation takes a plain list here",
        ),
        ("Wrapped: {Quantity: 3, Items: [1]}", "error", "schema.quantity", "t.yaml:1 Top.Wrapped", "there are 1 Items"),
    ],
)
def test_what_does_not_fit_is_a_finding_at_its_place(
    text: str, level: str, rule: str, where: str, message: str
) -> None:
    _, (finding,) = read(text)
    assert (finding.level, finding.rule, finding.where) == (level, rule, where)
    assert message in finding.message


def test_the_api_spells_and_wraps_in_its_own_way() -> None:
    shape, found = read("SSLSupportMethod: vip\nPlain: {Quantity: 1, Items: [{Name: a}]}", "api")
    assert shape is not None
    assert (shape.SSLSupportMethod, shape.Plain) == ("vip", (Element(Name="a"),))
    assert found == []


@pytest.mark.parametrize("name", ["Title", "Limit"])
def test_a_value_that_is_not_known_is_an_error_with_its_reason(name: str) -> None:
    place = Place("t.yaml", "Top", yaml_positions.read(f"{name}: x", "t.yaml"))
    place.tree[name] = Unresolved("{Stage}", "the parameter Stage has no default")
    found: list[Finding] = []
    parse(Outer, place, "cloudformation", found)
    assert [(one.rule, one.where, one.message) for one in found] == [
        ("schema.unresolved", f"t.yaml:1 Top.{name}", "the parameter Stage has no default")
    ]


def test_a_tree_that_is_no_mapping_is_an_error() -> None:
    assert read("text") == (None, [Finding("error", "schema.type", "t.yaml:1 Top", "must be a mapping")])
