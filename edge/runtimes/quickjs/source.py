"""A function's source on its way into an engine: imports become requires, and lines keep their numbers.

An engine compiles `(function (require) { 'use strict'; <source>; return handler; })`. The source begins on line
LINE_OFFSET + 1, so that a position in a stack is either the user's or the prelude's, and which is plain to see.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

LINE_OFFSET = 100_000
"""Lines in front of the user's first."""

_IMPORT = re.compile(r"^([ \t]*)import\s+([A-Za-z_$][\w$]*)\s+from\s+(['\"])([^'\"\n]+)\3[ \t]*;?", re.MULTILINE)
_POSITION = re.compile(r"^\s*at (?:(.*?) )?\(?[^():\s]*:(\d+)(?::(\d+))?\)?\s*$")
_FOLDER = Path(__file__).parent / "prelude"
_PIECES = ("console.js", "buffer.js", "crypto.js", "querystring.js", "runtime.js")

_ABSENT = """
    AggregateError AsyncDisposableStack Atomics BigInt BigInt64Array BigUint64Array DOMException DisposableStack
    FinalizationRegistry Float16Array Iterator Map Proxy Reflect Set SharedArrayBuffer SuppressedError WeakMap WeakRef
    WeakSet escape gc navigator os performance print queueMicrotask scriptArgs std unescape
"""
ABSENT = _ABSENT.split()
"""Globals that QuickJS-ng has and njs has not."""

ABSENT_IN_1_0 = ["DataView"]


@lru_cache(maxsize=1)
def prelude() -> str:
    """The JavaScript that runs before any user code."""
    return "\n".join((_FOLDER / name).read_text("utf-8") for name in _PIECES)


def wrapped(code: str) -> str:
    """The factory expression for a function's source: called with `require`, it gives the handler."""
    body = _IMPORT.sub(r"\1const \2 = require('\4');", code)
    return "\n" * LINE_OFFSET + f"(function (require) {{ 'use strict'; {body}\n; return handler; }})"


def frames(stack: str) -> tuple[tuple[str, int, int], ...]:
    """The user's frames in an engine's stack text, innermost first: function name, line and column from 1."""
    found: list[tuple[str, int, int]] = []
    for text in stack.splitlines():
        match = _POSITION.match(text)
        if match is not None and (line := int(match.group(2)) - LINE_OFFSET) > 0:
            found.append((match.group(1) or "<anonymous>", line, int(match.group(3) or 0)))
    return tuple(found)
