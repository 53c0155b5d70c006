"""What PCRE, the regular expressions of njs, refuses in a pattern, and in which words.

Source: CloudFront Developer Guide, "JavaScript runtime 2.0 features for CloudFront Functions" (regular expressions).
Not modelled: lookbehinds of no fixed length, unknown properties and POSIX classes, conditions, names of groups.
"""

from __future__ import annotations

import re

_PIECE = re.compile(
    r"""(?P<quoted>\\Q.*?(?:\\E|$)) | (?P<escape>\\(?:k(?:<\w+>|\{\w+\}|'\w+')?|[1-9]\d*|c.?|.?))
      | (?P<set>\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*(?P<closed>\])?)
      | (?P<comment>\(\?\#[^)]*\)?) | (?P<verb>\(\*[A-Z][^)]*\))
      | (?P<open>\((?:\?(?:P?<[A-Za-z_]\w*>|'\w+'|<?[=!]|[-^imsxnJU]*[:)]|[>|:]|P[=>]\w+\)|[R&+\-]?\w+\)|\(.*?\)))?)
      | (?P<close>\)) | (?P<bar>\|) | (?P<counted>\{(?P<least>\d+)(?:,(?P<most>\d*))?\}[+?]?)
      | (?P<quantifier>[*+?][+?]?) | (?P<anchor>[\^$]) | (?P<char>.)""",
    re.VERBOSE | re.DOTALL,
)
_RANGE = re.compile(r"(\\?[^\\])-(\\?[^\\\]])", re.DOTALL)
_NAME = re.compile(r"(?:\?P?<(\w+)>|\?'(\w+)')")
_UNKNOWN_ESCAPES = frozenset("ijmqyIJMOTY")
_PERL_ESCAPES = frozenset("FLl")
_MAX_COUNT = 65_535


def pattern_complaint(pattern: str) -> str | None:
    """njs's words for a pattern that PCRE does not compile; None when it does (or when the fault is not modelled)."""
    found = _first_fault(pattern)
    if found is None:
        return None
    words, at = found
    return f'pcre_compile2("{pattern}") failed: {words} at "{pattern[at:]}"'


def _first_fault(pattern: str) -> tuple[str, int] | None:
    depth = 0
    repeatable = False
    capturing = len(re.findall(r"\((?!\?)|\(\?P?<[A-Za-z_]|\(\?'", re.sub(r"\\.|\[(?:\\.|[^\]\\])*\]", "", pattern)))
    names = {first or second for first, second in _NAME.findall(pattern)}
    for piece in _PIECE.finditer(pattern):
        kind, text, start = piece.lastgroup, piece[0], piece.start()
        if piece["set"]:
            kind = "set"
        elif piece["counted"]:
            kind = "counted"
        if kind in {"quantifier", "counted"}:
            fault = _count_fault(piece) if kind == "counted" else None
            if fault is None and not repeatable:
                at = piece.end() - 1 if kind == "counted" else start
                fault = ("quantifier does not follow a repeatable item", at)
            if fault is not None:
                return fault
        elif kind == "escape":
            escape_fault = _escape_fault(text, start, capturing, names)
            if escape_fault is not None:
                return escape_fault
        elif kind == "set":
            set_fault = _set_fault(text, start, len(pattern), closed=piece["closed"] is not None)
            if set_fault is not None:
                return set_fault
        elif kind == "open":
            depth += not (text.endswith(")") and len(text) > 1)
        elif kind == "close":
            depth -= 1
            if depth < 0:
                return ("unmatched closing parenthesis", start)
        repeatable = kind in {"set", "close", "char", "quoted"} or (kind == "escape" and text not in {"\\b", "\\B"})
    return ("missing closing parenthesis", len(pattern)) if depth else None


def _count_fault(piece: re.Match[str]) -> tuple[str, int] | None:
    brace = piece.start() + piece[0].index("}")
    least, most = int(piece["least"]), piece["most"]
    if max(least, int(most or 0)) > _MAX_COUNT:
        return ("number too big in {} quantifier", brace)
    if most and int(most) < least:
        return ("numbers out of order in {} quantifier", brace)
    return None


def _escape_fault(text: str, start: int, capturing: int, names: set[str]) -> tuple[str, int] | None:
    end = start + len(text)
    char = text[1:2]
    if char == "k" and len(text) == 2:
        return ("\\k is not followed by a braced, angle-bracketed, or quoted name", end)
    if (char == "k" and text[3:-1] not in names) or (char.isdigit() and capturing < int(text[1:]) < 10):
        return ("reference to non-existent subpattern", start + (3 if char == "k" else 1))
    if text == "\\c":
        return ("\\c at end of pattern", end)
    if char in _UNKNOWN_ESCAPES:
        return ("unrecognized character follows \\", start + 1)
    if char in _PERL_ESCAPES:
        return ("PCRE2 does not support \\F, \\L, \\l, \\N{name}, \\U, or \\u", end)
    return None


def _set_fault(text: str, start: int, end: int, *, closed: bool) -> tuple[str, int] | None:
    if not closed:
        return ("missing terminating ] for character class", end)
    for span in _RANGE.finditer(text, 1):
        low, high = span[1], span[2]
        if len(low) == len(high) == 1 and low > high and low != "^":
            return ("range out of order in character class", start + span.start(2))
    return None
