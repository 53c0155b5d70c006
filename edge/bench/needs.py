"""What a function needs of its tier, as far as its source and its runs show it.

Source: CloudFront Developer Guide, "Differences between CloudFront Functions and Lambda@Edge". Near: a handler's source
is read as text, file by file; what it needs through a name that is put together at run time is not seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from edge.model.function import CloudFrontFunction, EventType, JavaScriptRuntime, LambdaFunction
from edge.runtimes.quickjs import gate

_COMMENT = re.compile(r"""('(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")|/\*.*?\*/|//[^\n]*""", re.DOTALL)
_MODULE = re.compile(
    r"""(?:\brequire\s*\(\s*|\bfrom\s+|\bimport\s*\(\s*|^\s*import\s+)['"]([^'"]+)['"]""", re.MULTILINE
)
_EXPORT = re.compile(r"^(\s*)export\s+(?:default\s+)?(?=(?:async\s+)?function\b|const\b|let\b|var\b)", re.MULTILINE)
_IMPORT = re.compile(r"""^\s*import\s+(?:[^'";]+\s+from\s+)?['"][^'"]+['"]\s*;?""", re.MULTILINE)
_NETWORK_CALL = re.compile(r"\b(fetch|WebSocket|XMLHttpRequest)\s*\(")
_BODY = re.compile(r"\brequest\s*(?:\.|\?\.)\s*body\b|\brequest\s*\[\s*['\"]body['\"]\s*\]")

_NETWORK_MODULES = frozenset({"http", "https", "http2", "net", "tls", "dgram", "dns", "undici"})
_FILE_MODULES = frozenset({"fs", "fs/promises"})
_SHARED_MODULES = frozenset({"crypto", "querystring", "buffer"})
"""Modules that both tiers have."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What the logic needs. `network`, `files` and `modules` name what in the source says so; `language` is the first
    thing that CloudFront's engine does not understand, "" when it understands all. `code_bytes` is the size of the
    source. Of runs: `utilization` in percent of the compute budget (0-100, the 99th percentile), `memory_bytes`; None
    when the logic was not run as a CloudFront Function."""

    event_type: EventType
    code_bytes: int
    network: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    reads_body: bool = False
    language: str = ""
    utilization: float | None = None
    memory_bytes: int | None = None


def of_cloudfront_function(
    function: CloudFrontFunction, event_type: EventType, utilization: float | None, memory_bytes: int | None
) -> Needs:
    """What a CloudFront Function needs. It can have neither network nor files; that it compiles is what to look at."""
    wrong = gate.check(function.code, function.runtime)
    return Needs(
        event_type,
        len(function.code.encode()),
        language=wrong.error if wrong is not None else "",
        utilization=utilization,
        memory_bytes=memory_bytes,
    )


def of_lambda_function(function: LambdaFunction, event_type: EventType) -> Needs:
    """What a handler needs, by the source of its package. Node's own modules are known; all others are packages."""
    folder = Path(function.code_path)
    if not function.runtime.startswith("nodejs"):
        sources = [path.read_text("utf-8", "replace") for path in sorted(folder.rglob("*.py"))]
        size = sum(len(text.encode()) for text in sources)
        return Needs(
            event_type, size, reads_body=function.include_body, language=f"it is written for {function.runtime}"
        )
    files = [path for path in sorted(folder.rglob("*")) if path.suffix in (".js", ".mjs", ".cjs")]
    own = [path.read_text("utf-8", "replace") for path in files if "node_modules" not in path.parts]
    return of_source(own, event_type, reads_body=function.include_body)


def of_source(sources: Iterable[str], event_type: EventType, *, reads_body: bool = False) -> Needs:
    """What JavaScript for Node.js needs."""
    texts = list(sources)
    codes = [bare(text) for text in texts]
    named = [name.removeprefix("node:") for text in codes for name in _MODULE.findall(text)]
    modules = sorted({name for name in named if not name.startswith((".", "/"))})
    network = [name for name in modules if name in _NETWORK_MODULES or name.startswith(("aws-sdk", "@aws-sdk/"))]
    calls = sorted({call for text in codes for call in _NETWORK_CALL.findall(text)})
    files = [name for name in modules if name in _FILE_MODULES]
    known = {*network, *files, *_SHARED_MODULES}
    return Needs(
        event_type,
        sum(len(text.encode()) for text in texts),
        network=(*network, *calls),
        files=tuple(files),
        modules=tuple(name for name in modules if name not in known),
        reads_body=reads_body or any(_BODY.search(text) for text in codes),
        language=next((wrong for text in codes if (wrong := _not_understood(text))), ""),
    )


def bare(code: str) -> str:
    """JavaScript without its comments."""
    return _COMMENT.sub(lambda match: match.group(1) or " ", code)


def _not_understood(text: str) -> str:
    """The first thing in a handler's source that CloudFront's engine lacks; how it exports its handler does not
    count."""
    script = _EXPORT.sub(r"\1", _IMPORT.sub("", text))
    wrong = gate.check_syntax(script, JavaScriptRuntime.JS_2_0)
    return wrong.error if wrong is not None else ""
