"""A function's source on its way into an engine, the prelude that stands before it, and positions on the way back.

Source: CloudFront Developer Guide, "JavaScript runtime 1.0 features for CloudFront Functions" and "JavaScript runtime
2.0 features for CloudFront Functions": what a runtime has is listed in prelude/allowed_*.json.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path

from edge.model.function import Invalid, JavaScriptRuntime, Threw, Usage
from edge.model.json_value import JsonObject

FILE = "function.js"
"""What the user's file is called in an engine's stack."""

NEVER_SETTLES = "Error: the promise that the handler returned never settles"
"""Our words: AWS documents none for it."""

_FOLDER = Path(__file__).parent / "prelude"
_PIECES = ("console.js", "buffer.js", "crypto.js", "querystring.js", "cwt.js", "cloudfront.js", "runtime.js")
_ALLOWED = {JavaScriptRuntime.JS_1_0: "allowed_1_0.json", JavaScriptRuntime.JS_2_0: "allowed_2_0.json"}
_POSITION = re.compile(r"^\s*at (?:(.*?) )?\(?" + re.escape(FILE) + r":(\d+)(?::(\d+))?\)?\s*$", re.MULTILINE)


@lru_cache(maxsize=16)
def piece(name: str) -> str:
    """The text of one file of the prelude."""
    return (_FOLDER / name).read_text("utf-8")


def prelude(runtime: JavaScriptRuntime, edge_location: JsonObject, tenant: JsonObject | None = None) -> str:
    """A function of the host's functions that makes the globals of a runtime, and gives its modules by name. `tenant`
    is the distribution tenant, {"id", "parameters"}, None in a standard distribution."""
    modern = json.dumps(runtime is JavaScriptRuntime.JS_2_0)
    allowed = piece(_ALLOWED[runtime])
    pieces = "\n".join(piece(name) for name in _PIECES)
    place, who = json.dumps(dict(edge_location)), json.dumps(tenant)
    make = f"makeRuntime(host, {modern}, {allowed.strip()}, {place}, {who})"
    return f"(function (host) {{\n'use strict';\n{pieces}\nreturn {make};\n}})"


def as_module(code: str) -> str:
    """The source as an ECMAScript module whose default export is the handler. Its positions are the user's."""
    return f"{code}\n;export {{ handler as default }};"


def threw(error: str, stack: str, logs: tuple[str, ...], usage: Usage) -> Threw:
    """What an engine's error and its stack text come to, in positions of the user's source."""
    frames = _frames(stack)
    _, line, column = frames[0] if frames else ("", 0, 0)
    shown = tuple(f"{name} ({line}:{column})" for name, line, column in frames)
    return Threw(error or "Error", line, column, shown, logs, usage)


def invalid(error: str, stack: str) -> Invalid:
    """What an engine says about code that it does not compile."""
    frames = _frames(stack)
    _, line, column = frames[0] if frames else ("", 0, 0)
    return Invalid(error or "SyntaxError", line, column)


def _frames(stack: str) -> tuple[tuple[str, int, int], ...]:
    """The user's frames, innermost first: function name, line and column from 1."""
    return tuple(
        (name or "<anonymous>", int(line), int(column or 0)) for name, line, column in _POSITION.findall(stack)
    )
