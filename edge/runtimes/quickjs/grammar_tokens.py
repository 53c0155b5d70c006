"""The next token at a place in the source, spelled as njs spells it in its messages.

Source: CloudFront Developer Guide, "JavaScript runtime 2.0 features for CloudFront Functions"; the spelling is njs's.
Not modelled: the bytes of a name that is not ASCII, of which njs shows the first one (here it is U+FFFD).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from edge.runtimes.quickjs.grammar import END_OF_INPUT, UNEXPECTED


class Token(NamedTuple):
    """A token's place in the source (from 0, `end` excluded) and its text: for a string what is between the quotes, ""
    at the end of the source."""

    start: int
    end: int
    text: str


_SKIP = re.compile(r"(?:\s|\ufeff|//[^\n\r\u2028\u2029]*|/\*.*?\*/)*", re.DOTALL)
_TOKEN = re.compile(
    r"""[A-Za-z_$][\w$]*
      | 0[xX][\da-fA-F](?:_?[\da-fA-F])* | 0[bB][01](?:_?[01])* | 0[oO][0-7](?:_?[0-7])*
      | 0[bBoO]. | 0[xX](?![\da-zA-Z]) | 0[\d_]
      | (?:\d(?:_?\d)*(?:\.(?:\d(?:_?\d)*)?)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d(?:_?\d)*)?
      | >>>= | \.\.\. | === | !== | \*\*= | <<= | >>= | >>>
      | => | == | != | <= | >= | && | \|\| | \?\? | \+\+ | -- | \+= | -= | \*= | /= | %= | &= | \|= | \^= | << | >>
      | \*\*
      | /\*
      | .""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_NUMBER_HEAD = re.compile(r"0[xX]|\.?\d")
_STRING = re.compile(r"""(?:"(?:[^"\\\n\r]|\\(?:\r\n|.))*|'(?:[^'\\\n\r]|\\(?:\r\n|.))*)""", re.DOTALL)
_TEMPLATE = re.compile(r"[`}](?:[^`\\$]|\\.|\$(?!\{))*", re.DOTALL)
_REGEXP = re.compile(r"/(?:[^/\\\[\n]|\\[^\n]|\[(?:[^\]\\\n]|\\[^\n])*\]?)*")
BAD_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\(?:([89])|[1-7])")
_LINE_BREAK = re.compile(r"\r\n|[\n\r]")


def next_token(code: str, offset: int) -> Token:
    """The first token at or after `offset`, comments and white space passed over."""
    skipped = _SKIP.match(code, offset)
    start = skipped.end() if skipped else offset
    string = _STRING.match(code, start)
    if string is not None and code[string.end() : string.end() + 1] == code[start]:
        return Token(start, string.end() + 1, string[0][1:])
    found = _TOKEN.match(code, start)
    if found is None:
        return Token(start, start, "")
    text = found[0]
    return Token(start, found.end(), text if text.isascii() else "\ufffd")


def find_token(code: str, offset: int, text: str) -> Token:
    """The first token at or after `offset` that reads `text`; the end of the source when there is none."""
    token = next_token(code, offset)
    while token.end > token.start and token.text != text:
        token = next_token(code, token.end)
    return token


def unexpected(token: Token) -> str:
    """What njs says of a token that fits nowhere."""
    return UNEXPECTED.format(token.text) if token.end > token.start else END_OF_INPUT


def after_number(code: str, offset: int) -> Token:
    """The part of a malformed number at which njs stops: `_0` in 1__0, `n` in 10n, `a` in 3a, all of 0b2."""
    token = next_token(code, offset)
    if not _NUMBER_HEAD.match(token.text) or re.match(r"0[bBoO][^01]|0[bBoO][2-9]|0[\d_]", token.text):
        return token
    tail = next_token(code, token.end)
    if token.text == "0" and tail.text[:1] in {"x", "X"} and len(tail.text) > 1:
        return Token(tail.start + 1, tail.end, tail.text[1:])
    return tail if tail.start == token.end else token


def template_complaint(raw: str) -> str:
    """njs's words for an escape that a template may not hold; `raw` begins after the quote."""
    if found := BAD_ESCAPE.search(raw):
        return escape_complaint(found)
    return f'Invalid Unicode code point "{raw}"'


def escape_complaint(found: re.Match[str]) -> str:
    """njs's words for a match of BAD_ESCAPE."""
    escape = r"The escapes \8 and \9" if found[1] else "Octal escape sequences"
    return f"{escape} can't be used in untagged template literals or in strict mode code"


def lexical_complaint(code: str, offset: int) -> tuple[int, str]:
    """Where njs stops in a broken token that begins at `offset`, and in which words."""
    char = code[offset : offset + 1]
    if char in {'"', "'"}:
        found = _STRING.match(code, offset)
        end = found.end() if found else offset + 1
        if code[end : end + 1] != char:
            broken = _LINE_BREAK.match(code, end)
            return offset, f'Unterminated string "{code[offset : broken.end() if broken else end]}"'
        return offset, f'Invalid Unicode code point "{code[offset + 1 : end]}"'
    if char in {"`", "}"}:
        found = _TEMPLATE.match(code, offset)
        end = found.end() if found else offset + 1
        if end >= len(code):
            return offset, "Unterminated template literal"
        return offset, template_complaint(code[offset + 1 : end])
    if char == "/" and code[offset + 1 : offset + 2] != "*":
        found = _REGEXP.match(code, offset)
        return offset, f'Unterminated RegExp "{code[offset : found.end() if found else offset + 1]}"'
    token = after_number(code, offset)
    return token.start, unexpected(token)
