"""From source to a syntax tree, or to what njs says where no tree can be made.

Source: CloudFront Developer Guide, "JavaScript runtime 2.0 features for CloudFront Functions"; the words are njs's, the
tree is esprima's (PyPI: esprima-fork), which knows all of ECMAScript, and so can say what njs lacks.
Not modelled: njs's own limit on nesting; what is too deep for the parser here is refused in njs's words for that.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

from esprima import Error
from esprima.parser import Parser

from edge.runtimes.quickjs import grammar
from edge.runtimes.quickjs.grammar_expressions import Fault, Node
from edge.runtimes.quickjs.grammar_tokens import Token, lexical_complaint, next_token, unexpected

_LEXICAL = ("Unexpected token ILLEGAL", "Invalid hexadecimal escape", "Invalid regular expression: missing")
_EXPONENT = "Either left-hand side or entire exponentiation must be parenthesized"
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
    except Error as error:
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
        if message != "Unexpected token" and not message.startswith(grammar.CHECKED_IN_THE_TREE):
            token = next_token(code, error["index"])
            faults.append(Fault(token.start, unexpected(token)))
    return faults


def _unparsed(code: str, error: Error) -> Parsed:
    """Parse again, to learn what stood before the place where the parser stopped."""
    forest = _Forest()
    parser: Parser | None = None
    try:
        parser = _parser(code, forest)
        parser.parseScript()
    except Error:
        pass
    message = error.message.split(": ", 1)[-1]
    if message.startswith(_LEXICAL):
        begin = parser.startMarker.index if parser is not None else 0
        offset, words = lexical_complaint(code, next_token(code, begin).start)
        fault = Fault(offset, words)
    else:
        seen = [Token(token.range[0], token.value) for token in parser.tokens] if parser is not None else []
        fault = _grammatical(code, message, error.index, seen)
    faults = [] if parser is None else _tolerated(code, parser)
    return Parsed(forest.trees, [*faults, fault], complete=False)


def _grammatical(code: str, message: str, index: int, seen: list[Token]) -> Fault:
    """The parser's complaint in njs's words. `seen` are the tokens as far as the parser looked."""
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
        mixed = [token for token in seen if token.start < index and token.text in {"??", "||", "&&"}]
        return Fault(mixed[-1].start, unexpected(mixed[-1])) if mixed else Fault(index, grammar.END_OF_INPUT)
    return _misplaced(next_token(code, index), [token for token in seen if token.start < index])


def _misplaced(token: Token, before: list[Token]) -> Fault:
    """What njs says of a token that fits nowhere, which depends on the tokens before it."""
    last = before[-1].text if before else ""
    words = unexpected(token)
    if last == "for" and token.text == "await":
        words = grammar.NOT_SUPPORTED.format(token.text)
    elif last == "await":
        return Fault(before[-1].start, "await is only valid in async functions")
    elif last == "." and len(before) > 1 and before[-2].text == "new":
        return Fault(before[-1].start, grammar.UNEXPECTED.format("."))
    elif token.text == "**":
        words = _EXPONENT
    elif token.text in grammar.NO_SINGLE_STATEMENT and last in _BEFORE_A_LONE_STATEMENT:
        words = grammar.NO_SINGLE_STATEMENT[token.text]
    elif token.text == "import":
        begins = last in {"", ";", "}", "{"}
        words = grammar.NON_DEFAULT_IMPORT if begins else grammar.NOT_SUPPORTED.format(token.text)
    elif token.text == "super" or (token.text == "=" and _is_shorthand(before)):
        words = grammar.NOT_SUPPORTED.format(token.text)
    elif spread := _stray_spread(before):
        return Fault(spread.start, grammar.UNEXPECTED.format("..."))
    return Fault(token.start, words)


def _is_shorthand(before: list[Token]) -> bool:
    """Whether the last token may be a member of an object literal that is a mere name."""
    return len(before) > 1 and before[-2].text in {"{", ","} and before[-1].text.isidentifier()


def _stray_spread(before: list[Token]) -> Token | None:
    """The spread of `(...a)` where no arrow follows; the parser waits for the arrow, njs does not."""
    if len(before) < 4 or before[-1].text != ")" or before[-3].text != "...":
        return None
    function_like = any(first.text == "function" for first, _ in pairwise(before[-8:]))
    return None if function_like else before[-3]
