"""Why a function failed, for a person: the rule, the place in its source, the stack, and the AWS page.

rewrite.js:7:12  TypeError: cannot get property "value" of undefined
    at country (rewrite.js:7:12)
    at handler (rewrite.js:15:10)
  7 |     return headers['cloudfront-viewer-country'].value;
"""

from __future__ import annotations

import re

from edge.model.distribution import Behavior
from edge.model.function import (
    CloudFrontFunction,
    Function,
    FunctionOutcome,
    Invalid,
    OutOfMemory,
    Returned,
    Threw,
    Throttled,
    TimedOut,
)
from edge.model.trail import FunctionRun

_HINTS = (
    (
        r'cannot get property "value" of undefined',
        "the header, cookie or parameter is not in this request: check that it is there before .value is read",
    ),
    ("KVSNamespaceNotFound", "associate a key value store with the function, and give cf.kvs() its UUID or nothing"),
    ("KeyNotFound", "catch it, or ask with exists() first"),
    ('Token "(const|let)" not supported', "use var, or the runtime cloudfront-js-2.0"),
    ('Token "of" not supported', "use forEach, or a for loop with an index"),
    ("await in arguments", "give what is awaited to a const first, and pass that"),
    (
        '"(fetch|XMLHttpRequest|setTimeout|setInterval|setImmediate)" is not defined',
        "functions have no network and no timers",
    ),
    ('"(process|window|document|module|exports)" is not defined', "this is neither Node.js nor a browser"),
    ('"(Buffer|TextEncoder|TextDecoder|atob|btoa)" is not defined', "it needs the runtime cloudfront-js-2.0"),
    ("bytesFrom", "it is in cloudfront-js-1.0 only; use Buffer.from"),
    ("Cannot find module", "only crypto, querystring, buffer and cloudfront (by import, in 2.0) can be had"),
    ("Illegal export", "remove the export; the function is found by its name, handler"),
    ('"handler" is not defined', "declare function handler(event) at the top level"),
)
"""What to do about an error, by a pattern in its words."""

_LINES_SHOWN_MAX = 3
_CODE_MAX_CHARS = 160


def failed(run: FunctionRun) -> bool:
    """Whether the run came to no result that may be used."""
    return run.broken is not None or not isinstance(run.outcome, Returned)


def lines_of(run: FunctionRun) -> tuple[int, ...]:
    """The lines of the source (from 1) that the failure came from, the likeliest first; none when unknown."""
    outcome = run.outcome
    if isinstance(outcome, Threw | TimedOut | OutOfMemory | Invalid):
        return (outcome.line,) if outcome.line else ()
    return run.lines


def source_name(run: FunctionRun, behavior: Behavior | None) -> str:
    """What the code is called: its file, or the function's name."""
    return _name(run, _function(run, behavior))


def _name(run: FunctionRun, function: Function | None) -> str:
    return function.source_name if isinstance(function, CloudFrontFunction) and function.source_name else run.name


def _place(run: FunctionRun, name: str) -> str:
    """`rewrite.js:7:12`, as much of it as is known."""
    lines, column = lines_of(run), getattr(run.outcome, "column", 0)
    where = f":{lines[0]}" if lines else ""
    return f"{name}{where}{f':{column}' if lines and column else ''}"


def sentence(outcome: FunctionOutcome) -> str:
    """What a run that came to no result ended with."""
    match outcome:
        case Threw(error) | Invalid(error):
            return error
        case TimedOut():
            return "stopped: its compute budget was used up"
        case OutOfMemory():
            return "stopped: it needed more memory than there is"
        case Throttled(reason):
            return reason
        case Returned():
            return ""


def explained(run: FunctionRun, behavior: Behavior | None) -> tuple[str, ...]:
    """Where it failed, with the stack and the lines of the code; nothing for a run that did not."""
    return explain(run, _function(run, behavior))


def explain(run: FunctionRun, function: Function | None) -> tuple[str, ...]:
    """The same, of a function that is no part of a distribution."""
    if not failed(run):
        return ()
    name = _name(run, function)
    why = run.broken.sentence if run.broken is not None else sentence(run.outcome)
    shown = [f"{_place(run, name)}  {why}"]
    shown += [f"    at {_framed(frame, name)}" for frame in getattr(run.outcome, "stack", ())]
    if isinstance(function, CloudFrontFunction):
        code = function.code.splitlines()
        for line in lines_of(run)[:_LINES_SHOWN_MAX]:
            if 0 < line <= len(code):
                shown.append(f"{line:>5} | {code[line - 1].rstrip()[:_CODE_MAX_CHARS]}")
    if run.broken is None:
        why_not = next((hint for pattern, hint in _HINTS if re.search(pattern, why)), None)
        shown += [] if why_not is None else [f"    {why_not}"]
    elif run.broken.page:
        shown.append(f'    AWS: "{run.broken.page}"')
    return tuple(shown)


def _framed(frame: str, name: str) -> str:
    """`handler (3:5)` with the file: `handler (rewrite.js:3:5)`."""
    return frame.replace("(", f"({name}:", 1) if name else frame


def _function(run: FunctionRun, behavior: Behavior | None) -> Function | None:
    return behavior.functions.get(run.event_type) if behavior else None
