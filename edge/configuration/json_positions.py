"""JSON with lines.

The standard library's parser judges the text and reads the scalars; a walk over what it accepted keeps the lines.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from typing import Any

from edge.configuration.finding import ConfigurationError, error
from edge.configuration.positions import Block, Items

_SPACE = re.compile(r"[ \t\r\n]*")
_NEWLINE = re.compile(r"\n")


def read(text: str, file: str) -> Any:
    """The document as Block, Items and scalars. Raises ConfigurationError."""
    try:
        json.loads(text)
    except json.JSONDecodeError as problem:
        where = f"{file}:{problem.lineno}"
        raise ConfigurationError(error("json.syntax", where, f"not JSON: {problem.msg}")) from None
    return _Walk(text, file).value(0)[0]


class _Walk:
    """A walk over text that is known to be JSON. Methods take an offset and give back the offset after the value."""

    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file
        self._scalar = json.JSONDecoder().raw_decode
        self._newlines = [match.start() for match in _NEWLINE.finditer(text)]

    def value(self, at: int) -> tuple[Any, int]:
        at = self._skip(at)
        match self._text[at]:
            case "{":
                return self._block(at)
            case "[":
                return self._items(at)
            case _:
                return self._scalar(self._text, at)

    def _block(self, at: int) -> tuple[Block, int]:
        block = Block()
        at = self._skip(at + 1)
        while self._text[at] != "}":
            line = self._line(at)
            key, end = self._scalar(self._text, at)
            if key in block:
                message = f"the key {key} is there twice, first in line {block.lines[key]}"
                raise ConfigurationError(error("json.duplicate", f"{self._file}:{line}", message))
            value, at = self.value(self._skip(end) + 1)
            block.put(key, value, line)
            at = self._next(at)
        return block, at + 1

    def _items(self, at: int) -> tuple[Items, int]:
        items = Items()
        at = self._skip(at + 1)
        while self._text[at] != "]":
            line = self._line(at)
            value, at = self.value(at)
            items.put(value, line)
            at = self._next(at)
        return items, at + 1

    def _next(self, at: int) -> int:
        """Past a comma to the next element, or at the closing bracket."""
        at = self._skip(at)
        return self._skip(at + 1) if self._text[at] == "," else at

    def _skip(self, at: int) -> int:
        match = _SPACE.match(self._text, at)
        return at if match is None else match.end()

    def _line(self, at: int) -> int:
        return bisect_right(self._newlines, at) + 1
