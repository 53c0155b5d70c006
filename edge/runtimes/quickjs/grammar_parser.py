"""From source to a syntax tree, or to what njs says where no tree can be made.

Source: CloudFront Developer Guide, "JavaScript runtime 2.0 features for CloudFront Functions"; the words are njs's, the
tree is esprima's (PyPI: esprima-fork), which knows all of ECMAScript, and so can say what njs lacks.
Not modelled: njs's own limit on nesting; what is too deep for the parser here is refused in njs's words for that.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from esprima import Error
from esprima.parser import Parser

from edge.runtimes.quickjs import grammar
from edge.runtimes.quickjs.grammar_expressions import Fault, Node
from edge.runtimes.quickjs.grammar_tokens import (
    Token,
    lexical_complaint,
    next_token,
    template_complaint,
    unexpected,
)

_LEXICAL = ("Unexpected token ILLEGAL", "Invalid hexadecimal escape", "Invalid regular expression: missing")
_EXPONENT = "Either left-hand side or entire exponentiation must be parenthesized"
_FOR_HEAD_TOKENS = 8
_BEFORE_A_LONE_STATEMENT = frozenset({")", "else", "do", ":"})


class Parsed(NamedTuple):
    """`trees` holds the program; or, when the source does not parse, the subtrees read before that. `faults` are the
    parser's complaints in njs's words."""

    trees: list[Node]
    faults: list[Fault]
    complete: bool


class _Forest:
    """Collects finished nodes: a node takes the place of those inside it."""

    def __init__(self) -> None:
        self.trees: list[Node] = []

    def __call__(self, node: Node, _: object) -> Node:
        if node.range is not None:
            while self.trees and self.trees[-1].range[0] >= node.range[0]:
                self.trees.pop()
            self.trees.append(node)
        return node


def parse(code: str) -> Parsed:
    """The syntax tree of `code`. Raises RecursionError when it is nested too deep."""
    parser: Parser | None = None
    try:
        parser = _parser(code)
        program = parser.parseScript()
    except (Error, AssertionError) as error:
        return _unparsed(code, error)
    return Parsed([program], _tolerated(code, parser), complete=True)


def _parser(code: str, forest: _Forest | None = None) -> Parser:
    """A parser of scripts that goes on after complaints that are not about the grammar. Told that the source is a
    module, its scanner does not take `<!--` for a comment; parseScript still reads a script."""
    options = {"range": True, "positionEncoding": "scalar", "sourceType": "module", "tokens": forest is not None}
    parser = Parser(code, options, delegate=forest)
    parser.errorHandler.tolerant = True
    return parser


def _tolerated(code: str, parser: Parser) -> list[Fault]:
    faults = []
    for error in parser.errorHandler.errors:
        message = error["message"].split(": ", 2)[-1]
        if message != grammar.IMPORT_OR_EXPORT and not message.startswith(grammar.CHECKED_IN_THE_TREE):
            index = error["index"]
            if message.endswith("ILLEGAL"):
                index = max(code.rfind("/*", 0, index), 0) or index
            token = next_token(code, index)
            faults.append(Fault(token.start, unexpected(token)))
    return faults


def _unparsed(code: str, error: Error | AssertionError) -> Parsed:
    """Parse again, to learn what stood before the place where the parser stopped."""
    forest = _Forest()
    parser: Parser | None = None
    try:
        parser = _parser(code, forest)
        parser.parseScript()
    except (Error, AssertionError):
        pass
    if parser is None:
        return Parsed([], [_lexical(code, 0)], complete=False)
    message = error.message.split(": ", 1)[-1] if isinstance(error, Error) else ""
    seen = [Token(token.range[0], token.range[1], token.value) for token in parser.tokens]
    if message.startswith(_LEXICAL):
        fault = _lexical(code, parser.startMarker.index)
    elif isinstance(error, Error):
        fault = _grammatical(code, message, error.index, [token for token in seen if token.start < error.index])
    else:
        token = next_token(code, parser.lookahead.start)
        fault = Fault(token.start, unexpected(token))
    return Parsed(forest.trees, [*_tolerated(code, parser), fault], complete=False)


def _lexical(code: str, index: int) -> Fault:
    offset, words = lexical_complaint(code, next_token(code, index).start)
    return Fault(offset, words)


def _grammatical(code: str, message: str, index: int, seen: list[Token]) -> Fault:
    """The parser's complaint in njs's words. `seen` are the tokens before the place where it stopped."""
    if message.startswith(grammar.SAME_WORDS):
        return Fault(index, message, late=message.startswith("Illegal"))
    if message.startswith(grammar.SAME_WORDS_AT_THE_NEXT_TOKEN):
        return Fault(next_token(code, index).start, message)
    if named := re.fullmatch(r"Undefined label '(.*)'", message):
        return Fault(index, f'Undefined label "{named[1]}"')
    if named := re.fullmatch(r"Label '(.*)' has already been declared", message):
        return Fault(index, f'Label "{named[1]}" has already been declared')
    if message.startswith("Missing initializer in const"):
        return Fault(index, "missing initializer in const declaration", late=True, lined=False)
    if message.startswith("Nullish coalescing"):
        mixed = [token for token in seen if token.text in {"??", "||", "&&"}]
        return Fault(mixed[-1].start, unexpected(mixed[-1])) if mixed else Fault(index, grammar.END_OF_INPUT)
    if message.startswith("Invalid escape sequence in template"):
        quasi = max(code.rfind("`", 0, index - 1), code.rfind("}", 0, index - 1))
        return Fault(quasi, template_complaint(code[quasi + 1 : index - 1]))
    if message.startswith("Strict mode function may not have duplicate"):
        return Fault(index, "Duplicate parameter names")
    return _misplaced(code, next_token(code, index), seen)


def _misplaced(code: str, token: Token, before: list[Token]) -> Fault:
    """What njs says of a token that fits nowhere, which depends on the tokens before it."""
    last = before[-1].text if before else ""
    begins = last in {"", ";", "}", "{"}
    if last == "await":
        return Fault(before[-1].start, "await is only valid in async functions")
    if last == "." and len(before) > 1 and before[-2].text == "new":
        return Fault(before[-1].start, grammar.UNEXPECTED.format("."))
    if token.text == "import" and begins:
        lone = next_token(code, token.end).text[:1] in {"", "(", ".", "{", "*"}
        return Fault(token.start, grammar.NON_DEFAULT_IMPORT if lone else "Illegal import statement")
    if token.text == "export" and begins:
        return Fault(token.start, "Illegal export statement")
    if token.text in grammar.NO_SINGLE_STATEMENT and last in _BEFORE_A_LONE_STATEMENT:
        return Fault(token.start, grammar.NO_SINGLE_STATEMENT[token.text])
    if token.text == "**":
        return Fault(token.start, _EXPONENT)
    if _is_foreign(token, before):
        return Fault(token.start, grammar.NOT_SUPPORTED.format(token.text))
    return _in_parentheses(token, before) or Fault(token.start, unexpected(token))


def _is_foreign(token: Token, before: list[Token]) -> bool:
    """Whether njs knows what a misplaced token begins, and does not support it."""
    last = before[-1].text if before else ""
    if token.text in {"super", "import"}:
        return last not in {"var", "let", "const", "function"}
    if token.text in {"await", "of"}:
        return any(each.text == "for" for each in before[-_FOR_HEAD_TOKENS:])
    return token.text == "=" and len(before) > 1 and before[-2].text in {"{", ","} and last.isidentifier()


def _in_parentheses(token: Token, before: list[Token]) -> Fault | None:
    """The fault of a list in parentheses for which the parser still awaits an arrow, and njs does not."""
    spread = next((at for at in range(len(before) - 1, max(len(before) - 4, -1), -1) if before[at].text == "..."), -1)
    closes = before[-1].text == ")" if before else False
    opening = _opening(before[:-1] if closes else before)
    head = [each.text for each in before[max(opening - 2, 0) : opening]]
    if opening < 0 or token.text == "=>":
        return None
    if spread > opening:
        if "function" in head:
            after = spread + 2 == len(before) and token.text in {",", "="}
            return Fault(token.start, "Rest parameter must be last formal parameter") if after else None
        return Fault(before[spread].start, grammar.UNEXPECTED.format("..."))
    if closes and before[-2].text in {"(", ","} and not (head and (head[-1].isidentifier() or head[-1] in {")", "]"})):
        return Fault(before[-1].start, unexpected(before[-1]))
    return None


def _opening(before: list[Token]) -> int:
    """The index of the parenthesis that is still open after these tokens; -1 when there is none."""
    depth = 0
    for at in range(len(before) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(before[at].text, 0)
        if depth < 0:
            return at
    return -1
