"""One run of a function of either tier, as JSON that programs read."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import click

from edge.commands.options import RUNTIMES
from edge.configuration import ConfigurationError, handlers
from edge.configuration.checks.function_code import check_size
from edge.events import (
    cloudfront_functions_reading,
    cloudfront_functions_result,
    lambda_edge_reading,
    source_lines,
    test_result,
)
from edge.logs import function_failures
from edge.model.edge_location import EdgeLocation
from edge.model.function import (
    CloudFrontFunction,
    EventType,
    FunctionCall,
    FunctionOutcome,
    Invalid,
    JavaScriptRuntime,
    LambdaFunction,
    LambdaReport,
    Returned,
    Threw,
    Throttled,
)
from edge.model.quotas import LAMBDA_CURRENT
from edge.model.request import Request
from edge.model.response import Response
from edge.model.trail import FunctionRun
from edge.model.violation import Violation
from edge.rules import edge_errors
from edge.runtimes.engine import make_engine
from edge.runtimes.key_value_stores import MemoryStores

Result = tuple[dict[str, Any], bool]
"""What goes to stdout, and whether the function failed."""


class Invocation(NamedTuple):
    """What `edge invoke` was asked for. `function` is FILE[:handler], `now` what time the function sees."""

    function: str
    event: dict[str, Any]
    runtime: str | None
    stores: Mapping[str, Mapping[str, str]]
    now: float
    engine: str
    isolation: str
    strict: bool


def cloudfront_function(asked: Invocation) -> Result:
    """One run of a CloudFront Function: AWS's TestResult."""
    file = Path(asked.function)
    runtime = asked.runtime or RUNTIMES[-1]
    if runtime not in RUNTIMES:
        raise click.UsageError(f"--runtime {runtime}: a CloudFront Function runs in {' or '.join(RUNTIMES)}")
    if not file.is_file():
        raise click.UsageError(f"FILE {file}: there is no such file")
    request = cloudfront_functions_reading.request_of(asked.event)
    response = cloudfront_functions_reading.response_of(asked.event)
    context = asked.event.get("context")
    store = next(iter(asked.stores), None)
    function = CloudFrontFunction(file.stem, _code(file), JavaScriptRuntime(runtime), str(file), store)
    call = FunctionCall(
        function,
        EventType.VIEWER_REQUEST if response is None else EventType.VIEWER_RESPONSE,
        asked.event,
        request.query,
        asked.now,
        0,
        str(context.get("requestId", "")) if isinstance(context, dict) else "",
    )
    outcome = make_engine(asked.engine, MemoryStores(asked.stores, asked.now), EdgeLocation().shown).run(call)
    result = dict(test_result.render(outcome))
    run = FunctionRun(function.name, call.event_type, outcome)
    if asked.strict and isinstance(outcome, Returned):
        violation = _violation(outcome, asked.event, request, response)
        if violation is not None:
            result |= {"FunctionOutput": "", "FunctionErrorMessage": violation.message}
            run = run._replace(broken=violation.note, lines=source_lines.find(function.code, violation.written))
            click.echo(f"rule {violation.note.rule}", err=True)
    for line in function_failures.explain(run, function):
        click.echo(line, err=True)
    return result, bool(result["FunctionErrorMessage"])


def _code(file: Path) -> str:
    try:
        code = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise click.ClickException(f"{file}: cannot be read: {problem}") from None
    for finding in check_size(code, str(file)):
        raise click.ClickException(f"{finding.where}: {finding.message} ({finding.source})")
    return code


def _violation(
    outcome: Returned, event: dict[str, Any], request: Request, response: Response | None
) -> Violation | None:
    """What production would say to the result."""
    shown = {"headers": {}, "cookies": {}, "querystring": {}, "method": "GET", "uri": "/", **event["request"]}
    result: Request | Response | Violation
    if response is None:
        whole = {**event, "request": shown}
        result = cloudfront_functions_result.read_viewer_request(outcome.value, request, whole)
    else:
        whole = {**event, "request": shown, "response": {"headers": {}, "cookies": {}, **event["response"]}}
        result = cloudfront_functions_result.read_viewer_response(outcome.value, response, whole)
    return result if isinstance(result, Violation) else None


def lambda_edge(asked: Invocation) -> Result:
    """One run of a Lambda@Edge handler in an environment of its own: a cold start."""
    event = lambda_edge_reading.read(asked.event)
    try:
        function = handlers.function(asked.function, event.event_type, LAMBDA_CURRENT)
    except ConfigurationError as error:
        raise click.UsageError("; ".join(f"{found.where} {found.message}" for found in error.findings)) from None
    if asked.runtime is not None:
        function = replace(function, runtime=asked.runtime)
    request_id = event.request_id or str(uuid.uuid4())
    call = FunctionCall(function, event.event_type, asked.event, None, asked.now, 0, request_id)
    outcome = asyncio.run(_run_lambda(call, asked.isolation))
    verdict = _verdict(outcome, event)
    _explain(outcome, function.handler)
    failed = not isinstance(outcome, Returned)
    result = {
        "Payload": outcome.value if isinstance(outcome, Returned) else getattr(outcome, "payload", None),
        "FunctionError": "Unhandled" if failed else None,
        "Report": _report(getattr(outcome, "report", None), function),
        "Logs": list(getattr(outcome, "logs", ())),
        "Verdict": verdict,
    }
    return result, verdict is not None


async def _run_lambda(call: FunctionCall, isolation: str) -> FunctionOutcome:
    from edge.runtimes.lambda_edge.lambda_runtime import LambdaRuntime
    from edge.runtimes.lambda_edge.providers.choice import make_provider
    from edge.runtimes.lambda_edge.providers.provider import Unavailable

    try:
        provider = make_provider(isolation)
    except Unavailable as error:
        raise click.ClickException(str(error)) from None
    runtime = LambdaRuntime(provider, Path(provider.warden.folder))
    try:
        return await runtime.run(call)
    finally:
        await runtime.close()


def _report(report: LambdaReport | None, function: LambdaFunction) -> dict[str, Any] | None:
    if report is None:
        return None
    return {
        "RequestId": report.request_id,
        "DurationMs": round(report.duration_ms, 2),
        "BilledDurationMs": report.billed_ms,
        "InitDurationMs": None if report.init_ms is None else round(report.init_ms, 2),
        "MemorySizeMb": function.memory_mb,
        "MaxMemoryUsedMb": report.memory_used_mb,
    }


def _verdict(outcome: FunctionOutcome, event: lambda_edge_reading.ReadEvent) -> dict[str, Any] | None:
    """What CloudFront makes of it, when that is an error page."""
    failure: edge_errors.FailedRun | Violation | None
    failure = lambda_edge_reading.judge(event, outcome.value) if isinstance(outcome, Returned) else outcome
    if failure is None:
        return None
    refusal = edge_errors.for_function(failure, is_lambda=True)
    return {
        "status": refusal.status,
        "x_cache": f"{refusal.result_type} from cloudfront",
        "reason": refusal.note.sentence,
    }


def _explain(outcome: FunctionOutcome, source: str) -> None:
    """Where it went wrong, for a person, on stderr."""
    if isinstance(outcome, Threw | Invalid) and outcome.line:
        click.echo(f"{source}:{outcome.line}:{outcome.column}: {outcome.error}", err=True)
    elif isinstance(outcome, Invalid):
        click.echo(f"{source}: {outcome.error}", err=True)
    if isinstance(outcome, Threw):
        for frame in outcome.stack:
            click.echo(f"    at {frame}", err=True)
    if isinstance(outcome, Throttled):
        click.echo(f"{source}: {outcome.reason}", err=True)
