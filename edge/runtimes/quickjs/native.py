"""`--engine native`: QuickJS-ng in this process, by the `quickjs` module of the quickjs-ng package.

Fast, and for trusted code only. Builtins are frozen and each call runs the source in a new closure, so that no call
sees what another left. What this engine does not hold: time is checked every 10,000 operations, so a loop over a costly
builtin can overrun its millisecond by seconds; compute utilization is measured in CPU time and differs from run to run;
the 2 MB limit counts the engine's own objects too; a function can catch its own end; changing a builtin
(`String.prototype.x = ...`) throws; a rejected promise that nobody waits for goes unnoticed; `throw null`
is taken for the end of memory; errors of the language are in QuickJS's words, not njs's.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import orjson
import quickjs

from edge.model import quotas
from edge.model.function import (
    CloudFrontFunction,
    EventType,
    FunctionCall,
    FunctionOutcome,
    Invalid,
    OutOfMemory,
    Returned,
    TimedOut,
    Usage,
)
from edge.model.json_value import JsonObject
from edge.runtimes.quickjs import gate, source
from edge.runtimes.quickjs.store_reads import read_store
from edge.runtimes.quickjs.utilization import OVER_THE_LIMIT
from edge.runtimes.runtime import KeyValueStores

_TIME_LIMIT_S = 0.02
"""Generous: the limit counts the CPU time of the whole process, and the guard is against endless loops."""

_BUDGET_US = 1_000.0
_BASELINE_BYTES = 768 * 1024  # what a context holds before any user code
_MAX_JOBS = 10_000

_PIECES = ("native_codecs.js", "native_hashes.js", "native.js")
_LINE_OFFSET = 100_000
"""Lines in front of the user's first: a position in a stack is the user's or the prelude's, and which is plain."""

_IMPORT = re.compile(r"^([ \t]*)import\s+([A-Za-z_$][\w$]*)\s+from\s+(['\"])([^'\"\n]+)\3[ \t]*;?", re.MULTILINE)
_PLACE = re.compile(r"<input>:(\d+)")


class NativeRuntime:
    """One context for each function and version of its code."""

    def __init__(
        self, stores: KeyValueStores, edge_location: JsonObject | None = None, tenant: JsonObject | None = None
    ) -> None:
        self._stores = stores
        self._tenant = tenant
        self._edge_location = edge_location or {}
        self._programs: dict[CloudFrontFunction, _Program | Invalid] = {}

    def check(self, function: CloudFrontFunction) -> Invalid | None:
        """Whether the code compiles, and defines a handler."""
        program = self._program(function)
        return program if isinstance(program, Invalid) else None

    def run(self, call: FunctionCall) -> FunctionOutcome:
        """Run one call to its end."""
        function = call.function
        assert isinstance(function, CloudFrontFunction)
        program = self._program(function)
        if isinstance(program, Invalid):
            return program
        outcome = _run(program, call, function.key_value_store, self._stores)
        if isinstance(outcome, TimedOut | OutOfMemory):
            del self._programs[function]  # the context may be in any state
        return outcome

    def _program(self, function: CloudFrontFunction) -> _Program | Invalid:
        program = self._programs.get(function)
        if program is None:
            wrong = gate.check(function.code, function.runtime)
            program = self._programs[function] = wrong or _compile(function, self._edge_location, self._tenant)
        return program


class _Program(NamedTuple):
    """A function, compiled in a context of its own; the callables are those of prelude/native.js."""

    context: Any
    factory: Any
    begin: Callable[[Any, str], None]
    reads: Callable[[], str]
    answer: Callable[[str], None]
    end: Callable[[], str]


def _compile(function: CloudFrontFunction, edge_location: JsonObject, tenant: JsonObject | None) -> _Program | Invalid:
    context = quickjs.Context()
    pieces = "\n".join(source.piece(name) for name in _PIECES)
    prelude = source.prelude(function.runtime, edge_location, tenant)
    make = f"makeNative({prelude}, {quotas.FUNCTION_LOG_MAX_BYTES})"
    native = context.eval(
        f"(() => {{\n'use strict';\n{pieces}\nconst native = {make};\nreturn (name) => native[name];\n}})()"
    )
    code = _IMPORT.sub(r"\1const \2 = importDefault('\4');", function.code)
    body = f"(function (importDefault) {{ 'use strict'; {code}\n; return handler; }})"
    try:
        factory = context.eval("\n" * _LINE_OFFSET + body)
    except quickjs.JSException as error:
        words, stack = _words(str(error))
        return source.invalid(words, stack)
    return _Program(context, factory, *(native(name) for name in ("begin", "reads", "answer", "end")))


def _run(program: _Program, call: FunctionCall, store: str | None, stores: KeyValueStores) -> FunctionOutcome:
    question = orjson.dumps(
        {
            "event": call.event,
            "now": call.now * 1000,
            "seed": call.seed & 0x7FFF_FFFF,
            "rawQuery": call.raw_query,
            "store": None if store is None else stores.id_of(store),
            "viewerRequest": call.event_type is EventType.VIEWER_REQUEST,
        },
        default=dict,
    ).decode()
    context = program.context
    started = time.thread_time()
    context.set_memory_limit(quotas.FUNCTION_MEMORY_MAX_BYTES + _BASELINE_BYTES)
    context.set_time_limit(_TIME_LIMIT_S)
    try:
        program.begin(program.factory, question)
        _settle(program, store, stores)
        text = program.end()
    except quickjs.JSException as error:
        words, stack = _words(str(error))
        return _failed(words, stack, (), _usage(context, started))
    finally:
        context.set_time_limit(-1)
        context.set_memory_limit(-1)
    usage = _usage(context, started)
    ended = orjson.loads(text)
    logs, result = tuple(ended["logs"]), ended["result"]
    if result is None:
        return source.threw(source.NEVER_SETTLES, "", logs, usage)
    if "error" in result:
        return _failed(result["error"], _positions(result["stack"]), logs, usage)
    return Returned(result.get("value"), logs, usage, ended["origin"], log_data=ended["data"])


def _settle(program: _Program, store: str | None, stores: KeyValueStores) -> None:
    """Work off promise jobs and store reads until nothing is left."""
    for _ in range(_MAX_JOBS):
        if program.context.execute_pending_job():
            continue
        reads = orjson.loads(program.reads())
        if not reads:
            return
        program.answer(json.dumps([read_store(stores, store, kind, key) for kind, key in reads]))


def _usage(context: Any, started: float) -> Usage:
    duration_us = (time.thread_time() - started) * 1e6
    memory = context.memory()["memory_used_size"]
    return Usage(round(duration_us / _BUDGET_US * 100), duration_us, max(0, memory - _BASELINE_BYTES))


def _failed(error: str, stack: str, logs: tuple[str, ...], usage: Usage) -> FunctionOutcome:
    if "interrupted" in error:
        return TimedOut(logs, usage._replace(compute_utilization=OVER_THE_LIMIT))
    if "out of memory" in error or error in ("null", ""):
        return OutOfMemory(logs, usage)
    return source.threw(error, stack, logs, usage)


def _words(text: str) -> tuple[str, str]:
    """An exception's text: the error, and its stack with the user's positions."""
    error, _, stack = text.partition("\n")
    return error, _positions(stack)


def _positions(stack: str) -> str:
    """A stack in which the user's file has its name and its lines their numbers."""

    def place(found: re.Match[str]) -> str:
        line = int(found[1]) - _LINE_OFFSET
        return f"{source.FILE}:{line}" if line > 0 else found[0]

    return _PLACE.sub(place, stack)
