"""Findings for code hosts, as SARIF 2.1.0: GitHub, GitLab and Azure DevOps show them in the lines of a change.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0". Paths are relative to a folder, as
uriBaseId %SRCROOT% says, so that a host finds them in a checkout.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from edge.configuration.finding import Finding

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT: Final = "%SRCROOT%"
_WHERE: Final = re.compile(r"(?P<file>.+?):(?P<line>\d+)(?::(?P<column>\d+))?(?: (?P<path>.*))?", re.DOTALL)


def log(findings: Sequence[Finding], version: str, root: Path) -> dict[str, Any]:
    """One run of `edge check`. `root` is the folder that the paths in the log are relative to."""
    rules = list(dict.fromkeys(finding.rule for finding in findings))
    sources: dict[str, str] = {}
    for finding in findings:
        sources.setdefault(finding.rule, finding.source)
    driver = {
        "name": "edge check",
        "semanticVersion": version,
        "rules": [_rule(rule, sources[rule]) for rule in rules],
    }
    run = {
        "tool": {"driver": driver},
        "originalUriBaseIds": {_ROOT: {"uri": f"{root.resolve().as_uri()}/"}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, rules.index(finding.rule), root) for finding in findings],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: str, source: str) -> dict[str, Any]:
    words = re.sub("[._]", " ", rule)
    made: dict[str, Any] = {"id": rule, "shortDescription": {"text": words}}
    if source:
        made["help"] = {"text": source}
    return made


def _result(finding: Finding, index: int, root: Path) -> dict[str, Any]:
    message = finding.message if not finding.source else f"{finding.message}\n\n{finding.source}"
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": finding.level,
        "message": {"text": message},
        "locations": [_location(finding.where, root)],
    }


def _location(where: str, root: Path) -> dict[str, Any]:
    """`file:line path`, `file:line:column` or `file path` as a place in a file, and in what is configured."""
    match = _WHERE.fullmatch(where)
    if match is not None:
        file, path = match["file"], match["path"] or ""
        region = {"startLine": max(1, int(match["line"]))}
        if match["column"]:
            region["startColumn"] = max(1, int(match["column"]))
    else:
        file, _, path = (where, "", "") if Path(where).exists() else where.partition(" ")
        region = {}
    place: dict[str, Any] = {"artifactLocation": _artifact(Path(file), root)}
    if region:
        place["region"] = region
    location: dict[str, Any] = {"physicalLocation": place}
    if path:
        location["logicalLocations"] = [{"fullyQualifiedName": path}]
    return location


def _artifact(file: Path, root: Path) -> dict[str, str]:
    whole, root = file.resolve(), root.resolve()
    if whole.is_relative_to(root):
        return {"uri": quote(whole.relative_to(root).as_posix()), "uriBaseId": _ROOT}
    return {"uri": whole.as_uri()}
