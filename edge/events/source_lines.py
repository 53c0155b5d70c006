"""Which lines of a function's source may have made what the edge refuses.

An engine tells where code threw; it cannot tell which line wrote a header that is judged after the function has ended.
The name of the header is in the source, though, mostly: as `headers['x-a'] =`, `headers.host =`, `'x-a':`, `uri:` or
`delete headers.host`. Text is enough to find it, and quick; names that are put together at run time are not found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_OPAQUE = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/) | '(?:\\.|[^'\\\n])*' | "(?:\\.|[^"\\\n])*" | `(?:\\.|[^`\\])*`""",
    re.VERBOSE | re.DOTALL,
)
_NOT_A_LINE_BREAK = re.compile(r"[^\n]")
_RETURN = re.compile(r"(?<![\w$.])return\b")
_HANDLER = re.compile(r"(?<![\w$.])handler\b")


def find(code: str, written: Sequence[str]) -> tuple[int, ...]:
    """Lines (from 1), the likeliest first; none when nothing fits. `written` are names, outermost first: the innermost
    is looked for, within it nothing. ("return",) asks for where the handler returns."""
    if not written:
        return ()
    plain = _without_comments(code)
    if written == ("return",):
        return _lines(plain, _RETURN) or _lines(plain, _HANDLER)[:1]
    for name in reversed(written):
        found = _lines(plain, *_writes(name)) or _lines(plain, _quoted(name))
        if found:
            return found
    return ()


def _without_comments(code: str) -> str:
    """The same text with spaces in place of comments."""
    return _OPAQUE.sub(
        lambda found: _NOT_A_LINE_BREAK.sub(" ", found[0]) if found["comment"] is not None else found[0], code
    )


def _writes(name: str) -> Iterator[re.Pattern[str]]:
    """The ways to write a member of this name: assigned to, deleted, in a literal, called."""
    member = rf"(?:\.{re.escape(name)}(?![\w$-])|\[\s*(['\"`]){re.escape(name)}\1\s*\])"
    yield re.compile(rf"{member}(?:\.\w+|\[[^\]\n]*\])*\s*(?:[+]|\|\|)?=(?![=>])")
    yield re.compile(rf"(?<![\w$.])delete\s+[\w$.\[\]'\"]*?{member}")
    yield re.compile(rf"(?:(['\"]){re.escape(name)}\1|(?<![\w$.'\"-]){re.escape(name)})\s*:(?!:)")
    yield re.compile(rf"\.{re.escape(name)}\s*\(")


def _quoted(name: str) -> re.Pattern[str]:
    return re.compile(rf"(['\"`]){re.escape(name)}\1")


def _lines(code: str, *patterns: re.Pattern[str]) -> tuple[int, ...]:
    found = sorted(match.start() for pattern in patterns for match in pattern.finditer(code))
    return tuple(dict.fromkeys(code.count("\n", 0, offset) + 1 for offset in found))
