"""One event from START to REPORT: what is sent to a runtime, and what its answer means.

Source: Lambda Developer Guide, "Using the Lambda runtime API", "Understanding the Lambda log format"; the context of
Lambda@Edge functions as replicas have it.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import orjson

from edge.model import quotas
from edge.model.function import (
    FunctionCall,
    FunctionOutcome,
    LambdaFunction,
    LambdaReport,
    OutOfMemory,
    Returned,
    Threw,
    TimedOut,
    Usage,
)
from edge.model.json_value import JsonValue
from edge.runtimes.lambda_edge import failures, log_lines
from edge.runtimes.lambda_edge.environment import ExecutionEnvironment, InitOutcome, Outcome
from edge.runtimes.lambda_edge.failures import Exited, MemoryRanOut, TimeRanOut
from edge.runtimes.lambda_edge.runtime_api import Failed, InitFailed, Invocation, Ready, Responded, Stream

ACCOUNT = "123456789012"


def invocation(call: FunctionCall, function: LambdaFunction, region: str) -> Invocation:
    """The event as the Runtime API hands it out."""
    arn = f"arn:aws:lambda:{region}:{ACCOUNT}:function:{function.full_name}:{function.version}"
    deadline_ms = int((time.time() + function.timeout_s) * 1000)
    trace = f"Root=1-{int(time.time()):08x}-{os.urandom(12).hex()};Parent={os.urandom(8).hex()};Sampled=0"
    return Invocation(str(uuid.uuid4()), orjson.dumps(call.event), deadline_ms, arn, trace)


def log_stream(version: str) -> str:
    """The name of an environment's log stream: `2026/11/25/[3]0123456789abcdef0123456789abcdef`."""
    return f"{datetime.now(UTC):%Y/%m/%d}/[{version}]{os.urandom(16).hex()}"


async def run_one(
    environment: ExecutionEnvironment, event: Invocation, stream: Stream | None, *, restart: bool
) -> Outcome | InitFailed:
    """One event in an environment that is ready, or has to initialise as part of the event (`restart`)."""
    timeout_s = environment.function.timeout_s
    started = time.perf_counter()
    if restart:
        what: InitOutcome = await environment.initialise(timeout_s)
        if not isinstance(what, Ready):
            return what
    left_s = timeout_s - (time.perf_counter() - started)
    outcome = await environment.handle(event, left_s, stream)
    return TimeRanOut(timeout_s) if isinstance(outcome, TimeRanOut) else outcome


def is_reset_by(outcome: Outcome | InitFailed) -> bool:
    """Whether the environment does not go on after this."""
    return not isinstance(outcome, Responded | Failed)


def finished(
    environment: ExecutionEnvironment,
    event: Invocation,
    outcome: Outcome | InitFailed,
    duration_ms: float,
    init_ms: float | None,
    tell: Callable[[LambdaReport], None],
) -> FunctionOutcome:
    """The outcome with END, REPORT and the log of the event. `tell` hears the report."""
    function = environment.function
    report = LambdaReport(
        request_id=event.request_id,
        duration_ms=duration_ms,
        billed_ms=log_lines.billed_ms(duration_ms, init_ms),
        memory_mb=function.memory_mb,
        memory_used_mb=-(-environment.memory_peak_bytes // quotas.MIB),
        init_ms=init_ms,
        environment=environment.id,
        restored=environment.restored,
    )
    status, error_type = "", ""
    match outcome:
        case TimeRanOut():
            status = "timeout"
        case InitFailed(kind):
            status, error_type = "error", kind
        case Exited() | MemoryRanOut():
            status, error_type = "error", failures.error_type(outcome)
        case _:
            pass
    environment.say(log_lines.end(event.request_id))
    environment.say(log_lines.report(report, status, error_type))
    tell(report)
    usage = Usage(
        min(100, round(duration_ms / (function.timeout_s * 10))), duration_ms * 1000, environment.memory_peak_bytes
    )
    return _outcome(outcome, event.request_id, environment.take_log(), usage, report)


def _outcome(
    outcome: Outcome | InitFailed, request_id: str, logs: tuple[str, ...], usage: Usage, report: LambdaReport
) -> FunctionOutcome:
    match outcome:
        case Responded(body):
            return Returned(_value(body), logs, usage, report=report)
        case Failed(kind, body) | InitFailed(kind, body):
            said = failures.from_runtime(body, kind)
            frames = said.get("trace") or said.get("stackTrace") or ()
            error = f"{said.get('errorType', kind)}: {said.get('errorMessage', '')}"
            return Threw(error, stack=tuple(map(str, frames)), logs=logs, usage=usage, payload=said, report=report)
        case TimeRanOut():
            return TimedOut(logs, usage, failures.payload(outcome, request_id), report)
        case MemoryRanOut():
            return OutOfMemory(logs, usage, failures.payload(outcome, request_id), report)
        case Exited():
            error = f"{failures.error_type(outcome)}: {failures.message(outcome)}"
            return Threw(error, logs=logs, usage=usage, payload=failures.payload(outcome, request_id), report=report)


def _value(body: bytes) -> JsonValue:
    """The handler's result. What is no JSON is handed on as text, which is no result that CloudFront accepts."""
    try:
        value: JsonValue = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.decode("utf-8", "replace")
    return value
