"""The default engine of CloudFront Functions: QuickJS-ng in WebAssembly, metered, in a memory of its own.

Every call starts from the same memory, whatever calls before it did. Time is counted in fuel, which is the same on
every run and every machine; at the limit the call stops wherever it is, inside a regular expression or a sort too.
Source: CloudFront Developer Guide, "Restrictions on CloudFront Functions".
Not modelled: strings are UTF-16 and objects put integer keys first, unlike njs; nor does njs free memory during a call.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson
import wasmtime

from edge.model import quotas
from edge.model.function import (
    CloudFrontFunction,
    EventType,
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
from edge.model.json_value import JsonObject
from edge.runtimes.quickjs import gate, source
from edge.runtimes.quickjs.guest import (
    INPUT_BYTES,
    NEVER_SETTLED,
    NO_HANDLER,
    RETURNED,
    UNLIMITED_FUEL,
    Ended,
    Guest,
    Report,
)
from edge.runtimes.quickjs.guest_memory import Image
from edge.runtimes.quickjs.store_reads import read_store
from edge.runtimes.quickjs.utilization import FUEL_LIMIT, OVER_THE_LIMIT, usage_of
from edge.runtimes.runtime import KeyValueStores

_TOO_DEEP = "RangeError: Maximum call stack size exceeded"


class Loaded(NamedTuple):
    """What calls of one function start from, and the fuel that its top level burnt until there."""

    image: Image
    fuel: int


class SealedRuntime:
    """Runs any number of functions in one guest, which is made at the first call."""

    def __init__(
        self, stores: KeyValueStores, edge_location: JsonObject | None = None, tenant: JsonObject | None = None
    ) -> None:
        self._stores = stores
        self._tenant = tenant
        self._edge_location = edge_location or {}
        self._store_name: str | None = None
        self._guest: Guest | None = None
        self._preludes: dict[JavaScriptRuntime, Image] = {}
        self._loaded: dict[tuple[str, JavaScriptRuntime], Loaded | Invalid] = {}

    def check(self, function: CloudFrontFunction) -> Invalid | None:
        """What makes the code unfit to run, None when it is fit. Raises GuestMissingError without a guest."""
        loaded = self._load(function)
        return loaded if isinstance(loaded, Invalid) else None

    def run(self, call: FunctionCall) -> FunctionOutcome:
        """Run one call to its end. Raises GuestMissingError without a guest."""
        function = call.function
        assert isinstance(function, CloudFrontFunction)
        loaded = self._load(function)
        if isinstance(loaded, Invalid):
            return loaded
        guest = self._guest
        assert guest is not None
        try:
            event = _as_json(call.event)
        except RecursionError:
            return Threw(_TOO_DEEP)
        query = None if call.raw_query is None else call.raw_query.encode("utf-8", "surrogatepass")
        store_name = self._store_name = function.key_value_store
        store = None if store_name is None else self._stores.id_of(store_name)
        id = b"" if store is None else store.encode()
        texts = b"\0".join((event, query or b"", id, b""))
        if len(texts) > INPUT_BYTES:
            return OutOfMemory()
        guest.kept.restore(loaded.image)
        guest.ask(
            texts,
            call.now * 1000,
            call.seed & 0x7FFF_FFFF_FFFF_FFFF,
            len(event),
            -1 if query is None else len(query),
            -1 if store is None else len(id),
            call.event_type is EventType.VIEWER_REQUEST,
            quotas.FUNCTION_MEMORY_MAX_BYTES,
            quotas.FUNCTION_LOG_MAX_BYTES,
        )
        return _outcome(guest, guest.run("call", FUEL_LIMIT - loaded.fuel), loaded.fuel)

    def _load(self, function: CloudFrontFunction) -> Loaded | Invalid:
        key = (function.code, function.runtime)
        loaded = self._loaded.get(key)
        if loaded is None:
            wrong = gate.check(function.code, function.runtime)
            loaded = self._loaded[key] = wrong or self._load_code(function.code, function.runtime)
        return loaded

    def _load_code(self, text: str, runtime: JavaScriptRuntime) -> Loaded | Invalid:
        guest = self._enter_prelude(runtime)
        code = source.as_module(text).encode("utf-8", "surrogatepass")
        if len(code) >= INPUT_BYTES:
            return Invalid(f"The function's code has {len(code)} bytes, more than {quotas.FUNCTION_CODE_MAX_BYTES}.")
        guest.ask(code + b"\0")
        ended = guest.run("load", UNLIMITED_FUEL, len(code))
        if ended.trap is not None:
            return Invalid(_TOO_DEEP)
        if ended.report.status != RETURNED:
            return source.invalid(*_error(guest, ended.report))
        loaded = guest.kept.image()
        guest.ask(b"", allowed_bytes=quotas.FUNCTION_MEMORY_MAX_BYTES)
        ended = guest.run("begin", FUEL_LIMIT)
        if ended.trap is None and ended.report.status == RETURNED:
            return Loaded(guest.kept.image(), ended.fuel)
        return Loaded(loaded, 0)  # each call runs the top level itself

    def _enter_prelude(self, runtime: JavaScriptRuntime) -> Guest:
        """The guest, as it is before any user code."""
        if self._guest is None:
            self._guest = Guest(self._read)
            self._pristine = self._guest.kept.image()
        guest = self._guest
        image = self._preludes.get(runtime)
        if image is not None:
            guest.kept.restore(image)
            return guest
        guest.kept.restore(self._pristine)
        text = source.prelude(runtime, self._edge_location, self._tenant).encode()
        guest.ask(text + b"\0")
        ended = guest.run("compile", UNLIMITED_FUEL, len(text))
        if ended.report.status == RETURNED:
            bytecode = bytes(guest.read(ended.report.value, ended.report.value_length))
            guest.kept.restore(self._pristine)
            guest.ask(bytecode)
            ended = guest.run("init", UNLIMITED_FUEL, len(bytecode), runtime is JavaScriptRuntime.JS_2_0)
        if ended.report.status != RETURNED:
            wrong = ended.trap or _error(guest, ended.report)
            raise AssertionError(f"the prelude of {runtime} does not run: {wrong}")
        self._preludes[runtime] = guest.kept.image()
        return guest

    def _read(self, kind: str, key: str) -> str | None:
        return read_store(self._stores, self._store_name, kind, key)


def _plain(value: Any) -> Any:
    """orjson knows dicts and lists only."""
    return dict(value) if isinstance(value, Mapping) else list(value)


def _as_json(event: JsonObject) -> bytes:
    try:
        return orjson.dumps(event, default=_plain)
    except TypeError:  # half a surrogate pair, or a very large number
        return json.dumps(event, default=_plain, separators=(",", ":")).encode()


def _from_json(guest: Guest, address: int, length: int) -> Any:
    if not address:
        return None
    try:
        return orjson.loads(guest.read(address, length))
    except orjson.JSONDecodeError:  # half a surrogate pair
        return json.loads(bytes(guest.read(address, length)))


def _outcome(guest: Guest, ended: Ended, burnt_before: int) -> FunctionOutcome:
    """Read what a call left behind."""
    report, fuel, trap, exhausted, where = ended
    usage = usage_of(fuel + burnt_before, report.memory_bytes)
    logs = guest.logs(report.log_length) if report.log_length else ()
    if trap is None and report.status == RETURNED:
        try:
            value = _from_json(guest, report.value, report.value_length)
            origin = _from_json(guest, report.origin, report.origin_length) if report.origin else None
        except RecursionError:
            return Threw(_TOO_DEEP, logs=logs, usage=usage)
        data = guest.text(report.data, report.data_length) if report.data else ""
        return Returned(value, logs, usage, origin, None, data)
    if trap is None:
        return _failed(guest, report, logs, usage)
    stopped = source.threw(_TOO_DEEP, where, logs, usage)
    line, column, frames = stopped.line, stopped.column, stopped.stack
    if exhausted:
        return OutOfMemory(logs, usage, line=line, column=column, stack=frames)
    if trap is wasmtime.TrapCode.OUT_OF_FUEL:
        usage = usage._replace(compute_utilization=OVER_THE_LIMIT)
        return TimedOut(logs, usage, line=line, column=column, stack=frames)
    return stopped


def _failed(guest: Guest, report: Report, logs: tuple[str, ...], usage: Usage) -> Threw:
    """What a call says that came to its end, but not to a value."""
    if report.status == NO_HANDLER:
        return Threw(gate.NO_HANDLER.error, logs=logs, usage=usage)
    if report.status == NEVER_SETTLED:
        return Threw(source.NEVER_SETTLES, logs=logs, usage=usage)
    error, stack = _error(guest, report)
    return source.threw(error, stack, logs, usage)


def _error(guest: Guest, report: Report) -> tuple[str, str]:
    return guest.text(report.error, report.error_length), guest.text(report.stack, report.stack_length)
