"""Warnings for code that compiles, and yet depends on something that CloudFront's engine (njs) lacks or does otherwise.

Source: CloudFront Developer Guide, "JavaScript runtime 1.0 features for CloudFront Functions" and "JavaScript runtime
2.0 features for CloudFront Functions".
A node of the tree answers None for a field that it has not.
Not modelled: types. A method is known by its name, a string or an object only where the source spells it out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from edge.model.function import JavaScriptRuntime
from edge.runtimes.quickjs.gate import deep_recursion, place
from edge.runtimes.quickjs.grammar import ACCEPTED
from edge.runtimes.quickjs.grammar_absent import ABSENT_GLOBALS, ABSENT_METHODS, ABSENT_STATICS
from edge.runtimes.quickjs.grammar_expressions import Node

SOURCES = {
    JavaScriptRuntime.JS_1_0: "JavaScript runtime 1.0 features for CloudFront Functions",
    JavaScriptRuntime.JS_2_0: "JavaScript runtime 2.0 features for CloudFront Functions",
}
"""The page of the CloudFront Developer Guide that a warning rests on."""

_BEYOND_BMP = re.compile("[\U00010000-\U0010ffff]")
_PCRE_ONLY = re.compile(
    r"""\(\?(?:[a-zA-Z-]+[:)]|>|\||\#|P[<=>]|'|[R&]|[+-]?\d|\()      # options, atomic groups, comments, recursion
      | (?:[*+?]|\{\d+(?:,\d*)?\})\+                                    # possessive quantifiers
      | \\[AzZGhHRXKQE] | \\p\{ | \\P\{ | \[\[:\^?\w+:\]                # anchors and classes
    """,
    re.VERBOSE,
)
_OFFSET_OR_WORDS = re.compile(
    r"\dT[\d:.]+[+-]\d\d:?\d\d$ | ^\d{4}-\d\d-\d\d[ ]\d | ^[A-Z][a-z]{2}[ ]\d+,?[ ]\d{4}$ | ^\d+/\d+/\d+", re.VERBOSE
)
_ESCAPED = re.compile(r"\\\\")


@dataclass(frozen=True, slots=True)
class Warning:
    """One warning: the rule's id, the place in the source (line and column from 1), a sentence, and the AWS page."""

    rule: str
    line: int
    column: int
    message: str
    source: str


def warnings(code: str, runtime: JavaScriptRuntime) -> list[Warning]:
    """The warnings for `code`, in source order; none when it does not parse, which the gate says better."""
    from edge.runtimes.quickjs.grammar_parser import parse

    try:
        with deep_recursion():
            parsed = parse(code)
    except RecursionError:
        return []
    if not parsed.complete:
        return []
    nodes = list(_nodes(parsed.trees[0]))
    bound = _bound_names(nodes)
    found = []
    for node in nodes:
        for rule in _RULES.get(node.type, ()):
            for name, offset, message in rule(node, runtime, bound):
                line, column = place(code, offset)
                found.append(Warning(name, line, column, message, SOURCES[runtime]))
    return sorted(found, key=lambda warning: (warning.line, warning.column, warning.rule))


def _nodes(root: Node) -> Iterator[Node]:
    """Every node in which a name is read, in no order: keys and members that are plain names are left out."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        plain = not node.computed
        for field in ACCEPTED[node.type].children if node.type in ACCEPTED else ():
            if plain and field in {"property", "key"}:
                continue
            child = getattr(node, field)
            waiting.extend(each for each in (child if type(child) is list else [child]) if each is not None)


def _bound_names(nodes: list[Node]) -> frozenset[str]:
    """Every name that the source declares anywhere: a warning about a global of that name would be a guess."""
    names: set[str] = set()
    for node in nodes:
        holders = [node.id, node.param, *(node.params or ()), *(each.local for each in node.specifiers or ())]
        names.update((holder.argument or holder).name or "" for holder in holders if holder is not None)
    return frozenset(names)


_Found = Iterator[tuple[str, int, str]]
_Rule = Callable[[Node, JavaScriptRuntime, frozenset[str]], _Found]


def _absent_global(node: Node, runtime: JavaScriptRuntime, bound: frozenset[str]) -> _Found:
    if node.name in ABSENT_GLOBALS[runtime] and node.name not in bound:
        yield "absent-global", node.range[0], f"{node.name} does not exist in {runtime}."


def _compiled_at_run_time(node: Node, _: JavaScriptRuntime, bound: frozenset[str]) -> _Found:
    name = node.callee.name
    if name in {"eval", "Function"} and name not in bound:
        yield "eval", node.range[0], f"{name} throws: CloudFront Functions do not compile code at run time."


def _absent_member(node: Node, runtime: JavaScriptRuntime, bound: frozenset[str]) -> _Found:
    if node.computed:
        return
    owner, name, at = node.object.name, node.property.name, node.property.range[0]
    path = f"{owner}.{name}"
    if path in ABSENT_STATICS[runtime] and owner not in bound:
        yield "absent-method", at, f"{path} does not exist in {runtime}."
    elif owner == "console" and name != "log" and owner not in bound:
        yield "absent-method", at, f"console has only log in {runtime}; {path} does not exist."


def _absent_call(node: Node, runtime: JavaScriptRuntime, bound: frozenset[str]) -> _Found:
    callee = node.callee
    if callee.type != "MemberExpression" or callee.computed:
        return
    owner, name, at = callee.object.name, callee.property.name, callee.property.range[0]
    if name in ABSENT_METHODS[runtime] and f"{owner}.{name}" not in ABSENT_STATICS[runtime]:
        yield "absent-method", at, f"Strings and arrays have no method {name} in {runtime}."
    if owner == "console" and name == "log" and len(node.arguments) > 1 and owner not in bound:
        yield (
            "console-arguments",
            node.arguments[1].range[0],
            "console.log takes one argument; join the values yourself.",
        )


def _code_points(text: str | None, offset: int) -> _Found:
    if text and _BEYOND_BMP.search(text):
        yield (
            "code-points",
            offset,
            "njs counts code points, the engine here UTF-16 units: length, indexes and charCodeAt differ for it.",
        )


def _literal(node: Node, _: JavaScriptRuntime, __: frozenset[str]) -> _Found:
    if node.regex is None:
        text = node.value if isinstance(node.value, str) else None
        yield from _code_points(
            text and text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"), node.range[0]
        )
    else:
        yield from _pattern(node.regex.pattern, node.range[0])


def _pattern(pattern: str, offset: int) -> _Found:
    if _PCRE_ONLY.search(_ESCAPED.sub("", pattern)):
        yield (
            "pcre-only",
            offset,
            "This pattern means what it says to PCRE, in njs; the engine here reads it otherwise.",
        )


def _read_at_run_time(node: Node, _: JavaScriptRuntime, bound: frozenset[str]) -> _Found:
    """Patterns and dates that are text in the source: RegExp('...'), new Date('...'), Date.parse('...')."""
    callee, first = node.callee, node.arguments[0] if node.arguments else None
    if first is None or first.type != "Literal" or not isinstance(first.value, str):
        return
    if callee.name == "RegExp" and "RegExp" not in bound:
        yield from _pattern(first.value, first.range[0])
    parses = callee.type == "MemberExpression" and callee.property.name == "parse" and callee.object.name == "Date"
    if (parses or callee.name == "Date") and "Date" not in bound and _OFFSET_OR_WORDS.search(first.value):
        yield (
            "date-text",
            first.range[0],
            "njs does not read this text as a date (Invalid Date, NaN); the engine here does.",
        )


def _template(node: Node, _: JavaScriptRuntime, __: frozenset[str]) -> _Found:
    for quasi in node.quasis:
        yield from _code_points(quasi.value.cooked, quasi.range[0])


_RULES: dict[str, tuple[_Rule, ...]] = {
    "Identifier": (_absent_global,),
    "MemberExpression": (_absent_member,),
    "CallExpression": (_compiled_at_run_time, _absent_call, _read_at_run_time),
    "NewExpression": (_compiled_at_run_time, _read_at_run_time),
    "Literal": (_literal,),
    "TemplateLiteral": (_template,),
}
