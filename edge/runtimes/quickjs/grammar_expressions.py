"""The reading of a syntax tree with the table of node types in hand, and njs's rules for names and expressions.

Source: CloudFront Developer Guide, "JavaScript runtime 1.0 features for CloudFront Functions", "JavaScript runtime 2.0
features for CloudFront Functions" and "Async and await". The words are njs's.
Not modelled: the order of njs's two passes, but for the few complaints that it makes last (`late`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from edge.model.function import JavaScriptRuntime
from edge.runtimes.quickjs import grammar
from edge.runtimes.quickjs.grammar_regexp import pattern_complaint
from edge.runtimes.quickjs.grammar_scopes import Scope
from edge.runtimes.quickjs.grammar_tokens import (
    BAD_ESCAPE,
    Token,
    after_number,
    escape_complaint,
    find_token,
    next_token,
    unexpected,
)

Node: TypeAlias = Any
"""A node of esprima's tree: untyped, and None where it has no such field."""

_LEGACY_OCTAL = re.compile(r"0[\d_]")


class Fault(NamedTuple):
    """What njs refuses, and where it notices: an offset into the source, from 0. njs tells of a `late` one only when
    the rest parses, and leaves the line out of its message when it is not `lined`."""

    offset: int
    words: str
    error: str = "SyntaxError"
    late: bool = False
    lined: bool = True


class Expressions:
    """One reading of a tree. `faults` collects everything that njs would refuse, in no order.

    A `fragment` is a subtree that was read before the parser stopped: what is around it is unknown, so that the rules
    about surroundings (await, arguments, return) rest.
    """

    def __init__(self, code: str, runtime: JavaScriptRuntime, *, fragment: bool) -> None:
        self.faults: list[Fault] = []
        self._code = code
        self._runtime = runtime
        self._is_1_0 = runtime is JavaScriptRuntime.JS_1_0
        self._reserved = grammar.RESERVED_1_0 if self._is_1_0 else grammar.RESERVED
        self._fragment = fragment
        self._scope = Scope(None, is_function=True)
        self._functions = 0
        self._bodies = 0
        self._calls = 0
        self._blocks: list[str] = []
        self._statement_start = -1
        self._rules: dict[str, Callable[[Node], bool | None]] = {
            name.removeprefix("_on").title().replace("_", ""): getattr(self, name)
            for name in dir(self)
            if name.startswith("_on_")
        }

    def read(self, node: Node | None) -> None:
        """Read a node and all that is in it. A rule that answers True has read the node's children itself."""
        if node is None:
            return
        rule = self._rules.get(node.type)
        if rule is not None and rule(node):
            return
        accepted = grammar.ACCEPTED.get(node.type)
        if accepted is None:
            self._refuse(node)
            return
        if self._runtime not in accepted.runtimes:
            self._not_supported(next_token(self._code, node.range[0]))
        for field in accepted.children:
            child = getattr(node, field)
            if type(child) is list:
                for each in child:
                    self.read(each)
            else:
                self.read(child)

    def _refuse(self, node: Node) -> None:
        refused = grammar.REFUSED.get(node.type, grammar.Refused(grammar.UNEXPECTED))
        start = node.range[0]
        token = find_token(self._code, start, refused.token) if refused.token else next_token(self._code, start)
        self._fault(token.start, refused.words.format(token.text))

    def _fault(self, offset: int, words: str, error: str = "SyntaxError") -> None:
        self.faults.append(Fault(offset, words, error))

    def _unexpected(self, token: Token) -> None:
        self._fault(token.start, unexpected(token))

    def _not_supported(self, token: Token) -> None:
        self._fault(token.start, grammar.NOT_SUPPORTED.format(token.text))

    # Names and literals

    def _on_identifier(self, node: Node) -> bool:
        name = node.name
        start, end = node.range
        if end - start != len(name) or not name.isascii():
            self._broken_name(node)
        elif name in self._reserved:
            token = next_token(self._code, start)
            (self._not_supported if name == "await" else self._unexpected)(token)
        elif name == "await" and not self._fragment:
            self._fault(start, "await is only valid in async functions")
        elif name == "arguments" and not self._functions and not self._fragment:
            self._fault(start, '"arguments" object in global scope')
        return True

    def _broken_name(self, node: Node) -> None:
        """njs knows neither escapes nor letters outside ASCII in a name."""
        start, end = node.range
        bad = next((at for at in range(start, end) if self._code[at] == "\\" or not self._code[at].isascii()), start)
        self._unexpected(next_token(self._code, bad))

    def _bind(self, node: Node) -> str:
        """The name that an identifier binds; a reserved one is refused."""
        name: str = node.name
        if name in self._reserved:
            self._unexpected(next_token(self._code, node.range[0]))
        elif node.range[1] - node.range[0] != len(name) or not name.isascii():
            self._broken_name(node)
        return name

    def _on_literal(self, node: Node) -> bool:
        regexp = node.regex
        raw: str = node.raw
        if regexp is not None:
            self._regexp(node, regexp)
        elif raw[0] in "'\"":
            self._escapes(raw, node.range[0])
        elif raw[0].isdigit() or raw[0] == ".":
            if raw[-1] == "n" or _LEGACY_OCTAL.match(raw):
                self._unexpected(after_number(self._code, node.range[0]))
            elif self._is_1_0 and "_" in raw:
                at = raw.index("_")
                self._fault(node.range[0] + at, grammar.UNEXPECTED.format(raw[at:]))
        return True

    def _escapes(self, raw: str, offset: int) -> None:
        bad = BAD_ESCAPE.search(raw) if "\\" in raw else None
        if bad is not None:
            self._fault(offset, escape_complaint(bad))

    def _regexp(self, node: Node, regexp: Node) -> None:
        start = node.range[0]
        allowed = grammar.REGEXP_FLAGS[self._runtime]
        for index, flag in enumerate(regexp.flags):
            if flag not in allowed or flag in regexp.flags[:index]:
                self._fault(start, f'Invalid RegExp flags "{regexp.flags[: index + 1]}"')
                return
        complaint = pattern_complaint(regexp.pattern)
        if complaint is not None:
            self._fault(start, complaint)

    def _on_template_literal(self, node: Node) -> None:
        for quasi in node.quasis:
            if quasi.value.cooked is None and not BAD_ESCAPE.search(quasi.value.raw):
                self._fault(quasi.range[0], f'Invalid Unicode code point "{quasi.value.raw}"')
            else:
                self._escapes(quasi.value.raw, quasi.range[0])

    def _on_tagged_template_expression(self, node: Node) -> bool:
        self.read(node.tag)
        for quasi in node.quasi.quasis:
            if quasi.value.cooked is None and not BAD_ESCAPE.search(quasi.value.raw):
                self._fault(quasi.range[0], f'Invalid Unicode code point "{quasi.value.raw}"')
        for expression in node.quasi.expressions:
            self.read(expression)
        return True

    # Expressions

    def _on_arrow_parameter_place_holder(self, _: Node) -> bool:
        """What the parser holds for `()` before it misses the arrow."""
        return True

    def _on_member_expression(self, node: Node) -> bool:
        self.read(node.object)
        if node.optional:
            self._optional(node.object)
        if node.computed or node.property.type == "PrivateIdentifier":
            self.read(node.property)
        return True

    def _optional(self, base: Node) -> None:
        """njs knows the token `?.` but nothing that may follow what stands behind it."""
        mark = find_token(self._code, base.range[1], "?")
        token = next_token(self._code, mark.end + 1)
        if token.text[:1].isalpha() or token.text[:1] in {"_", "$"}:
            token = next_token(self._code, token.end)
        self._unexpected(token)

    def _on_call_expression(self, node: Node) -> bool:
        self.read(node.callee)
        if node.optional:
            self._optional(node.callee)
        self._calls += 1
        for argument in node.arguments:
            self.read(argument)
        self._calls -= 1
        return True

    _on_new_expression = _on_call_expression

    def _on_await_expression(self, node: Node) -> None:
        if self._calls and not self._is_1_0:
            self._fault(node.range[0], "await in arguments not supported")

    def _on_import_expression(self, node: Node) -> bool:
        if node.range[0] != self._statement_start:
            return False
        self._fault(node.range[0], grammar.NON_DEFAULT_IMPORT)
        return True

    def _on_expression_statement(self, node: Node) -> None:
        self._statement_start = node.range[0]

    def _on_unary_expression(self, node: Node) -> None:
        if node.operator == "delete" and node.argument.type == "Identifier":
            self._fault(node.argument.range[0], "Delete of an unqualified identifier")

    def _on_update_expression(self, node: Node) -> None:
        target = node.argument
        if not _is_target(target) or target.name == "eval":
            place = "prefix" if node.prefix else "postfix"
            at = node.range[0] if node.prefix else target.range[1]
            self._fault(at, f"Invalid left-hand side in {place} operation", "ReferenceError")

    def _on_assignment_expression(self, node: Node) -> bool:
        target = node.left
        if target.type in {"ArrayPattern", "ObjectPattern"}:
            self._as_expression(target)
        else:
            self.read(target)
        if node.operator not in grammar.ASSIGNMENT_OPERATORS:
            logical = find_token(self._code, target.range[1], node.operator[:2])
            self._unexpected(next_token(self._code, logical.end))
        elif not _is_target(target):
            at = next_token(self._code, target.range[1]).start
            self._fault(at, "Invalid left-hand side in assignment", "ReferenceError")
        elif target.type == "Identifier" and target.name in grammar.FORBIDDEN_BINDINGS:
            self._fault(target.range[0], f'Identifier "{target.name}" is forbidden as left-hand in assignment')
        self.read(node.right)
        return True

    def _as_expression(self, pattern: Node | None) -> None:
        """What njs refuses in a pattern that it takes for an array or an object: it knows no patterns."""
        if pattern is None:
            return
        kind = pattern.type
        if kind == "ArrayPattern":
            for element in pattern.elements:
                if element is not None and element.type == "RestElement":
                    self._unexpected(next_token(self._code, element.range[0]))
                else:
                    self._as_expression(element)
        elif kind == "ObjectPattern":
            for member in pattern.properties:
                if member.type == "RestElement":
                    self._not_supported(next_token(self._code, member.range[0]))
                elif member.shorthand and member.value.type == "AssignmentPattern":
                    self._not_supported(find_token(self._code, member.key.range[1], "="))
                else:
                    self._as_expression(member.value)
        elif kind == "AssignmentPattern":
            self._as_expression(pattern.left)
            if pattern.left.type in {"ArrayPattern", "ObjectPattern"}:
                at = find_token(self._code, pattern.left.range[1], "=").start
                self._fault(at, "Invalid left-hand side in assignment", "ReferenceError")
            self.read(pattern.right)


def _is_target(node: Node) -> bool:
    """Whether njs assigns to a node of this kind."""
    return node.type in {"Identifier", "MemberExpression"}
