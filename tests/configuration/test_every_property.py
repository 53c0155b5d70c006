"""No property of any AWS::CloudFront type is dropped in silence.

CloudFormation's schemas, as cfn-lint has them, say which properties there are. A template holds them all
(everything/everything.yaml); each is changed in turn, and either the distribution is another one then, or a finding
names the property.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

from edge import configuration
from edge.configuration import Configuration, document, sources
from edge.configuration.cloudformation import _NOT_MODELLED, _PROPERTIES
from edge.configuration.positions import Block, Items, Place

PREFIX = "AWS::CloudFront::"
TEMPLATE = Path(__file__).parent / "everything" / "everything.yaml"
TYPES = sorted(name for name in PROVIDER_SCHEMA_MANAGER.get_resource_types("us-east-1") if name.startswith(PREFIX))
READ = [name for name in TYPES if name.removeprefix(PREFIX) in _PROPERTIES]

ONLY_DESCRIBES = ("Comment", "Description", "Tags", "CallerReference", "Quantity", "FunctionMetadata")
"""Properties that change nothing anywhere: texts for people, and counts of what stands beside them."""

ONLY_NAMES = {"OriginAccessControlConfig.Name", "KeyGroupConfig.Name"}
"""Names that nothing refers to and nobody sees."""

Keys = tuple[str | int, ...]


@cache
def schema(kind: str) -> dict[str, Any]:
    return PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema


def described(kind: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each path of a type that a template may set, lists as `[]`, with what is required below it."""
    whole = schema(kind)
    read_only = {
        path.replace("/properties/", "", 1).replace("/properties/", ".") for path in whole["readOnlyProperties"]
    }

    def walk(node: dict[str, Any], path: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        if "$ref" in node:
            node = whole["definitions"][node["$ref"].rpartition("/")[2]]
        if path not in read_only | {""}:
            yield path, tuple(node.get("required", ()))
        for name, child in node.get("properties", {}).items():
            yield from walk(child, f"{path}.{name}".lstrip("."))
        if "items" in node:
            yield from walk(node["items"], f"{path}[]")

    yield from walk(whole, "")


def leaves(tree: Any, keys: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    """The scalars of a tree; a call of a function is one."""
    if isinstance(tree, Block) and tree and not next(iter(tree)).startswith(("Ref", "Fn::")):
        for key, child in tree.items():
            yield from leaves(child, (*keys, key))
    elif isinstance(tree, Items):
        for index, child in enumerate(tree):
            yield from leaves(child, (*keys, index))
    else:
        yield keys, tree


def shown(keys: Keys) -> str:
    return "".join("[]" if isinstance(key, int) else f".{key}" for key in keys).lstrip(".")


WHOLE = document.read(TEMPLATE)
LEAVES = [
    (name, keys)
    for name, resource in WHOLE.tree["Resources"].items()
    if resource["Type"] in READ
    for keys, _ in leaves(resource["Properties"])
]


@pytest.mark.parametrize("kind", TYPES)
def test_each_type_is_read_or_listed(kind: str) -> None:
    """Types come and go with new versions of the schemas, and each has its place here."""
    name = kind.removeprefix(PREFIX)
    assert (name in _PROPERTIES) != (name in _NOT_MODELLED)


@pytest.mark.parametrize("kind", READ)
def test_the_template_holds_every_property(kind: str) -> None:
    resources = [one["Properties"] for one in WHOLE.tree["Resources"].values() if one["Type"] == kind]
    there = {shown(keys[: end + 1]) for tree in resources for keys, _ in leaves(tree) for end in range(len(keys))}
    assert {path for path, _ in described(kind)} - there <= {"Tags[]", "Tags[].Key", "Tags[].Value"} | FREE


FREE = {
    "FunctionMetadata.FunctionARN",  # is given by AWS, although the schema does not say so
    *("DomainResults[]", "DomainResults[].Domain", "DomainResults[].Status"),  # like it
}


def with_change(name: str, keys: Keys) -> Place:
    """The template with one value changed to another that may stand there."""
    tree = deepcopy(WHOLE.tree)
    node = tree["Resources"][name]["Properties"]
    for key in keys[:-1]:
        node = node[key]
    old = node[keys[-1]]
    node[keys[-1]] = not old if isinstance(old, bool) else old + 1 if isinstance(old, int) else f"x{old}"
    return Place(WHOLE.file, "", tree)


def read(place: Place, monkeypatch: pytest.MonkeyPatch) -> Configuration:
    monkeypatch.setattr(sources.document, "read", lambda path: place)
    return configuration.inspect(TEMPLATE)


def values(made: Configuration) -> tuple[object, ...]:
    return made.distributions, made.functions, made.stores


@pytest.mark.parametrize(("name", "keys"), LEAVES, ids=lambda value: value if isinstance(value, str) else shown(value))
def test_a_change_of_any_property_is_noticed(name: str, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    if set(keys) & set(ONLY_DESCRIBES) or shown(keys) in ONLY_NAMES:
        return
    before, after = read(WHOLE, monkeypatch), read(with_change(name, keys), monkeypatch)
    where = WHOLE.child("Resources", name, "Properties", *keys).path
    findings = {*before.findings, *after.findings}
    named = [one for one in findings if covers(one.where.partition(" ")[2], where)]
    assert values(after) != values(before) or named, f"nobody reads {where}"


def covers(found: str, path: str) -> bool:
    """Whether a finding is about the property at a path, or about what it is part of."""
    return path == found or path.startswith((f"{found}.", f"{found}["))


LISTED_WHOLE = (
    *(
        "ConnectionFunctionAssociation",
        "CustomOrigin",
        "EndPoints",
        "GrpcConfig",
        "ImportSource",
        "OriginMtlsConfig",
        "S3Origin",
    ),
    *("Tags", "ViewerMtlsConfig"),
)
"""Properties that are listed as not modelled, and not looked into."""


@pytest.mark.parametrize("kind", READ)
def test_what_cloudformation_requires_is_required(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each required property is taken away in turn."""
    name = next(name for name, one in WHOLE.tree["Resources"].items() if one["Type"] == kind)
    required = {f"{path}.{one}".lstrip(".") for path, names in described(kind) for one in names}
    paths = [leaf[:end] for found, leaf in LEAVES if found == name for end in range(1, len(leaf) + 1)]
    for keys in dict.fromkeys(paths):
        path = shown(keys)
        if path not in required or set(keys) & set(LISTED_WHOLE):
            continue
        made = read(without(name, keys), monkeypatch)
        assert any(finding.level == "error" for finding in made.findings if finding.rule != "not_modelled"), path


def without(name: str, keys: Keys) -> Place:
    tree = deepcopy(WHOLE.tree)
    node = tree["Resources"][name]["Properties"]
    for key in keys[:-1]:
        node = node[key]
    del node[keys[-1]]
    return Place(WHOLE.file, "", tree)
