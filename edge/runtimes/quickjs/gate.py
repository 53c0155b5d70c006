"""The language gate: says, before any request meets it, what makes code unfit for its runtime, in the engine's words.

CloudFront stores and publishes code of any kind; what does not parse fails on every request. The engines behind this
proxy understand far more JavaScript than CloudFront's (njs) does, so a syntax tree is held against tables and rules.
Source: CloudFront Developer Guide, "JavaScript runtime 1.0 features for CloudFront Functions", "JavaScript runtime 2.0
features for CloudFront Functions" and "CloudFront Functions event structure".
Not modelled: AWS documents no message for code without a handler; njs's words for an undeclared name are our choice.
`??` passes in both runtimes, as it does in njs. The parser is heavy to import, so that waits for the first check.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from edge.model.function import Invalid, JavaScriptRuntime

NO_HANDLER = Invalid('ReferenceError: "handler" is not defined')
TOO_DEEP = Invalid("RangeError: Maximum call stack size exceeded")

_MAX_FRAMES = 20_000
"""Python frames that a check may use: about a thousand nested parentheses."""

_LINE_BREAK = re.compile(r"\r\n|[\n\r]")


def check(code: str, runtime: JavaScriptRuntime) -> Invalid | None:
    """What makes `code` unfit to run in `runtime`, None when it is fit: its syntax, then a missing handler."""
    return _verdict(code, runtime, needs_handler=True)


def check_syntax(code: str, runtime: JavaScriptRuntime) -> Invalid | None:
    """What the engine refuses when it compiles `code`, None when it compiles."""
    return _verdict(code, runtime, needs_handler=False)


def _verdict(code: str, runtime: JavaScriptRuntime, *, needs_handler: bool) -> Invalid | None:
    from edge.runtimes.quickjs.grammar_parser import parse
    from edge.runtimes.quickjs.grammar_statements import Rules

    try:
        with deep_recursion():
            parsed = parse(code)
            faults = parsed.faults
            for tree in parsed.trees:
                rules = Rules(code, runtime, fragment=not parsed.complete)
                rules.read(tree)
                faults += rules.faults
    except RecursionError:
        return TOO_DEEP
    if faults:
        first = min(faults, key=lambda fault: (fault.late, fault.offset))
        line, column = place(code, first.offset)
        suffix = f" in {line}" if first.lined else ""
        return Invalid(f"{first.error}: {first.words}{suffix}", line, column)
    if needs_handler and not rules.declares("handler"):
        return NO_HANDLER
    return None


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Let the parser nest as deep as a function of the allowed size can, and no deeper than memory allows."""
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(max(usual, _MAX_FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(usual)


def place(code: str, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of an offset."""
    line, start = 1, 0
    for found in _LINE_BREAK.finditer(code, 0, offset):
        line, start = line + 1, found.end()
    return line, offset - start + 1
