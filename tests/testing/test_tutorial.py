"""docs/testing.md keeps its word: every code block is run, in order, in an empty folder."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

import pytest

pytest_plugins = ["pytester"]

PAGE = Path(__file__).parent.parent.parent / "docs" / "testing.md"
BLOCK = re.compile(
    r"(?:^`(?P<file>[\w./-]+)`:\n\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
FILES = {"js", "python", "yaml", "csv", "json"}
NOT_RUN = ("mkdir ", "pip install ")


class Block(NamedTuple):
    file: str | None
    language: str
    text: str


def blocks() -> Iterator[Block]:
    for match in BLOCK.finditer(PAGE.read_text("utf-8")):
        yield Block(match["file"], match["language"], match["text"])


def run(command: str, project: pytest.Pytester) -> str:
    return project.runpytest(*shlex.split(command)[1:], "-p", "no:cacheprovider").stdout.str()


def is_in(expected: str, output: str) -> bool:
    """Whether the lines of the page are in the output, in order; `...` is any text, or any lines."""
    lines = iter(output.splitlines())
    return all(
        any(fnmatchcase(line, wanted.replace("[", "[[]").replace("...", "*")) for line in lines)
        for wanted in expected.splitlines()
        if wanted != "..."
    )


def test_the_tutorial_and_the_reference_work(project: pytest.Pytester) -> None:
    """Files are written, commands are run, and what they print is what the page says."""
    folder = project.path
    output, snippets, checked = "", 0, 0
    for block in blocks():
        if block.language == "sh":
            for command in block.text.splitlines():
                if not command.startswith(NOT_RUN):
                    assert command.startswith("pytest"), command
                    output = run(command, project)
        elif block.language == "text":
            assert is_in(block.text, output), f"the page says:\n{block.text}\nand pytest:\n{output}"
            checked += 1
        elif block.language != "toml":  # test_coverage_plugin.py has the same lines
            assert block.language in FILES, block
            snippets += block.file is None
            file = folder / (block.file or f"test_reference_{snippets}.py")
            file.parent.mkdir(exist_ok=True)
            file.write_text(block.text)
    assert checked > 5
    assert snippets > 5
    references = sorted(path.name for path in folder.glob("test_reference_*.py"))
    assert len(references) == snippets
    printed = run(f"pytest -q {' '.join(references)}", project)
    assert re.search(r"^\d+ passed in", printed, re.MULTILINE), printed
    assert "failed" not in printed
