"""SARIF: what a code host needs to show a finding in its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from edge.configuration import sarif
from edge.configuration.finding import Finding


def closed(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


TEXT = closed(["text"], text={"type": "string", "minLength": 1})
RULE = closed(["id"], id={"type": "string"}, shortDescription=TEXT, help=TEXT)
ARTIFACT = closed([], uri={"type": "string", "format": "uri-reference"}, uriBaseId={"type": "string"})
NUMBER = {"type": "integer", "minimum": 1}
PLACE = closed([], artifactLocation=ARTIFACT, region=closed([], startLine=NUMBER, startColumn=NUMBER))
LOCATION = closed(
    [],
    physicalLocation=PLACE,
    logicalLocations={"type": "array", "items": closed([], fullyQualifiedName={"type": "string"})},
)
RESULT = closed(
    ["message"],
    ruleId={"type": "string"},
    ruleIndex={"type": "integer", "minimum": 0},
    level={"enum": ["none", "note", "warning", "error"]},
    message=TEXT,
    locations={"type": "array", "items": LOCATION},
)
DRIVER = closed(
    ["name"],
    name={"type": "string"},
    semanticVersion={"type": "string"},
    rules={"type": "array", "items": RULE, "uniqueItems": True},
)
LOG = {
    "$schema": {"type": "string", "format": "uri"},
    "version": {"const": "2.1.0"},
    "runs": {
        "type": "array",
        "items": closed(
            ["tool"],
            tool=closed(["driver"], driver=DRIVER),
            originalUriBaseIds={"type": "object", "additionalProperties": ARTIFACT},
            columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
            results={"type": "array", "items": RESULT},
        ),
    },
}
"""The part of the standard's schema that is used here. Whatever is not in it would be our own invention."""

FINDINGS = (
    Finding("error", "schema.value", "ROOT/site.yaml:12 Resources.Site.Properties", "must be a number", "Some Guide"),
    Finding("warning", "functions.unused", "ROOT/fn/a b.js:3:7", "never used"),
    Finding("note", "schema.value", "ROOT/edge.toml kvs.routes", "look"),
    Finding("error", "document.unreadable", "/elsewhere/x.yaml", "cannot be read"),
)


@pytest.fixture
def results(tmp_path: Path) -> list[dict[str, Any]]:
    """The results for a few findings, whose log is valid."""
    (tmp_path / "edge.toml").touch()
    findings = [one._replace(where=one.where.replace("ROOT", str(tmp_path))) for one in FINDINGS]
    log = sarif.log(findings, "1.2.3", tmp_path)
    jsonschema.validate(log, closed(["version", "runs"], **LOG))
    assert [rule["id"] for rule in log["runs"][0]["tool"]["driver"]["rules"]] == [
        "schema.value",
        "functions.unused",
        "document.unreadable",
    ]
    found: list[dict[str, Any]] = log["runs"][0]["results"]
    return found


def test_levels_rules_and_messages(results: list[dict[str, Any]]) -> None:
    assert [(one["level"], one["ruleId"], one["ruleIndex"]) for one in results] == [
        ("error", "schema.value", 0),
        ("warning", "functions.unused", 1),
        ("note", "schema.value", 0),
        ("error", "document.unreadable", 2),
    ]
    assert results[0]["message"]["text"] == "must be a number\n\nSome Guide"


def test_places_are_relative_to_the_root_and_have_lines(results: list[dict[str, Any]]) -> None:
    places = [one["locations"][0]["physicalLocation"] for one in results]
    root = "%SRCROOT%"
    assert places == [
        {"artifactLocation": {"uri": "site.yaml", "uriBaseId": root}, "region": {"startLine": 12}},
        {"artifactLocation": {"uri": "fn/a%20b.js", "uriBaseId": root}, "region": {"startLine": 3, "startColumn": 7}},
        {"artifactLocation": {"uri": "edge.toml", "uriBaseId": root}},
        {"artifactLocation": {"uri": "file:///elsewhere/x.yaml"}},
    ]


def test_a_property_is_a_logical_location(results: list[dict[str, Any]]) -> None:
    assert results[0]["locations"][0]["logicalLocations"] == [{"fullyQualifiedName": "Resources.Site.Properties"}]
    assert results[2]["locations"][0]["logicalLocations"] == [{"fullyQualifiedName": "kvs.routes"}]
