"""The Lambda Runtime API: what one environment's runtime may ask, when, and what it is told.

Source: Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes"; replies to mistakes as AWS's runtime
interface emulator words them. Bytes are `api_connection.py`; what follows from an answer is `environment.py`. Restore
is for a provider that copies initialised machines (`on_restore`). Not modelled: extensions and telemetry, which
Lambda@Edge does not have.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from edge.model import quotas

BASE = "/2018-06-01"

_INVOCATION = re.compile(r"/2018-06-01/runtime/invocation/([^/]+)/(response|error)")


class RuntimeState(StrEnum):
    """Where a runtime is, in the emulator's words."""

    STARTED = "Started"
    READY = "Ready"
    RUNNING = "Running"
    RESPONDED = "InvocationResponse"
    FAILED = "InitError"


class Invocation(NamedTuple):
    """One event for the runtime. `deadline_ms` is epoch milliseconds."""

    request_id: str
    payload: bytes
    deadline_ms: int
    function_arn: str
    trace_id: str


class ApiRequest(NamedTuple):
    """A request of the runtime. Names of headers are in lower case; trailers are among them."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class ApiReply(NamedTuple):
    """The answer to one."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


class Ready(NamedTuple):
    """The runtime asks for an event."""


class Responded(NamedTuple):
    """The handler's result, as bytes."""

    body: bytes
    streamed: bool = False


class Failed(NamedTuple):
    """The handler's error. `error_type` is the header's, `body` the JSON that came with it."""

    error_type: str
    body: bytes


class InitFailed(NamedTuple):
    """The runtime could not get ready."""

    error_type: str
    body: bytes


Said: TypeAlias = Ready | Responded | Failed | InitFailed
Answer: TypeAlias = Callable[[ApiReply], None]
Stream: TypeAlias = Callable[[str, bytes], None]
"""Hears the pieces of a streamed response as they come, with its Content-Type."""

_OK = ApiReply(202, b'{"status":"OK"}\n')


class RuntimeApi:
    """The Runtime API of one environment. `said` hears what the runtime says. `on_restore` takes the runtime's word
    that it may be copied now, and answers when it shall go on; None where nothing is copied."""

    def __init__(self, said: Callable[[Said], None]) -> None:
        self.state = RuntimeState.STARTED
        self.on_restore: Callable[[Answer], None] | None = None
        self._said = said
        self._current = ""
        self._next: Answer | None = None
        self._stream: Stream | None = None

    def offer(self, invocation: Invocation, stream: Stream | None = None) -> None:
        """Give the waiting runtime an event. It must be READY. `stream` is for a response that comes as a stream."""
        assert self.state is RuntimeState.READY
        assert self._next is not None
        answer, self._next = self._next, None
        self.state = RuntimeState.RUNNING
        self._current = invocation.request_id
        self._stream = stream
        answer(
            ApiReply(
                200,
                invocation.payload,
                headers=(
                    ("Lambda-Runtime-Aws-Request-Id", invocation.request_id),
                    ("Lambda-Runtime-Deadline-Ms", str(invocation.deadline_ms)),
                    ("Lambda-Runtime-Invoked-Function-Arn", invocation.function_arn),
                    ("Lambda-Runtime-Trace-Id", invocation.trace_id),
                ),
            )
        )

    def streams(self, path: str, headers: Mapping[str, str]) -> Stream | None:
        """Where the body of a request goes while it comes; None where it is wanted whole."""
        if headers.get("lambda-runtime-function-response-mode") != "streaming" or self._stream is None:
            return None
        is_current = path == f"{BASE}/runtime/invocation/{self._current}/response"
        return self._stream if is_current and self.state is RuntimeState.RUNNING else None

    def handle(self, request: ApiRequest, answer: Answer) -> None:
        """One request of the runtime. `answer` is called once: now, or for the next event when there is one."""
        found = _INVOCATION.fullmatch(request.path)
        if found is not None and request.method == "POST":
            answer(self._finished(found.group(1), found.group(2) == "error", request))
            return
        match request.method, request.path.removeprefix(BASE):
            case "GET", "/runtime/invocation/next":
                self._ask(answer)
            case "POST", "/runtime/init/error":
                answer(self._init_failed(request))
            case "GET", "/ping":
                answer(ApiReply(200, b"pong", "text/plain"))
            case "GET", "/runtime/restore/next":
                if self.on_restore is None or self.state is not RuntimeState.STARTED:
                    answer(self._refused("Restoring"))
                else:
                    self.on_restore(answer)
            case "POST", "/runtime/restore/error":
                answer(self._refused("RestoreError"))
            case _:
                answer(ApiReply(404, b"404 page not found\n", "text/plain; charset=utf-8"))

    def _ask(self, answer: Answer) -> None:
        if self.state in (RuntimeState.RUNNING, RuntimeState.FAILED):
            answer(self._refused(RuntimeState.READY))
            return
        self._next = answer
        self.state = RuntimeState.READY
        self._said(Ready())

    def _init_failed(self, request: ApiRequest) -> ApiReply:
        if self.state is not RuntimeState.STARTED:
            return self._refused(RuntimeState.FAILED)
        self.state = RuntimeState.FAILED
        self._said(InitFailed(_error_type(request), request.body))
        return _OK

    def _finished(self, request_id: str, is_error: bool, request: ApiRequest) -> ApiReply:
        if request_id != self._current:
            return _error(400, "InvalidRequestID", "Invalid request ID")
        if self.state is not RuntimeState.RUNNING:
            return self._refused("InvocationErrorResponse" if is_error else RuntimeState.RESPONDED)
        if is_error:
            self.state = RuntimeState.RESPONDED
            self._said(Failed(_error_type(request), request.body))
            return _OK
        mode = request.headers.get("lambda-runtime-function-response-mode", "")
        if mode not in ("", "streaming"):
            return _error(400, "InvalidFunctionResponseMode", f"Invalid function response mode: {mode}")
        self.state = RuntimeState.RESPONDED
        size, most = len(request.body), quotas.LAMBDA_PAYLOAD_MAX_BYTES
        if size > most and not mode:
            message = f"Response payload size ({size} bytes) exceeded maximum allowed payload size ({most} bytes)."
            report = {"errorType": "Function.ResponseSizeTooLarge", "errorMessage": message}
            self._said(Failed("Function.ResponseSizeTooLarge", json.dumps(report).encode()))
            return _error(413, "RequestEntityTooLarge", f"Exceeded maximum allowed payload size ({most} bytes).")
        failed_midway = _error_type(request) if mode else ""
        if failed_midway:
            self._said(Failed(failed_midway, _trailing_error(request)))
        else:
            self._said(Responded(request.body, bool(mode)))
        return _OK

    def _refused(self, wanted: str) -> ApiReply:
        message = (
            f"State transition from {self.state.value} to {wanted} failed for runtime. Error: State transition is not "
            "allowed"
        )
        return _error(403, "InvalidStateTransition", message)


def _error(status: int, error_type: str, message: str) -> ApiReply:
    return ApiReply(status, json.dumps({"errorMessage": message, "errorType": error_type}).encode() + b"\n")


def _trailing_error(request: ApiRequest) -> bytes:
    """The error that came after a part of a response, in base64."""
    try:
        return base64.b64decode(request.headers.get("lambda-runtime-function-error-body", ""))
    except ValueError:
        return b""


def _error_type(request: ApiRequest) -> str:
    return request.headers.get("lambda-runtime-function-error-type", "")
