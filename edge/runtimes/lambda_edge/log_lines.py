"""The platform's lines in a function's log, letter for letter, and what is billed.

Source: Lambda Developer Guide, "Understanding the Lambda log format", "Lambda quotas" (billing by the millisecond; INIT
is billed since August 2025); the order of fields in AWS's runtime interface emulator. Choice where AWS is silent: what
is billed follows Lambda at the edge too.
"""

from __future__ import annotations

import hashlib
import math
import re

from edge.model.function import LambdaFunction, LambdaReport

EXECUTION_ENVIRONMENT = "AWS_Lambda_{}"
LOG_GROUP = "/aws/lambda/{}"

_RUNTIME = re.compile(r"(nodejs|python)(\d+(?:\.\d+)?)(?:\.x)?")


def init_start(function: LambdaFunction, region: str) -> str:
    """The first line of a cold start. The version's ARN ends in a digest; ours is that of the runtime's name."""
    match = _RUNTIME.fullmatch(function.runtime)
    name, version = match.groups() if match else (function.runtime, "0")
    digest = hashlib.sha256(function.runtime.encode()).hexdigest()
    return (
        f"INIT_START Runtime Version: {name}:{version}.v1\t"
        f"Runtime Version ARN: arn:aws:lambda:{region}::runtime:{digest}"
    )


def start(request_id: str, version: str) -> str:
    """The line before an event."""
    return f"START RequestId: {request_id} Version: {version}"


def end(request_id: str) -> str:
    """The line after an event."""
    return f"END RequestId: {request_id}"


def report(made: LambdaReport, status: str = "", error_type: str = "") -> str:
    """What an event took. `status` is "timeout" or "error" for one that failed with the environment."""
    fields = [
        f"REPORT RequestId: {made.request_id}",
        f"Duration: {made.duration_ms:.2f} ms",
        f"Billed Duration: {made.billed_ms} ms",
        f"Memory Size: {made.memory_mb} MB",
        f"Max Memory Used: {made.memory_used_mb} MB",
    ]
    if made.init_ms is not None:
        fields.append(f"Init Duration: {made.init_ms:.2f} ms")
    return "\t".join([*fields, *_outcome(status, error_type)])


def init_report(init_ms: float, status: str, error_type: str = "") -> str:
    """The line for an INIT phase that failed."""
    return "\t".join([f"INIT_REPORT Init Duration: {init_ms:.2f} ms", "Phase: init", *_outcome(status, error_type)])


def billed_ms(duration_ms: float, init_ms: float | None) -> int:
    """Milliseconds to pay for: everything, rounded up."""
    return math.ceil(duration_ms + (init_ms or 0.0))


def _outcome(status: str, error_type: str) -> list[str]:
    fields = [f"Status: {status}"] if status else []
    return [*fields, f"Error Type: {error_type}"] if error_type else fields
