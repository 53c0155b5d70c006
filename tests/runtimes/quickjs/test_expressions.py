"""What expressions come to, as data: builtins, modules, console.log and the words of errors, in the sealed engine and
in Debian's njs 0.7.9, where it is installed. Where the two differ a row says what njs makes of it, and why.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.model.function import FunctionOutcome, Returned

GROUPS = sorted((Path(__file__).parent / "expressions").glob("*.jsonl"))
ROWS = {group.stem: [json.loads(line) for line in group.read_text("utf-8").split("\n") if line] for group in GROUPS}

SHOW = (
    "function show(v) {"
    " return v === undefined ? 'undefined' : typeof v === 'function' ? 'function' : JSON.stringify(v); }\n"
)


@pytest.fixture
def engine_name() -> str:
    return "sealed"


def in_njs(code: str) -> str:
    """What njs prints: for console.log that, else the result, or what was thrown."""
    if not code.startswith("console.log("):
        printed = "try { console.log(go()); } catch (e) { console.log('throws ' + e); }"
        code = f"{SHOW}function go() {{ {code} }}\n{printed}"
    done = subprocess.run(["njs", "-"], input=code.encode(), capture_output=True, timeout=10, check=False)
    return (done.stdout + done.stderr).decode("utf-8", "replace").rstrip("\n")


@pytest.mark.parametrize(
    ("code", "result"),
    [pytest.param(row["code"], row["result"], id=f"{group}-{row['code']}") for group in ROWS for row in ROWS[group]],
)
def test_an_expression_comes_to_what_the_row_says(run: Callable[..., FunctionOutcome], code: str, result: str) -> None:
    """Values as JSON, errors by their text, console.log by its line."""
    if code.startswith("console.log("):
        outcome: Any = run(f"function handler(event) {{ {code} }}")
        assert "\n".join(outcome.logs) == result
        return
    outcome = run(
        f"{SHOW}function go() {{ {code} }}\n"
        "function handler(event) { try { return go(); } catch (e) { return 'throws ' + e; } }"
    )
    assert isinstance(outcome, Returned), outcome
    assert outcome.value == result


@pytest.mark.skipif(shutil.which("njs") is None, reason="njs (Debian bookworm: apt-get install njs) is not installed")
@pytest.mark.parametrize("group", ROWS)
def test_njs_makes_of_it_what_the_rows_say(group: str) -> None:
    """Each row is true of njs 0.7.9, but for the differences that it owns up to."""
    expected = {row["code"]: row.get("njs", row["result"]) for row in ROWS[group]}
    assert expected == {code: in_njs(code) for code in expected}


def test_each_difference_from_njs_has_a_reason() -> None:
    """A row with njs's own result says why."""
    assert [row for rows in ROWS.values() for row in rows if ("njs" in row) != ("why" in row)] == []
