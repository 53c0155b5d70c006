"""Which functions a file or a folder holds: the tier, the event, and the twin of a CloudFront Function in Lambda@Edge.

A folder is that of a sample: `function.js`, and the same logic as a handler in `lambda/`. What a file is shows in its
name or its code: a handler is exported, a CloudFront Function is not.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from edge.bench.needs import bare
from edge.model.function import CloudFrontFunction, EventType, Function, JavaScriptRuntime, LambdaFunction

TWINS = "lambda"
"""The folder beside a CloudFront Function that holds the same logic for Lambda@Edge."""

_NODE = "nodejs22.x"
_EXPORTS = re.compile(r"^\s*export\s|\b(?:module\s*\.\s*)?exports\b\s*[.=\[]", re.MULTILINE)
_RESPONSE = re.compile(r"\bevent\s*\.\s*response\b|\bcf\s*\.\s*response\b|\{[^{}=]*\bresponse\b[^{}=]*\}\s*=")
_ORIGIN = re.compile(r"\brequest\s*\.\s*origin\b")
_PYTHON_RESPONSE = re.compile(r"""\[\s*['"]cf['"]\s*\]\s*\[\s*['"]response['"]\s*\]""")


class FunctionFileError(ValueError):
    """A file that is no function; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Found:
    """A function, the event at which it runs, and the file that it is from."""

    function: Function
    event_type: EventType
    path: Path


def find(
    given: str, runtime: JavaScriptRuntime, store: str | None, memory_mb: int, event_type: EventType | None = None
) -> list[Found]:
    """The functions of one argument: FILE, FILE:handler or FOLDER; for a CloudFront Function its twin too, where there
    is one. `event_type` None is guessed from the code. Raises FunctionFileError."""
    name, handler = _parted(given)
    path = Path(name)
    paths = _in_folder(path) if path.is_dir() else [path]
    return [one for each in paths for one in _in_file(each, handler, runtime, store, memory_mb, event_type)]


def _in_file(
    path: Path,
    handler: str,
    runtime: JavaScriptRuntime,
    store: str | None,
    memory_mb: int,
    event_type: EventType | None,
) -> list[Found]:
    if not path.is_file():
        raise FunctionFileError(f"{path}: there is no such file; write FILE, FILE:handler, or a folder of functions")
    try:
        code = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise FunctionFileError(f"{path}: not text: {error}") from None
    if handler or _is_handler(path, code):
        return [_lambda_function(path, handler or "handler", code, memory_mb, event_type)]
    at = event_type or guessed_event(code)
    if at not in (EventType.VIEWER_REQUEST, EventType.VIEWER_RESPONSE):
        raise FunctionFileError(f"{path}: a CloudFront Function does not run at {at}; write FILE:handler for a handler")
    function = CloudFrontFunction(_name(path), code, runtime, str(path), store)
    twin = _twin(path)
    found = [Found(function, at, path)]
    if twin is not None:
        found.append(_lambda_function(twin, "handler", twin.read_text("utf-8"), memory_mb, at))
    return found


def guessed_event(code: str) -> EventType:
    """The event that code is written for, by what it takes from the event object."""
    text = bare(code)
    if _RESPONSE.search(text) or _PYTHON_RESPONSE.search(code):
        return EventType.VIEWER_RESPONSE
    return EventType.ORIGIN_REQUEST if _ORIGIN.search(text) else EventType.VIEWER_REQUEST


def _parted(given: str) -> tuple[str, str]:
    name, colon, handler = given.rpartition(":")
    return (name, handler) if colon and handler.isidentifier() and not Path(given).exists() else (given, "")


def _in_folder(folder: Path) -> list[Path]:
    """The file that bears the folder's name, or else every file of JavaScript: halves that belong together."""
    for name in ("function.js", "index.mjs", "index.js", "index.cjs"):
        if (folder / name).is_file():
            return [folder / name]
    found = sorted(path for path in folder.iterdir() if path.suffix in (".js", ".mjs", ".cjs"))
    if not found:
        raise FunctionFileError(f"{folder}: there is no JavaScript in it: name the file")
    return found


def _is_handler(path: Path, code: str) -> bool:
    return path.suffix in (".mjs", ".cjs", ".py") or bool(_EXPORTS.search(bare(code)))


def _twin(path: Path) -> Path | None:
    folder = path.parent / TWINS
    names = [path.stem, *(["index"] if path.stem == "function" else [])]
    candidates = (folder / f"{name}{suffix}" for name in names for suffix in (".mjs", ".js", ".cjs"))
    return next((each for each in candidates if each.is_file()), None)


def _name(path: Path) -> str:
    """That of the folder, for a file that has none of its own."""
    if path.stem not in ("function", "index"):
        return path.stem
    folder = path.resolve().parent
    return folder.parent.name if folder.name == TWINS else folder.name


def _lambda_function(path: Path, export: str, code: str, memory_mb: int, event_type: EventType | None) -> Found:
    runtime = f"python3.{sys.version_info.minor}" if path.suffix == ".py" else _NODE
    function = LambdaFunction(
        _name(path),
        "1",
        str(path.parent),
        f"{path.stem}.{export}",
        runtime,
        memory_mb=memory_mb,
    )
    return Found(function, event_type or guessed_event(code), path)
