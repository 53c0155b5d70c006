"""Counting points in a function's source: which statements and branches there are, and the source that counts them.

Lines keep their numbers, so that errors still name the right one. Counted are statements, both arms of `if` and of
`?:`, and the cases of `switch`. The counts of a run leave the engine as its last line of console.log.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import esprima

_MARK = "edge-coverage:7c1e "
"""What no function of a user writes."""

_NOT_COUNTED = {"ImportDeclaration", "FunctionDeclaration", "EmptyStatement"}
_LOOPS = {"ForStatement", "ForInStatement", "ForOfStatement", "WhileStatement", "DoWhileStatement"}

_TAIL = """
function __edge_hit(point) {
    var hits = __edge_hit.hits || (__edge_hit.hits = {});
    hits[point] = (hits[point] || 0) + 1;
}
%(async)sfunction handler(event) {
    try {
        return %(await)s__edge_handler(event);
    } finally {
        console.log('%(mark)s' + JSON.stringify(__edge_hit.hits || {}));
    }
}
"""


@dataclass(frozen=True, slots=True)
class Point:
    """A place that is counted: a statement, or one `arm` of the branch that begins on `line` (both from 1). `offset` is
    where it begins in the source; None for the `else` that is not written."""

    line: int
    branch: int | None = None
    arm: int = 0
    offset: int | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """Source that counts, and its points; a point's number is its place in the tuple."""

    code: str
    points: tuple[Point, ...]


def counted(code: str) -> Counted | None:
    """The source with its points; None for one that cannot be counted: it does not parse, or has no handler."""
    tree = _parsed(code)
    handler = None if tree is None else _handler(tree)
    if tree is None or handler is None:
        return None
    name, function = handler
    pen = _Pen()
    pen.insert(name.range[0], "__edge_")
    for node in _nodes(tree):
        pen.mark(node)
    waits = bool(getattr(function, "isAsync", False) or getattr(function, "async", False))
    tail = _TAIL % {"async": "async " if waits else "", "await": "await " if waits else "", "mark": _MARK}
    return Counted(pen.written(code) + tail, tuple(pen.points))


def points(code: str) -> tuple[Point, ...]:
    """The points of any source, a handler's in Node.js too; none of one that does not parse."""
    tree = _parsed(code)
    pen = _Pen()
    for node in () if tree is None else _nodes(tree):
        pen.mark(node)
    return tuple(pen.points)


def _parsed(code: str) -> Any:
    """The tree of a module or, failing that, of a script; None for what is neither."""
    for parse in (esprima.parseModule, esprima.parseScript):
        try:
            return parse(code, {"range": True, "loc": True})
        except esprima.Error:
            continue
    return None


def _handler(tree: Any) -> tuple[Any, Any] | None:
    """The name and the function: `function handler() {}`, or `const handler = () => {}`."""
    for one in tree.body:
        if one.type == "FunctionDeclaration" and one.id.name == "handler":
            return one.id, one
        for each in one.declarations if one.type == "VariableDeclaration" else ():
            if each.id.name == "handler" and each.init is not None:
                return each.id, each.init
    return None


def taken(logs: tuple[str, ...]) -> tuple[tuple[str, ...], dict[int, int]]:
    """The function's own lines, and the counts by number of the point."""
    hits: dict[int, int] = {}
    own: list[str] = []
    for line in logs:
        if line.startswith(_MARK):
            hits = {int(point): count for point, count in json.loads(line.removeprefix(_MARK)).items()}
        else:
            own.append(line)
    return tuple(own), hits


class _Pen:
    """Collects what is to be written into the source, and where."""

    def __init__(self) -> None:
        self.points: list[Point] = []
        self._inserted: list[tuple[int, bool, int, str]] = []
        self._branches = 0

    def insert(self, at: int, text: str) -> None:
        """Before what begins at an offset."""
        self._inserted.append((at, True, len(self._inserted), text))

    def append(self, at: int, text: str) -> None:
        """Behind what ends at an offset: what lies within ends first."""
        self._inserted.append((at, False, -len(self._inserted), text))

    def written(self, code: str) -> str:
        pieces: list[str] = []
        end = 0
        for at, _, _, text in sorted(self._inserted):
            pieces += [code[end:at], text]
            end = at
        return "".join([*pieces, code[end:]])

    def mark(self, node: Any) -> None:
        """Whatever is counted of one node. Outer nodes come before what they hold."""
        rule = _RULES.get(node.type)
        if rule is not None:
            rule(self, node)
        elif node.type in _LOOPS:
            self.braced(node.body, "")

    def hit(self, point: Point) -> str:
        self.points.append(point)
        return f"__edge_hit({len(self.points) - 1})"

    def statements(self, listed: list[Any]) -> None:
        for one in listed:
            if one.type not in _NOT_COUNTED and not getattr(one, "directive", None):
                self.insert(one.range[0], f"{self.hit(Point(one.loc.start.line, offset=one.range[0]))};")

    def block(self, node: Any) -> None:
        self.statements(node.body)

    def case(self, node: Any) -> None:
        if node.consequent:
            at = node.consequent[0].range[0]
            self.insert(at, f"{self.hit(self.arm(node, at))};")
        self.statements(node.consequent)

    def either(self, node: Any) -> None:
        """`if`: an arm that is missing is counted too."""
        then, otherwise = (f"{self.hit(arm)};" for arm in self.arms(node, node.consequent, node.alternate))
        if node.alternate is None:
            self.append(node.consequent.range[1], f" else {{ {otherwise} }}")
        else:
            self.braced(node.alternate, otherwise)
        self.braced(node.consequent, then)

    def conditional(self, node: Any) -> None:
        both = (node.consequent, node.alternate)
        for arm, expression in zip(self.arms(node, *both), both, strict=True):
            self.insert(expression.range[0], f"({self.hit(arm)}, ")
            self.append(expression.range[1], ")")

    def braced(self, statement: Any, first: str) -> None:
        """Begin a statement with `first`, in braces if it has none."""
        if statement.type == "BlockStatement":
            self.insert(statement.range[0] + 1, first)
            return
        line = self.hit(Point(statement.loc.start.line, offset=statement.range[0]))
        self.insert(statement.range[0], f"{{{first}{line};")
        self.append(statement.range[1], "}")

    def arm(self, node: Any, at: int) -> Point:
        self._branches += 1
        return Point(node.loc.start.line, self._branches, 0, at)

    def arms(self, node: Any, one: Any, other: Any) -> tuple[Point, Point]:
        first = self.arm(node, _inside(one))
        return first, Point(first.line, first.branch, 1, None if other is None else _inside(other))


def _inside(node: Any) -> int:
    """Where what is in a block begins, or what is no block."""
    begin: int = node.range[0]
    return begin + 1 if node.type == "BlockStatement" else begin


_RULES: dict[str, Callable[[_Pen, Any], None]] = {
    "Program": _Pen.block,
    "Module": _Pen.block,
    "BlockStatement": _Pen.block,
    "SwitchCase": _Pen.case,
    "IfStatement": _Pen.either,
    "ConditionalExpression": _Pen.conditional,
}


def _nodes(node: Any) -> Iterator[Any]:
    """A node and all below it, in the order of the source."""
    yield node
    for value in vars(node).values():
        for one in value if isinstance(value, list) else (value,):
            if isinstance(getattr(one, "type", None), str) and hasattr(one, "range"):
                yield from _nodes(one)
