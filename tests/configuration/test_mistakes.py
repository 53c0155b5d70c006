"""Mistakes as people make them in sites that work (mistakes.yaml): each is said once, in its line, with what to do."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from edge import configuration
from edge.configuration import ConfigurationError, Finding

HERE = Path(__file__).parent
SITES = HERE / "sites"
MISTAKES = yaml.safe_load((HERE / "mistakes.yaml").read_text())


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda one: f"{one['site']}: {one['new'].strip()[:40]}")
def test_a_mistake_is_said_once_and_in_its_line(tmp_path: Path, mistake: dict[str, Any]) -> None:
    text = (SITES / f"{mistake['site']}.yaml").read_text()
    assert mistake["old"] in text
    for folder in ("functions", "lambdas"):
        shutil.copytree(SITES / folder, tmp_path / folder)
    path = tmp_path / "site.yaml"
    path.write_text(text.replace(mistake["old"], mistake["new"]))
    said = [one for one in findings(path) if one.level == "error"]
    (found,) = [one for one in said if one.rule == mistake["rule"] and mistake["says"] in one.message]
    assert found.where.partition(" ")[0] == f"{path}:{mistake['line']}"
    # A wrong value may be wrong in two ways; nothing else is blamed for it.
    assert len({one.rule for one in said}) <= 2


def findings(path: Path) -> tuple[Finding, ...]:
    try:
        return configuration.inspect(path).findings
    except ConfigurationError as problem:
        return problem.findings
