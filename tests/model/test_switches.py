"""Switches decide something."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from edge.model.switches import Switches

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """The sources of the edge, and those of its tests."""
    here = {Path(__file__), ROOT / "edge" / "model" / "switches.py"}
    return {
        part: "\n".join(path.read_text() for path in (ROOT / part).rglob("*.py") if path not in here)
        for part in ("edge", "tests")
    }


@pytest.mark.parametrize("name", [field.name for field in fields(Switches)])
def test_each_switch_is_read_by_a_rule_and_set_by_a_test(name: str, texts: dict[str, str]) -> None:
    """A switch that changes nothing would be a silent choice."""
    assert f".{name}" in texts["edge"]
    assert f"{name}=" in texts["tests"] or f"{name} =" in texts["tests"] or f'"{name}"' in texts["tests"]
