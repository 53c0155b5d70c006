"""YAML with lines, and CloudFormation's short forms (`!Ref`, `!Sub`...) as the functions that they stand for.

Source: CloudFormation User Guide, "CloudFormation template formats" (YAML 1.1 but for binary, omap, pairs, sets,
timestamps and hash merges), "Intrinsic function reference". PyYAML's own parser does the reading; only how nodes become
values is here. Aliases are followed, as `aws cloudformation package` does.
"""

from __future__ import annotations

import re
from typing import Any, Final

import yaml

from edge.configuration.finding import ConfigurationError, error
from edge.configuration.positions import Block, Items

_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
# YAML 1.1 also reads 0777 as octal and 1_000 as a thousand; in a template these are texts (account ids, names).
_INTEGER = re.compile(r"[-+]?(?:0|[1-9]\d*)")
_FLOAT = re.compile(r"[-+]?\d+\.\d*[1-9]")
_BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def read(text: str, file: str) -> Any:
    """The document as Block, Items and scalars. Raises ConfigurationError."""
    try:
        node = yaml.compose(text, _LOADER)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        words = " ".join(part for part in (problem.context, problem.problem) if part)
        where = file if mark is None else f"{file}:{mark.line + 1}"
        hint = "; look at the indentation here and above" if "did not find expected" in words else ""
        raise ConfigurationError(error("yaml.syntax", where, f"not YAML: {words}{hint}")) from None
    except yaml.YAMLError as problem:
        raise ConfigurationError(error("yaml.syntax", file, f"not YAML: {problem}")) from None
    return None if node is None else _Reader(file).value(node)


class _Reader:
    """Nodes to values. `open` holds the containers being read, so that one that holds itself is found."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._open: set[int] = set()

    def value(self, node: yaml.Node) -> Any:
        if isinstance(node, yaml.ScalarNode):
            made: Any = node.value if node.tag.startswith("!") else self._scalar(node)
        elif id(node) in self._open:
            raise self._wrong(node, "an alias that holds itself")
        else:
            self._open.add(id(node))
            made = self._block(node) if isinstance(node, yaml.MappingNode) else self._items(node)
            self._open.discard(id(node))
        return _function(node.tag[1:], made, _line(node)) if node.tag.startswith("!") else made

    def _scalar(self, node: yaml.ScalarNode) -> str | int | float | bool | None:
        text: str = node.value
        match node.tag.removeprefix(_TAG):
            case "null":
                return None
            case "bool":
                return _BOOLEANS[text.lower()]
            case "int" if _INTEGER.fullmatch(text):
                return int(text)
            case "float" if _FLOAT.fullmatch(text):
                return float(text)
            case _:
                return text

    def _block(self, node: yaml.MappingNode) -> Block:
        block = Block()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self._wrong(key, "a key must be a plain text")
            if key.tag == f"{_TAG}merge":
                raise self._wrong(key, "CloudFormation does not know hash merges (<<); write the keys out")
            if key.value in block:
                raise self._wrong(key, f"the key {key.value} is there twice, first in line {block.lines[key.value]}")
            block.put(key.value, self.value(value), _line(key))
        return block

    def _items(self, node: yaml.Node) -> Items:
        items = Items()
        for element in node.value:
            items.put(self.value(element), _line(element))
        return items

    def _wrong(self, node: yaml.Node, message: str) -> ConfigurationError:
        return ConfigurationError(error("yaml.unsupported", f"{self._file}:{_line(node)}", message))


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _function(name: str, argument: Any, line: int) -> Block:
    """`!Ref x` is {"Ref": x}, `!GetAtt a.b` is {"Fn::GetAtt": [a, b]}, `!X y` is {"Fn::X": y}."""
    if name == "GetAtt" and isinstance(argument, str):
        parts = Items()
        for part in argument.split(".", 1):
            parts.put(part, line)
        argument = parts
    block = Block()
    block.put(name if name in ("Ref", "Condition") else f"Fn::{name}", argument, line)
    return block
