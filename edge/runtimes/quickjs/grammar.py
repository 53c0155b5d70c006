"""The JavaScript that CloudFront Functions understand, as tables: what is accepted, what is refused and in which words.

Source: CloudFront Developer Guide, "JavaScript runtime 1.0 features for CloudFront Functions" and "JavaScript runtime
2.0 features for CloudFront Functions". The words are those of njs, whose messages CloudFront shows.
Not modelled: the limits of njs on nesting and on the number of names.
"""

from __future__ import annotations

from typing import NamedTuple

from edge.model.function import JavaScriptRuntime

BOTH = frozenset(JavaScriptRuntime)
ONLY_2_0 = frozenset({JavaScriptRuntime.JS_2_0})

NOT_SUPPORTED = 'Token "{}" not supported in this version'
UNEXPECTED = 'Unexpected token "{}"'
END_OF_INPUT = "Unexpected end of input"
ALREADY_DECLARED = '"{}" has already been declared'
NON_DEFAULT_IMPORT = "Non-default import is not supported"


class Accepted(NamedTuple):
    """A node that a runtime understands. `children` are the fields that hold further nodes, in source order."""

    children: tuple[str, ...] = ()
    runtimes: frozenset[JavaScriptRuntime] = BOTH


ACCEPTED = {
    # Literals and names
    "Identifier": Accepted(),
    "Literal": Accepted(),
    "ThisExpression": Accepted(),
    "TemplateElement": Accepted(),
    "TemplateLiteral": Accepted(("quasis", "expressions")),
    "TaggedTemplateExpression": Accepted(("tag", "quasi")),
    # Expressions
    "ArrayExpression": Accepted(("elements",)),
    "ArrowFunctionExpression": Accepted(("params", "body")),
    "AssignmentExpression": Accepted(("left", "right")),
    "AwaitExpression": Accepted(("argument",), ONLY_2_0),
    "BinaryExpression": Accepted(("left", "right")),
    "CallExpression": Accepted(("callee", "arguments")),
    "ChainExpression": Accepted(("expression",)),  # holds an optional call or member, which is refused itself
    "ConditionalExpression": Accepted(("test", "consequent", "alternate")),
    "FunctionExpression": Accepted(("params", "body")),
    "LogicalExpression": Accepted(("left", "right")),
    "MemberExpression": Accepted(("object", "property")),
    "NewExpression": Accepted(("callee", "arguments")),
    "ObjectExpression": Accepted(("properties",)),
    "Property": Accepted(("key", "value")),
    "SequenceExpression": Accepted(("expressions",)),
    "UnaryExpression": Accepted(("argument",)),
    "UpdateExpression": Accepted(("argument",)),
    # Statements
    "BlockStatement": Accepted(("body",)),
    "BreakStatement": Accepted(),
    "CatchClause": Accepted(("param", "body")),
    "ContinueStatement": Accepted(),
    "DebuggerStatement": Accepted(),
    "DoWhileStatement": Accepted(("body", "test")),
    "EmptyStatement": Accepted(),
    "ExpressionStatement": Accepted(("expression",)),
    "ForInStatement": Accepted(("left", "right", "body")),
    "ForStatement": Accepted(("init", "test", "update", "body")),
    "IfStatement": Accepted(("test", "consequent", "alternate")),
    "LabeledStatement": Accepted(("body",)),
    "Program": Accepted(("body",)),
    "ReturnStatement": Accepted(("argument",)),
    "SwitchCase": Accepted(("test", "consequent")),
    "SwitchStatement": Accepted(("discriminant", "cases")),
    "ThrowStatement": Accepted(("argument",)),
    "TryStatement": Accepted(("block", "handler", "finalizer")),
    "WhileStatement": Accepted(("test", "body")),
    # Declarations
    "FunctionDeclaration": Accepted(("params", "body")),
    "ImportDeclaration": Accepted(),
    "VariableDeclaration": Accepted(("declarations",)),
    "VariableDeclarator": Accepted(("id", "init")),
}
"""Every node that at least one runtime accepts. What is neither here nor in REFUSED is an unexpected token."""


class Refused(NamedTuple):
    """A node that no runtime understands. njs stops at `token`, looked for from the node's start; "" is the first."""

    words: str
    token: str = ""


REFUSED = {
    "ArrayPattern": Refused(NOT_SUPPORTED),
    "AssignmentPattern": Refused(UNEXPECTED, "="),
    "ClassDeclaration": Refused(NOT_SUPPORTED, "class"),
    "ClassExpression": Refused(NOT_SUPPORTED, "class"),
    "ExportAllDeclaration": Refused("Illegal export statement"),
    "ExportDefaultDeclaration": Refused("Illegal export statement"),
    "ExportNamedDeclaration": Refused("Illegal export statement"),
    "ImportExpression": Refused(NOT_SUPPORTED, "import"),
    "MetaProperty": Refused(UNEXPECTED, "."),
    "ObjectPattern": Refused(NOT_SUPPORTED),
    "PrivateIdentifier": Refused(UNEXPECTED),
    "SpreadElement": Refused(UNEXPECTED),
    "Super": Refused(NOT_SUPPORTED),
    "WithStatement": Refused(NOT_SUPPORTED, "("),
}

RESERVED = frozenset("let static implements interface package private protected public".split())
"""Names that strict code may not use. njs is always strict; `yield` and `await` it lets pass."""

RESERVED_1_0 = RESERVED | {"await"}

FORBIDDEN_BINDINGS = frozenset({"eval", "arguments"})

NO_IMPORT_NAMES = RESERVED_1_0 | FORBIDDEN_BINDINGS

ASSIGNMENT_OPERATORS = frozenset("= += -= *= /= %= **= <<= >>= >>>= &= ^= |=".split())

REGEXP_FLAGS = {JavaScriptRuntime.JS_1_0: frozenset("gim"), JavaScriptRuntime.JS_2_0: frozenset("gimy")}

MODULES = {
    JavaScriptRuntime.JS_1_0: frozenset({"crypto", "querystring"}),
    JavaScriptRuntime.JS_2_0: frozenset({"buffer", "cloudfront", "crypto", "querystring"}),
}

CHECKED_IN_THE_TREE = (
    "Invalid left-hand side",
    "Illegal return statement",
    "Invalid regular expression",
    "Getter must not",
    "Setter must have",
    "Setter function argument",
    "Use of future reserved word",
    "let is disallowed",
    "Illegal 'use strict' directive",
    "Octal literals",
    "Delete of an unqualified",
    "In strict mode code",
    "Strict mode",
    "Assignment to eval",
    "Postfix increment",
    "Prefix increment",
    "Variable name may not",
    "Parameter name eval",
    "Function name may not",
    "Catch variable may not",
    "Duplicate binding",
    "for-in loop variable",
)
"""Complaints after which the parser goes on, and which the rules make in njs's words (or, like njs, not at all)."""

IMPORT_OR_EXPORT = "Unexpected token"
"""The parser's words for an import or an export outside a module, whole."""

SAME_WORDS = ("Illegal break statement", "Illegal continue statement")
SAME_WORDS_AT_THE_NEXT_TOKEN = (
    "Illegal newline after throw",
    "Missing catch or finally after try",
    "More than one default clause in switch statement",
)

NO_SINGLE_STATEMENT = {
    "let": "let declaration cannot appear in a single-statement context",
    "const": "const declaration cannot appear in a single-statement context",
    "class": "Class can only be declared at top level or inside a block",
}
