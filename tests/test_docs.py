"""The documents tell the truth: what they name exists, and what must have a row has one."""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from pathlib import Path

import pytest

from edge.model.switches import Switches

ROOT = Path(__file__).parent.parent
FIDELITY = (ROOT / "docs" / "fidelity.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in FIDELITY.partition("## Switches")[0].splitlines()
    if line.startswith("| ") and not line.startswith("| rule")
]
PAGES = sorted(
    path
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "functions").rglob("*.md"))
    if "node_modules" not in path.parts
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_each_row_names_a_file_and_a_test_that_exist(row: list[str]) -> None:
    """Or it says that the rule is not modelled."""
    _, file, test, _, truth = row
    if truth.startswith("not modelled"):
        return
    assert truth.startswith(("exact", "near"))
    assert (ROOT / "edge" / file.strip("`")).is_file()
    path, _, name = test.strip("`").partition("::")
    source = (ROOT / "tests" / path).read_text()
    assert re.search(rf"^\s*(async )?def {name}\(", source, re.MULTILINE), f"{path} has no {name}"


@pytest.mark.parametrize("part", ["rules", "events", "cache"])
def test_each_rule_file_has_a_row(part: str) -> None:
    """Whatever says what CloudFront does, says how true it is."""
    named = {row[1].strip("`") for row in ROWS}
    files = {f"{part}/{path.name}" for path in (ROOT / "edge" / part).glob("[!_]*.py")}
    assert files <= named


def test_each_switch_has_a_row() -> None:
    """With its default."""
    for field in fields(Switches):
        assert f"| `{field.name}` | `{field.default!r}` |" in FIDELITY


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_and_paths_lead_somewhere(page: Path) -> None:
    """Relative links, and paths in backticks that begin with a folder of this project."""
    text = page.read_text()
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", text):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"
    for target in re.findall(r"`((?:edge|tests|docs|origin|functions|benchmarks|scripts)/[\w./-]+)`", text):
        assert (ROOT / target).exists(), f"{page.name} names {target}"


def test_each_note_is_left_in_some_test() -> None:
    """A verdict that no test has ever seen may say anything. A test may name the second half of the id alone."""
    seen = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("*.py"))
    unseen = {rule for rule in _note_rules() if rule not in seen and f'"{rule.partition(".")[2]}"' not in seen}
    assert not unseen


def _note_rules() -> set[str]:
    """The ids of notes that are written out in the core."""
    found: set[str] = set()
    for path in (ROOT / "edge").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                if name in ("Note", "note") and isinstance(node.args[0].value, str):
                    found.add(node.args[0].value)
    return found


def test_the_edge_toml_of_the_documentation_loads(tmp_path: Path) -> None:
    """Word for word."""
    from edge.configuration import local

    text = (ROOT / "docs" / "configuration.md").read_text()
    (example,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "edge.toml").write_text(example)
    settings = local.read(tmp_path / "edge.toml", tmp_path)
    assert settings.viewer.location().city == "Berlin"
    assert settings.kvs["routes"].values == {"/old": "/new"}
