"""`--engine native`: QuickJS-ng in this process, by the `quickjs` module of the quickjs-ng package.

Fast, and for trusted code only. What it does not hold: time is checked every 10,000 operations, so a loop over a
costly builtin can overrun its millisecond by seconds; compute utilization is measured in CPU time and differs from
run to run; builtins are shared by all runs of a function, so changing one (`String.prototype.x = ...`) is seen by
later runs; the 2 MB limit counts the engine's own objects too.
"""

from __future__ import annotations

import json
import re
import time
from typing import Any

import orjson
import quickjs

from edge.model import quotas
from edge.model.function import (
    CloudFrontFunction,
    FunctionCall,
    FunctionOutcome,
    Invalid,
    JavaScriptRuntime,
    OutOfMemory,
    Returned,
    Threw,
    TimedOut,
    Usage,
)
from edge.runtimes.quickjs import gate, source
from edge.runtimes.runtime import KeyValueStores

_TIME_LIMIT_S = 0.02
"""Generous: the limit counts the CPU time of the whole process, and the guard is against endless loops."""

_BUDGET_US = 1_000.0
_BASELINE_BYTES = 512 * 1024  # what a context holds before any user code
_MAX_JOBS = 10_000


class NativeRuntime:
    """One context for each function and version of its code."""

    def __init__(self, stores: KeyValueStores) -> None:
        self._stores = stores
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
        outcome = program.run(call, self._stores)
        if isinstance(outcome, TimedOut | OutOfMemory):
            del self._programs[function]  # the context may be in any state
        return outcome

    def _program(self, function: CloudFrontFunction) -> _Program | Invalid:
        program = self._programs.get(function)
        if program is None:
            program = self._programs[function] = _compile(function)
        return program


def _compile(function: CloudFrontFunction) -> _Program | Invalid:
    wrong = gate.check(function.code, function.runtime)
    if wrong is not None:
        return wrong
    modern = function.runtime is JavaScriptRuntime.JS_2_0
    host = {
        "version": "2.0" if modern else "1.0",
        "logLimit": quotas.FUNCTION_LOG_MAX_BYTES,
        "absent": [*source.ABSENT, *([] if modern else source.ABSENT_IN_1_0)],
    }
    context = quickjs.Context()
    context.eval(f"{source.prelude()}\nglobalThis.__edge = makeRuntime({json.dumps(host)})")
    begin, reads, answer, end = (
        context.eval(f"((r) => (...a) => r.{name}(...a))(__edge)") for name in ("begin", "reads", "answer", "end")
    )
    try:
        factory = context.eval(source.wrapped(function.code))
    except quickjs.JSException as error:
        return _invalid(str(error))
    context.eval("delete globalThis.__edge")
    return _Program(context, factory, begin, reads, answer, end)


def _invalid(text: str) -> Invalid:
    message = text.splitlines()[0] if text else "SyntaxError"
    match = re.search(r":(\d+)(?::(\d+))?\)?\s*$", text.strip())
    line = int(match.group(1)) - source.LINE_OFFSET if match else 0
    column = int(match.group(2) or 0) if match else 0
    return Invalid(message, max(line, 0), column)


class _Program:
    """A function, compiled in a context of its own."""

    def __init__(self, context: Any, factory: Any, begin: Any, reads: Any, answer: Any, end: Any) -> None:
        self._context = context
        self._factory = factory
        self._begin, self._reads, self._answer, self._end = begin, reads, answer, end

    def run(self, call: FunctionCall, stores: KeyValueStores) -> FunctionOutcome:
        function = call.function
        assert isinstance(function, CloudFrontFunction)
        event = orjson.dumps(call.event).decode()
        started = time.thread_time()
        self._context.set_memory_limit(quotas.FUNCTION_MEMORY_MAX_BYTES + _BASELINE_BYTES)
        self._context.set_time_limit(_TIME_LIMIT_S)
        try:
            self._begin(
                self._factory, event, call.now * 1000, call.seed & 0xFFFFFFFF, call.raw_query, function.key_value_store
            )
            self._settle(function.key_value_store or "", stores)
            text = self._end()
        except quickjs.JSException as error:
            return self._stopped(str(error), started)
        finally:
            self._context.set_time_limit(-1)
            self._context.set_memory_limit(-1)
        return _read(orjson.loads(text), self._usage(started))

    def _settle(self, store: str, stores: KeyValueStores) -> None:
        """Work off promise jobs and store reads until nothing is left."""
        for _ in range(_MAX_JOBS):
            if self._context.execute_pending_job():
                continue
            reads = orjson.loads(self._reads())
            if not reads:
                return
            self._answer(json.dumps([_read_store(stores, store, kind, key) for kind, key in reads]))

    def _usage(self, started: float) -> Usage:
        duration_us = (time.thread_time() - started) * 1e6
        memory = self._context.memory()["memory_used_size"]
        return Usage(round(duration_us / _BUDGET_US * 100), duration_us, max(0, memory - _BASELINE_BYTES))

    def _stopped(self, error: str, started: float) -> FunctionOutcome:
        usage = self._usage(started)
        if "interrupted" in error:
            return TimedOut((), usage._replace(compute_utilization=101))
        if "out of memory" in error or error.strip() in ("null", ""):
            return OutOfMemory((), usage)
        return Threw(error.splitlines()[0], usage=usage)


def _read_store(stores: KeyValueStores, store: str, kind: str, key: str) -> dict[str, Any]:
    if kind == "exists":
        return {"value": stores.get(store, key) is not None}
    if kind == "meta":
        created, updated, count = stores.meta(store)
        return {"value": {"creationDateTime": created, "lastUpdatedDateTime": updated, "keyCount": count}}
    value = stores.get(store, key)
    return {"missing": True} if value is None else {"value": value}


def _read(ended: dict[str, Any], usage: Usage) -> FunctionOutcome:
    logs = tuple(ended["logs"])
    result = ended["result"]
    if "error" not in result:
        return Returned(result.get("value"), logs, usage, ended["origin"])
    error = result["error"]
    if "interrupted" in error:
        return TimedOut(logs, usage._replace(compute_utilization=101))
    if "out of memory" in error:
        return OutOfMemory(logs, usage)
    stack = source.frames(result["stack"])
    line, column = (stack[0][1], stack[0][2]) if stack else (0, 0)
    return Threw(error, line, column, tuple(f"{name} ({line}:{column})" for name, line, column in stack), logs, usage)
