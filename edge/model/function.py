"""User code at the edge: what a function is, one call of it, and every way a call can end.

Source: CloudFront Developer Guide, "Customize at the edge with functions"; TestFunction's TestResult in the API.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from edge.model.edge_location import DEFAULT_EDGE_LOCATION, EdgeLocation
from edge.model.json_value import JsonObject, JsonValue
from edge.model.tenant import Tenant


class EventType(StrEnum):
    """The four places where user code may run, in AWS's words."""

    VIEWER_REQUEST = "viewer-request"
    ORIGIN_REQUEST = "origin-request"
    ORIGIN_RESPONSE = "origin-response"
    VIEWER_RESPONSE = "viewer-response"


class JavaScriptRuntime(StrEnum):
    """The runtimes of CloudFront Functions."""

    JS_1_0 = "cloudfront-js-1.0"
    JS_2_0 = "cloudfront-js-2.0"


@dataclass(frozen=True, slots=True)
class CloudFrontFunction:
    """A CloudFront Function: JavaScript that runs at the two viewer events, under 1 ms and 2 MB.

    `source_name` is what messages call the code: a file path, or the logical id in a template.
    `key_value_store` is the name of the one store the function is associated with, if any.
    """

    name: str
    code: str
    runtime: JavaScriptRuntime = JavaScriptRuntime.JS_2_0
    source_name: str = ""
    key_value_store: str | None = None


@dataclass(frozen=True, slots=True)
class LambdaFunction:
    """A numbered version of a Lambda function that is associated with a behavior (Lambda@Edge), or is an origin.

    `code_path` is the unpacked package, `handler` is `file.export`, `memory_mb` in MiB, `timeout_s` in seconds. A
    replica is a copy at the edge; a function behind a URL is none, and may have environment variables.
    """

    name: str
    version: str
    code_path: str
    handler: str
    runtime: str
    memory_mb: int = 128
    timeout_s: float = 5.0
    include_body: bool = False
    is_replica: bool = True
    environment: tuple[tuple[str, str], ...] = ()

    @property
    def full_name(self) -> str:
        """The name where it runs. A replica has the name of the region it came from in front."""
        return f"us-east-1.{self.name}" if self.is_replica else self.name


Function: TypeAlias = CloudFrontFunction | LambdaFunction


class FunctionCall(NamedTuple):
    """One call. Time and chance are given: `now` (epoch seconds) is what `Date` says, `seed` starts `Math.random`.

    `raw_query` is what `request.rawQueryString()` answers: None without a `?`, "" for a bare one. `edge` is where the
    request came in, `region` the AWS region in which a Lambda@Edge function runs, `tenant` whose the distribution is.
    """

    function: Function
    event_type: EventType
    event: JsonObject
    raw_query: str | None
    now: float
    seed: int
    request_id: str
    edge: EdgeLocation = DEFAULT_EDGE_LOCATION
    region: str = DEFAULT_EDGE_LOCATION.regional_edge_cache
    tenant: Tenant | None = None


class Usage(NamedTuple):
    """What a run consumed: `compute_utilization` is 0-100 (percent of the allowed time; 101 and up is over it)."""

    compute_utilization: int
    duration_us: float
    memory_bytes: int


NO_USAGE = Usage(0, 0.0, 0)


@dataclass(frozen=True, slots=True)
class LambdaReport:
    """The REPORT of one run of a Lambda function. Times in milliseconds, memory in MiB. `init_ms` is the INIT phase of
    a cold start, None when the environment was warm or the init suppressed; `restored` says that it was forked or
    restored from an initialised one. `environment` counts environments from 1, `request_id` is a UUID."""

    request_id: str
    duration_ms: float
    billed_ms: int
    memory_mb: int
    memory_used_mb: int
    init_ms: float | None = None
    environment: int = 0
    restored: bool = False


class Returned(NamedTuple):
    """The handler came to its end. `value` is what it returned; `origin` is what cf.updateRequestOrigin and its
    kin asked for, as the plain object {"call": name, "arguments": [...]}, None when they were not called; `log_data` is
    what cf.logCustomData was given last."""

    value: JsonValue
    logs: tuple[str, ...] = ()
    usage: Usage = NO_USAGE
    origin: JsonObject | None = None
    report: LambdaReport | None = None
    log_data: str = ""


@dataclass(frozen=True, slots=True)
class Threw:
    """The handler threw, or its promise was rejected. `error` is String(error); `line` and `column` (from 1) are the
    place in the user's source, 0 when unknown; `stack` holds the user's frames, innermost first. `payload` is what the
    Invoke API of Lambda would answer, {"errorType", "errorMessage", ...}; so it is in the two outcomes below."""

    error: str
    line: int = 0
    column: int = 0
    stack: tuple[str, ...] = ()
    logs: tuple[str, ...] = ()
    usage: Usage = NO_USAGE
    payload: JsonValue = None
    report: LambdaReport | None = None


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The run used up its compute budget and was stopped. The place is where it was, as in Threw."""

    logs: tuple[str, ...] = ()
    usage: Usage = NO_USAGE
    payload: JsonValue = None
    report: LambdaReport | None = None
    line: int = 0
    column: int = 0
    stack: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OutOfMemory:
    """The run went over its memory limit. The place is where it was, as in Threw."""

    logs: tuple[str, ...] = ()
    usage: Usage = NO_USAGE
    payload: JsonValue = None
    report: LambdaReport | None = None
    line: int = 0
    column: int = 0
    stack: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Throttled:
    """The service refused to run the function; `reason` says why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Invalid:
    """The code cannot run at all: `error` is the engine's words ("SyntaxError: Token \\"const\\" not supported in this
    version in 2"), `line` and `column` count from 1, 0 when unknown."""

    error: str
    line: int = 0
    column: int = 0


FunctionOutcome: TypeAlias = Returned | Threw | TimedOut | OutOfMemory | Throttled | Invalid
