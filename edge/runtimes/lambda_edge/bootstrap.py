"""The runtime of Python functions: fetches events from the Runtime API and runs the handler, as AWS's own client does.

A program of its own with nothing but the standard library of Python 3.10 or later: it is forked from the warden, or
run as `python -I -S -B bootstrap.py`. It speaks HTTP over the descriptor it inherits.

Source: Lambda Developer Guide, "Using the Lambda runtime API", "Define Lambda function handler in Python", "Using the
Lambda context object to retrieve Python function information"; what the client in Python (awslambdaric) was seen to do.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import sys
import time
import traceback
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

_API = "/2018-06-01/runtime"
_now = time.time
"""The real time, whatever a preload makes of it for the handler."""


class Failure(Exception):  # noqa: N818 -- it carries an error of the user's to the Runtime API
    """An error with the name that the Runtime API gives it."""

    def __init__(self, error_type: str, message: str, frames: list[str] | None = None) -> None:
        super().__init__(message)
        self.error_type = error_type
        self.message = message
        self.frames = frames or []


class Reply(NamedTuple):
    """An answer of the Runtime API. Names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Api:
    """HTTP/1.1 over one descriptor: a socket, or the serial port of a virtual machine."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._reader = open(fd, "rb", closefd=False)  # noqa: SIM115 -- open for life

    def send(self, *requests: bytes) -> None:
        """Write requests at once. Answers come in the same order."""
        rest = memoryview(b"".join(requests))
        while rest:
            rest = rest[os.write(self._fd, rest) :]

    def receive(self) -> Reply:
        """The next answer. Ends the process when there will be none."""
        line = self._reader.readline()
        if not line:
            os._exit(0)
        headers: dict[str, str] = {}
        while (text := self._reader.readline().decode("iso-8859-1").strip()) != "":
            name, _, value = text.partition(":")
            headers[name.lower()] = value.strip()
        return Reply(int(line.split()[1]), headers, self._reader.read(int(headers["content-length"])))


def request(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """A request as it goes over the wire."""
    lines = [f"{method} {_API}{path} HTTP/1.1", "Host: lambda", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("iso-8859-1") + body


NEXT = request("GET", "/invocation/next")
RESTORE = request("GET", "/restore/next")


class Context:
    """The second argument of a handler."""

    def __init__(self, headers: dict[str, str]) -> None:
        environ = os.environ
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.invoked_function_arn = headers["lambda-runtime-invoked-function-arn"]
        self.function_name = environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.client_context = None
        self.identity = None
        self.tenant_id = headers.get("lambda-runtime-aws-tenant-id")
        self._deadline_ms = int(headers["lambda-runtime-deadline-ms"])

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function is stopped."""
        return max(0, self._deadline_ms - int(_now() * 1000))

    def log(self, message: object) -> None:
        """Write to the log, without a line break at the end."""
        sys.stdout.write(str(message))


class Log(logging.Handler):
    """`[LEVEL]\\t<time>Z\\t<request id>\\t<message>`, one line for each record."""

    request_id = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record. Line breaks inside it become carriage returns."""
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        text = f"[{record.levelname}]\t{at}.{int(record.msecs):03d}Z\t{self.request_id}\t{self.format(record)}"
        write(text)


def write(text: str) -> None:
    """One event of the log."""
    sys.stdout.write(text.replace("\n", "\r") + "\n")


def run(fd: int) -> None:
    """Load the handler, then handle events for ever."""
    sys.stdout = sys.stderr = open(1, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115 -- open for life
    log = Log()
    logging.getLogger().addHandler(log)
    api = Api(fd)
    root = os.environ["LAMBDA_TASK_ROOT"]
    sys.path[:0] = [root]
    preload = os.environ.pop("_EDGE_PRELOAD", None)
    after_event: Callable[[], None] = nothing
    if preload is not None:  # of whoever starts the runtime: a test that owns the time has one
        import runpy

        after_event = runpy.run_path(preload)["after_event"]
    try:
        handler = load(os.environ["_HANDLER"])
    except Exception as error:
        report = described(error, "")
        write_error(report)
        kind = report["errorType"]
        api.send(request("POST", "/init/error", encoded(report), Lambda_Runtime_Function_Error_Type=kind))
        api.receive()
        sys.exit(1)
    if os.environ.pop("_EDGE_COPIES", ""):
        restore(api)
    api.send(NEXT)
    while True:
        handle(api, handler, log, api.receive(), after_event)


def restore(api: Api) -> None:
    """INIT is over, and this machine will be copied. The first answer comes when the clock is set far ahead: OpenSSL
    draws then, and draws a new seed when the clock is right again. A copy goes on after the second answer, with
    variables of its own and other chance."""
    api.send(RESTORE)
    api.receive()
    if "ssl" in sys.modules:
        sys.modules["ssl"].RAND_bytes(1)
    api.send(RESTORE)
    os.environ.update(json.loads(api.receive().body))
    if "random" in sys.modules:
        sys.modules["random"].seed()


def nothing() -> None:
    """What is done after an event, where nobody wants more."""


def handle(
    api: Api,
    handler: Callable[[Any, Context], Any],
    log: Log,
    event: Reply,
    after_event: Callable[[], None] = nothing,
) -> None:
    """One event: the handler's result or error goes out, and with it the request for the next event."""
    if event.status != 200:
        sys.exit(1)  # somebody else has spoken to the Runtime API in our name
    context = Context(event.headers)
    log.request_id = request_id = context.aws_request_id
    os.environ["_X_AMZN_TRACE_ID"] = event.headers.get("lambda-runtime-trace-id", "")
    try:
        result = handler(json.loads(event.body), context)
        answer = serialised(result)
    except Exception as error:
        report = described(error, request_id)
        write_error(report)
        kind = report["errorType"]
        path = f"/invocation/{request_id}/error"
        done = request("POST", path, encoded(report), Lambda_Runtime_Function_Error_Type=kind)
    else:
        done = request("POST", f"/invocation/{request_id}/response", answer, Content_Type="application/json")
    after_event()
    api.send(done, NEXT)
    api.receive()


def load(name: str) -> Callable[[Any, Context], Any]:
    """The handler `module.function`; the module may be in a folder (`a/b.handler`)."""
    module_name, dot, function_name = name.rpartition(".")
    if not dot:
        message = f"Bad handler '{name}': not enough values to unpack (expected 2, got 1)"
        raise Failure("Runtime.MalformedHandlerName", message)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        message = f"Unable to import module '{module_name}': {error}"
        raise Failure("Runtime.ImportModuleError", message) from None
    except SyntaxError as error:
        place = f'  File "{error.filename}" Line {error.lineno}\n    {(error.text or "").strip()}\n'
        message = f"Syntax error in module '{module_name}': {error}"
        raise Failure("Runtime.UserCodeSyntaxError", message, [place]) from None
    try:
        handler: Callable[[Any, Context], Any] = getattr(module, function_name)
    except AttributeError:
        message = f"Handler '{function_name}' missing on module '{module_name}'"
        raise Failure("Runtime.HandlerNotFound", message) from None
    return handler


def serialised(result: object) -> bytes:
    """The result as JSON. Raises Failure for what JSON does not have."""
    try:
        return json.dumps(result, ensure_ascii=False, default=_decimal).encode("utf-8", "surrogatepass")
    except (TypeError, ValueError) as error:
        raise Failure("Runtime.MarshalError", f"Unable to marshal response: {error}") from None


def _decimal(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def described(error: Exception, request_id: str) -> dict[str, Any]:
    """An error as the Runtime API wants it, with the user's frames."""
    if isinstance(error, Failure):
        report = {"errorMessage": error.message, "errorType": error.error_type}
        frames = error.frames
    else:
        report = {"errorMessage": str(error), "errorType": type(error).__name__}
        ours = os.path.abspath(__file__)
        summary = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != ours]
        frames = [each for each in traceback.format_list(summary) if "<frozen importlib" not in each]
    return {**report, "requestId": request_id, "stackTrace": frames}


def write_error(report: dict[str, Any]) -> None:
    """The error in the log, as one event."""
    text = f"[ERROR] {report['errorType']}: {report['errorMessage']}"
    if report["stackTrace"]:
        text += "\nTraceback (most recent call last):\n" + "".join(report["stackTrace"])
    write(text)


def encoded(report: dict[str, Any]) -> bytes:
    """JSON in UTF-8."""
    return json.dumps(report).encode()


if __name__ == "__main__":
    run(3)
