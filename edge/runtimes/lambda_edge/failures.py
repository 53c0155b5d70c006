"""The payloads of functions that did not come to an answer of their own, as the Invoke API gives them.

Source: Lambda Developer Guide, "Troubleshoot execution issues in Lambda", "Understanding retry behavior in Lambda"; the
texts of AWS's runtime interface emulator.
"""

from __future__ import annotations

import json
import signal
from typing import Any, NamedTuple, TypeAlias

from edge.model.json_value import JsonObject


class Exited(NamedTuple):
    """The runtime's process ended by itself. `signal` is 0 for one that ended with `status`."""

    status: int
    signal: int = 0


class TimeRanOut(NamedTuple):
    """The function's timeout, in seconds, has passed."""

    timeout_s: float


class MemoryRanOut(NamedTuple):
    """The environment went over the function's memory and was killed."""


Failure: TypeAlias = Exited | TimeRanOut | MemoryRanOut


def payload(failure: Failure, request_id: str) -> JsonObject:
    """{"errorType", "errorMessage"} for a failure that the platform saw."""
    return {"errorType": error_type(failure), "errorMessage": f"RequestId: {request_id} Error: {message(failure)}"}


def error_type(failure: Failure) -> str:
    """The platform's name for it."""
    match failure:
        case Exited():
            return "Runtime.ExitError"
        case TimeRanOut():
            return "Sandbox.Timedout"
        case MemoryRanOut():
            return "Runtime.OutOfMemory"


def message(failure: Failure) -> str:
    """The platform's sentence for it."""
    match failure:
        case Exited(0, 0):
            return "Runtime exited without providing a reason"
        case Exited(status, 0):
            return f"Runtime exited with error: exit status {status}"
        case Exited(_, number):
            return f"Runtime exited with error: signal: {_signal_name(number)}"
        case TimeRanOut(timeout_s):
            return f"Task timed out after {timeout_s:.2f} seconds"
        case MemoryRanOut():
            return "Runtime exited with error: signal: killed"


def _signal_name(number: int) -> str:
    """A signal in the words of Go, in which AWS's supervisor is written."""
    words = {signal.SIGKILL: "killed", signal.SIGTERM: "terminated", signal.SIGABRT: "aborted"}
    words |= {signal.SIGSEGV: "segmentation fault", signal.SIGBUS: "bus error"}
    return words.get(signal.Signals(number), f"signal {number}")


def from_runtime(body: bytes, error_type: str) -> dict[str, Any]:
    """What a runtime said about an error; the header's type where the body is no JSON object."""
    try:
        said = json.loads(body)
    except ValueError:
        said = None
    return said if isinstance(said, dict) else {"errorType": error_type or "Unknown", "errorMessage": ""}
