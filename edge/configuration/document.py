"""A file as a tree with lines: JSON or YAML, told apart by the first character."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from edge.configuration import json_positions
from edge.configuration.finding import ConfigurationError, error
from edge.configuration.positions import Place


def read(path: Path) -> Place:
    """The whole document. Raises ConfigurationError."""
    file = str(path)
    text = read_text(path)
    try:
        return Place(file, "", _tree(text, file))
    except RecursionError:
        raise ConfigurationError(error("document.depth", file, "nested too deeply to be a configuration")) from None


def _tree(text: str, file: str) -> Any:
    if text.lstrip().startswith(("{", "[")):
        return json_positions.read(text, file)
    from edge.configuration import yaml_positions

    return yaml_positions.read(text, file)


def read_text(path: Path) -> str:
    """A text file in UTF-8. Raises ConfigurationError."""
    try:
        return path.read_text("utf-8-sig")
    except OSError as problem:
        message = f"cannot be read: {problem.strerror}"
        raise ConfigurationError(error("document.unreadable", str(path), message)) from None
    except UnicodeDecodeError as problem:
        message = f"not UTF-8 text (byte {problem.start}); save it as UTF-8"
        raise ConfigurationError(error("document.encoding", str(path), message)) from None
