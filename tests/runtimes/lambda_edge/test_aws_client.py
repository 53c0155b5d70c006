"""AWS's own runtime client for Python, unchanged, against our Runtime API."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from edge.model.function import Returned, Threw
from edge.runtimes.lambda_edge.providers.process import ProcessProvider

pytest.importorskip("awslambdaric", reason="awslambdaric is not installed: pip install awslambdaric")

CODE = """
def handler(event, context):
    print("from the handler")
    return {"event": event, "id": context.aws_request_id, "name": context.function_name}
def boom(event, context):
    raise KeyError("x")
"""


@pytest.fixture
async def run(start: Any) -> Any:
    functions = await start(provider=ProcessProvider(client=(sys.executable, "-m", "awslambdaric")))

    async def run(handler: str, event: Any = None) -> Any:
        return await functions.run(functions.python(CODE, handler), event)

    return run


async def test_it_serves_events(run: Any) -> None:
    """With the context it takes from our headers and variables."""
    outcome = await run("app.handler", {"a": "é"})
    assert isinstance(outcome, Returned), outcome
    assert outcome.report is not None
    assert outcome.value == {"event": {"a": "é"}, "id": outcome.report.request_id, "name": "us-east-1.f1"}
    assert "from the handler" in outcome.logs
    assert isinstance(await run("app.handler"), Returned)


async def test_its_errors_have_the_same_shape_as_ours(run: Any) -> None:
    outcome = await run("app.boom")
    assert isinstance(outcome, Threw)
    payload: Any = outcome.payload
    assert payload.keys() == {"errorMessage", "errorType", "requestId", "stackTrace"}
    assert (payload["errorType"], payload["errorMessage"]) == ("KeyError", "'x'")


async def test_a_handler_that_is_missing_is_an_init_error(run: Any) -> None:
    outcome = await run("app.nope")
    assert isinstance(outcome, Threw)
    assert outcome.error == "Runtime.HandlerNotFound: Handler 'nope' missing on module 'app'"
