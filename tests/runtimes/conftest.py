"""Calls of CloudFront Functions, on both engines unless a test file says which."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from edge.model.function import (
    CloudFrontFunction,
    EventType,
    FunctionCall,
    FunctionOutcome,
    JavaScriptRuntime,
    Returned,
    Threw,
)
from edge.runtimes.engine import ENGINES, make_engine
from edge.runtimes.key_value_stores import MemoryStores
from edge.runtimes.runtime import FunctionRuntime

STORES = MemoryStores({"routes": {"a": "1", "json": '{"x":2}', "bytes": "\u00e9"}}, created=0)
EDGE_LOCATION = {"name": "FRA", "serverIp": "192.0.2.1", "region": "eu-central-1"}


@pytest.fixture(scope="session")
def engines() -> dict[str, FunctionRuntime]:
    return {name: make_engine(name, STORES, EDGE_LOCATION) for name in ENGINES}


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """Both, one after the other; a test file may name one."""
    return str(request.param)


@pytest.fixture
def engine(engines: dict[str, FunctionRuntime], engine_name: str) -> FunctionRuntime:
    return engines[engine_name]


@pytest.fixture
def run(engine: FunctionRuntime) -> Callable[..., FunctionOutcome]:
    """run(code, runtime): one call of a function."""

    def run_once(
        code: str,
        runtime: JavaScriptRuntime = JavaScriptRuntime.JS_2_0,
        *,
        store: str | None = "routes",
        **call: Any,
    ) -> FunctionOutcome:
        fields: dict[str, Any] = {
            "function": CloudFrontFunction("f", code, runtime, "f.js", store),
            "event_type": EventType.VIEWER_REQUEST,
            "event": {"request": {"uri": "/x", "headers": {}, "querystring": {}}},
            "raw_query": None,
            "now": 1_700_000_000.5,
            "seed": 7,
            "request_id": "id",
        }
        return engine.run(FunctionCall(**(fields | call)))

    return run_once


@pytest.fixture
def value(run: Callable[..., FunctionOutcome]) -> Callable[..., Any]:
    """value(body, runtime): what a handler with this body returns."""

    def value_of(body: str, runtime: JavaScriptRuntime = JavaScriptRuntime.JS_2_0, **call: Any) -> Any:
        outcome = run(f"function handler(event) {{ {body} }}", runtime, **call)
        assert isinstance(outcome, Returned), outcome
        return outcome.value

    return value_of


@pytest.fixture
def error(run: Callable[..., FunctionOutcome]) -> Callable[..., str]:
    """error(body, runtime): what a handler with this body throws, as text."""

    def error_of(body: str, runtime: JavaScriptRuntime = JavaScriptRuntime.JS_2_0, **call: Any) -> str:
        outcome = run(f"function handler(event) {{ {body} }}", runtime, **call)
        assert isinstance(outcome, Threw), outcome
        return outcome.error

    return error_of
