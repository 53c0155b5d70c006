"""Lambda@Edge handlers named on the command line: FILE[:handler].

    resize.mjs                  the export `handler`, Node.js
    resize.mjs:main             the export `main`
    auth.py                     `lambda_handler` if the file defines it, else `handler`, Python

The package is the folder of the file. Nothing says how much memory and time the function has: it gets the memory of a
new Lambda function, and the longest time that Lambda@Edge grants where it runs.
Source: Lambda Developer Guide, "Define Lambda function handler in Node.js", "Define Lambda function handler in Python";
CloudFront Developer Guide, "Quotas on Lambda@Edge".
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final, NamedTuple

from edge.configuration.finding import ConfigurationError, error
from edge.model.function import EventType, LambdaFunction
from edge.model.quotas import LambdaEdgeProfile

RUNTIMES: Final = {".js": "nodejs22.x", ".mjs": "nodejs22.x", ".cjs": "nodejs22.x", ".py": "python3.12"}
"""The runtime of a file, by its suffix."""
_USUAL_NAMES = ("index", "function", "handler", "lambda_function")
_HANDLER, _PYTHON_HANDLER = "handler", "lambda_handler"


class Handler(NamedTuple):
    """A file, and the export in it that is called; "" when the text names none."""

    file: Path
    export: str


def split(text: str) -> Handler:
    """FILE or FILE:handler. A file whose own name ends like a handler is taken as a file."""
    name, colon, export = text.rpartition(":")
    if not colon or not export.isidentifier() or Path(text).exists():
        return Handler(Path(text), "")
    return Handler(Path(name), export)


def name_of(file: Path) -> str:
    """A name that tells a function from others: that of its file, or of the folder where the file is called as such
    files are."""
    return file.resolve().parent.name if file.stem in _USUAL_NAMES else file.stem


def function(text: str, event_type: EventType, profile: LambdaEdgeProfile) -> LambdaFunction:
    """The function that FILE[:handler] names, for one event. Raises ConfigurationError for a file that is not there, or
    is neither Node.js nor Python."""
    file, export = split(text)
    runtime = RUNTIMES.get(file.suffix)
    if runtime is None:
        message = f"is no file of a Lambda@Edge function: those end in {', '.join(RUNTIMES)}"
        raise ConfigurationError(error("function.unreadable", str(file), message))
    code = _read(file)
    if not export:
        export = _PYTHON_HANDLER if runtime.startswith("python") and _PYTHON_HANDLER in _defined(code) else _HANDLER
    at_viewer = event_type in (EventType.VIEWER_REQUEST, EventType.VIEWER_RESPONSE)
    return LambdaFunction(
        name=name_of(file),
        version="1",
        code_path=str(file.resolve().parent),
        handler=f"{file.stem}.{export}",
        runtime=runtime,
        timeout_s=profile.viewer_timeout_max_s if at_viewer else profile.origin_timeout_max_s,
    )


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigurationError(error("function.unreadable", str(file), f"cannot be read: {problem}")) from None


def _defined(code: str) -> set[str]:
    """The functions and names at the top of a Python file; none when it does not parse, which the runtime will say."""
    try:
        body = ast.parse(code).body
    except (SyntaxError, ValueError):
        return set()
    functions = {one.name for one in body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}
    targets = [target for one in body if isinstance(one, ast.Assign) for target in one.targets]
    imports = [alias for one in body if isinstance(one, ast.ImportFrom | ast.Import) for alias in one.names]
    imported = {alias.asname or alias.name for alias in imports}
    return functions | imported | {target.id for target in targets if isinstance(target, ast.Name)}
