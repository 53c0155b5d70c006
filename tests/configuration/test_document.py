"""Files as trees."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.configuration import document
from edge.configuration.finding import ConfigurationError


@pytest.mark.parametrize("text", ['\ufeff{"A": 1}', "A: 1\n", "\n\n# a comment\nA: 1"])
def test_json_and_yaml_are_told_apart_by_what_is_in_them(tmp_path: Path, text: str) -> None:
    path = tmp_path / "site.template"
    path.write_text(text, "utf-8")
    assert document.read(path).tree == {"A": 1}


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"A: \xff", "document.encoding"),
        (b"[" * 100_000 + b"]" * 100_000, "document.depth"),
        (None, "document.unreadable"),
    ],
)
def test_what_is_no_text_is_an_error_that_names_the_file(tmp_path: Path, content: bytes | None, rule: str) -> None:
    path = tmp_path / "site.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError) as raised:
        document.read(path)
    assert (raised.value.findings[0].rule, raised.value.findings[0].where) == (rule, str(path))
