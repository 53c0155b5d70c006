"""The TestResult that AWS's TestFunction answers with.

Source: CloudFront API Reference, TestResult; Developer Guide, "Test functions". All values are strings, logs a list
of them. FunctionOutput is what the function returned, written anew: members that the event structure does not know
are dropped, and `cookies` is filled in. Not established by AWS: the order of keys in a request.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from edge.model.function import FunctionOutcome, Invalid, OutOfMemory, Returned, Threw, Throttled
from edge.model.json_value import JsonObject, JsonValue

_PREFIX = "The CloudFront function associated with the CloudFront distribution is invalid or could not run. "
_REQUEST = ("method", "uri", "querystring", "headers", "cookies")
_RESPONSE = ("headers", "statusDescription", "cookies", "statusCode", "body")


def render(outcome: FunctionOutcome) -> JsonObject:
    """What the API would answer for one run."""
    logs = () if isinstance(outcome, Invalid | Throttled) else outcome.logs
    usage = None if isinstance(outcome, Invalid | Throttled) else outcome.usage
    returned = isinstance(outcome, Returned)
    return {
        "FunctionOutput": _dump(function_output(outcome.value)) if isinstance(outcome, Returned) else "",
        "ComputeUtilization": str(min(usage.compute_utilization, 100) if usage else 0),
        "FunctionErrorMessage": "" if returned else _PREFIX + error_text(outcome),
        "FunctionExecutionLogs": list(logs),
    }


def error_text(outcome: FunctionOutcome) -> str:
    """Why a run came to no result, in one line."""
    match outcome:
        case Threw() | Invalid():
            return outcome.error
        case Throttled():
            return outcome.reason
        case OutOfMemory():
            return "MemoryError: the function used more than its memory limit"
        case Returned():
            return ""
        case _:
            return "The function exceeded its compute utilization limit"


def function_output(value: JsonValue) -> JsonObject:
    """What the handler returned, as TestFunction shows it: under `request` or `response`, by `statusCode`."""
    if not isinstance(value, Mapping):
        return {}
    kind, members = ("response", _RESPONSE) if "statusCode" in value else ("request", _REQUEST)
    shown = {name: value[name] for name in members if name in value}
    shown.setdefault("cookies", {})
    return {kind: {name: _entries(name, shown[name]) for name in members if name in shown}}


def _entries(name: str, value: JsonValue) -> JsonValue:
    """Headers, cookies and parameters with the members that their entries may have."""
    if name not in ("headers", "cookies", "querystring") or not isinstance(value, Mapping):
        return value
    kept = ("value", "attributes", "multiValue")
    return {
        key: {member: entry[member] for member in kept if member in entry} if isinstance(entry, Mapping) else entry
        for key, entry in value.items()
    }


def _dump(value: JsonObject) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
