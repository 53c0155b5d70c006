"""References of a template to nothing: Ref, GetAtt, Sub, DependsOn and Condition, wherever they stand.

CloudFormation looks at the whole template before it makes anything, so a misspelt name in a queue's policy keeps the
distribution from being deployed as well. Names in CloudFront's own resources are reported where they are read.
Source: CloudFormation User Guide, "Ref", "Fn::GetAtt", "Fn::Sub", "DependsOn attribute", "Condition attribute".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from edge.configuration.finding import Finding, error, nearest
from edge.configuration.positions import Block, Items, Place

_VARIABLE: Final = re.compile(r"\$\{(?!!)\s*([A-Za-z0-9:.]+)\s*\}")
_GUIDE: Final = 'CloudFormation User Guide, "Intrinsic function reference"'


class _Named(NamedTuple):
    """A name that is referred to, and where."""

    name: str
    line: int
    path: str


def check(place: Place, names: Iterable[str], conditions: Iterable[str]) -> Iterator[Finding]:
    """A finding for each name that is nothing in the template. `names` are parameters and resources."""
    known, known_conditions = {*names}, {*conditions}
    for section in ("Resources", "Outputs"):
        blocks = place.tree.get(section)
        for name, block in blocks.items() if isinstance(blocks, Block) else ():
            if not isinstance(block, Block):
                continue
            here = f"{section}.{name}"
            kind = block.get("Type")
            ours = isinstance(kind, str) and kind.startswith("AWS::CloudFront::")
            for used in _depends_on(block, here) if ours else (*_depends_on(block, here), *_names(block, here)):
                if used.name.partition(".")[0] not in known and not used.name.startswith("AWS::"):
                    message = f"the template has no parameter or resource {used.name}; {nearest(used.name, known)}"
                    where = f"{place.file}:{used.line} {used.path}"
                    yield error("template.unresolved_reference", where, message, _GUIDE)
            condition = block.get("Condition")
            if isinstance(condition, str) and condition not in known_conditions and section == "Outputs":
                message = f"the template has no condition {condition}; {nearest(condition, known_conditions)}"
                where = f"{place.file}:{block.lines['Condition']} {here}.Condition"
                yield error("template.condition", where, message, _GUIDE)


def _depends_on(block: Block, path: str) -> Iterator[_Named]:
    value = block.get("DependsOn")
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str):
            yield _Named(one, block.lines["DependsOn"], f"{path}.DependsOn")


def _names(tree: Any, path: str) -> Iterator[_Named]:
    """What Ref, GetAtt and Sub name below a place."""
    if isinstance(tree, Items):
        for index, child in enumerate(tree):
            yield from _names(child, f"{path}[{index}]")
    if not isinstance(tree, Block):
        return
    if len(tree) == 1:
        ((key, argument),) = tree.items()
        line = tree.lines[key]
        if key == "Ref" and isinstance(argument, str):
            yield _Named(argument, line, path)
        elif key == "Fn::GetAtt":
            first = argument.partition(".")[0] if isinstance(argument, str) else None
            first = argument[0] if isinstance(argument, list) and argument else first
            if isinstance(first, str):
                yield _Named(first, line, path)
        elif key == "Fn::Sub":
            text, own = (argument, ()) if isinstance(argument, str) else _with_variables(argument)
            yield from (_Named(name, line, path) for name in _VARIABLE.findall(text) if name not in own)
    for key, child in tree.items():
        yield from _names(child, f"{path}.{key}" if not key.startswith(("Fn::", "Ref")) else path)


def _with_variables(argument: Any) -> tuple[str, Iterable[str]]:
    """The text of Fn::Sub with variables of its own, and their names."""
    if isinstance(argument, list) and len(argument) == 2 and isinstance(argument[0], str):
        return argument[0], argument[1] if isinstance(argument[1], dict) else ()
    return "", ()
