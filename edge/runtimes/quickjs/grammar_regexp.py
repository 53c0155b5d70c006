"""What PCRE, the regular expressions of njs, refuses in a pattern, and in which words.

Source: CloudFront Developer Guide, "JavaScript runtime 2.0 features for CloudFront Functions" (regular expressions).
Not modelled: unknown properties, options and POSIX classes, ranges from or to a class, bad names of groups, and
lookbehinds whose length varies by inner alternatives.
"""

from __future__ import annotations

import re

_PIECE = re.compile(
    r"""(?P<quoted>\\Q.*?(?:\\E|$)) | (?P<escape>\\(?:k(?:<\w+>|\{\w+\}|'\w+')?|[1-9]\d*|c.?|.?))
      | (?P<set>\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*(?P<closed>\])?)
      | (?P<comment>\(\?\#[^)]*\)?) | (?P<verb>\(\*[A-Z][^)]*\))
      | (?P<inline>\(\?(?:[-^imsxnJU]*|P[=>]\w+|[R&+\-]?\d+|R|&\w+)\))
      | (?P<open>\((?:\?(?:P?<[A-Za-z_]\w*>|'\w+'|<?[=!]|[-^imsxnJU]*:|[>|]|\((?:\d+|R\d*|<\w+>)\)|(?=\(\?)))?)
      | (?P<close>\)) | (?P<bar>\|) | (?P<counted>\{(?P<least>\d+)(?:,(?P<most>\d*))?\}[+?]?)
      | (?P<quantifier>[*+?][+?]?) | (?P<anchor>[\^$]) | (?P<char>.)""",
    re.VERBOSE | re.DOTALL,
)
_RANGE = re.compile(r"(\\?[^\\])-(\\?[^\\\]])", re.DOTALL)
_NAME = re.compile(r"\(\?(?:P?<(\w+)>|'(\w+)')")
_CAPTURING = re.compile(r"\((?![?*])|\(\?P?<[A-Za-z_]|\(\?'")
_NOT_A_GROUP = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]", re.DOTALL)
_FIXED_COUNT = re.compile(r"\{\d+\}")
_REPEATABLE = frozenset({"set", "close", "char", "quoted", "inline"})
_UNKNOWN_ESCAPES = frozenset("ijmqyIJMOTY")
_PERL_ESCAPES = frozenset("FLl")
_MAX_COUNT = 65_535

_Fault = tuple[str, int] | None
"""PCRE's words and the offset at which it stops."""


def pattern_complaint(pattern: str) -> str | None:
    """njs's words for a pattern that PCRE does not compile; None when it does (or when the fault is not modelled)."""
    found = _first_fault(pattern)
    if found is None:
        return None
    words, at = found
    return f'pcre_compile2("{pattern}") failed: {words} at "{pattern[at:]}"'


def _first_fault(pattern: str) -> _Fault:
    groups: list[int] = []
    names: set[str] = set()
    capturing = len(_CAPTURING.findall(_NOT_A_GROUP.sub("", pattern)))
    repeatable = False
    loose = -1
    for piece in _PIECE.finditer(pattern):
        kind, text, start = _kind(piece), piece[0], piece.start()
        fault: _Fault = None
        if kind in {"quantifier", "counted"}:
            fault = _count_fault(piece, repeatable=repeatable)
            if loose < 0 and not _FIXED_COUNT.match(text):
                loose = next((at for at in groups if pattern.startswith(("(?<=", "(?<!"), at)), -1)
        elif kind == "escape":
            fault = _escape_fault(text, start, capturing, pattern)
        elif kind == "set":
            fault = _set_fault(text, start, len(pattern), closed=piece["closed"] is not None)
        elif kind == "comment" and not text.endswith(")"):
            fault = ("missing ) after (?# comment", piece.end())
        elif kind == "open" and pattern.startswith("(?", start) and text == "(":
            fault = ("unrecognized character after (? or (?-", start + 2)
        elif kind == "open":
            groups.append(start)
            name = _NAME.match(text)
            if name is not None and name[name.lastindex or 0] in names:
                fault = ("two named subpatterns have the same name (PCRE2_DUPNAMES not set)", piece.end())
            names.update(name.groups("") if name else ())
        elif kind == "close" and not groups:
            fault = ("unmatched closing parenthesis", start)
        elif kind == "close":
            groups.pop()
        if fault is not None:
            return fault
        repeatable = kind in _REPEATABLE or (kind == "escape" and text not in {"\\b", "\\B"})
    if groups:
        return ("missing closing parenthesis", len(pattern))
    return ("lookbehind assertion is not fixed length", loose) if loose >= 0 else None


def _kind(piece: re.Match[str]) -> str:
    """The outermost group that matched: `closed`, `least` and `most` lie within others."""
    return next(name for name, text in piece.groupdict().items() if text is not None)


def _count_fault(piece: re.Match[str], *, repeatable: bool) -> _Fault:
    counted = piece["counted"]
    brace = piece.start() + counted.index("}") if counted else piece.start()
    if not repeatable:
        return ("quantifier does not follow a repeatable item", brace)
    least, most = int(piece["least"] or 0), piece["most"]
    if max(least, int(most or 0)) > _MAX_COUNT:
        return ("number too big in {} quantifier", brace)
    if most and int(most) < least:
        return ("numbers out of order in {} quantifier", brace)
    return None


def _escape_fault(text: str, start: int, capturing: int, pattern: str) -> _Fault:
    end = start + len(text)
    char = text[1:2]
    if char == "k" and len(text) == 2:
        return ("\\k is not followed by a braced, angle-bracketed, or quoted name", end)
    names = {name for pair in _NAME.findall(pattern) for name in pair if name}
    if (char == "k" and text[3:-1] not in names) or (char.isdigit() and capturing < int(text[1:]) < 10):
        return ("reference to non-existent subpattern", start + (3 if char == "k" else 1))
    if text == "\\c":
        return ("\\c at end of pattern", end)
    if char in _UNKNOWN_ESCAPES:
        return ("unrecognized character follows \\", start + 1)
    if char in _PERL_ESCAPES:
        return ("PCRE2 does not support \\F, \\L, \\l, \\N{name}, \\U, or \\u", end)
    return None


def _set_fault(text: str, start: int, end: int, *, closed: bool) -> _Fault:
    if not closed:
        return ("missing terminating ] for character class", end)
    for span in _RANGE.finditer(text, 1):
        low, high = span[1], span[2]
        if len(low) == len(high) == 1 and low > high and low != "^":
            return ("range out of order in character class", start + span.start(2))
    return None
