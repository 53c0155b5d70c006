"""The Runtime API, request by request."""

from __future__ import annotations

import json

from edge.model import quotas
from edge.runtimes.lambda_edge.runtime_api import (
    ApiReply,
    ApiRequest,
    Failed,
    InitFailed,
    Invocation,
    Ready,
    Responded,
    RuntimeApi,
    Said,
)

EVENT = Invocation("8476a536", b'{"a":1}', 1_700_000_000_000, "arn:aws:lambda:us-east-1:1:function:f:3", "Root=1-a")
NEXT = "/2018-06-01/runtime/invocation/next"
RESPONSE = "/2018-06-01/runtime/invocation/8476a536/response"
ERROR = "/2018-06-01/runtime/invocation/8476a536/error"
INIT_ERROR = "/2018-06-01/runtime/init/error"


class Client:
    """A runtime, as seen by the API: what it said, and the answers it got."""

    def __init__(self) -> None:
        self.said: list[Said] = []
        self.api = RuntimeApi(self.said.append)

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> list[ApiReply]:
        """A request; the list gets its answer, perhaps later."""
        answers: list[ApiReply] = []
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.api.handle(ApiRequest(method, path, named, body), answers.append)
        return answers

    def post(self, path: str, body: bytes = b"", **headers: str) -> tuple[int, str]:
        """Status and errorType of a POST."""
        (answer,) = self.send("POST", path, body, **headers)
        return answer.status, json.loads(answer.body).get("errorType", "")


def handling() -> Client:
    """A runtime with an event in hand."""
    client = Client()
    client.send("GET", NEXT)
    client.api.offer(EVENT)
    client.said.clear()
    return client


def test_next_waits_for_an_event() -> None:
    """Then it has the id, the deadline, the function and the trace in headers."""
    client = Client()
    answers = client.send("GET", NEXT)
    assert (client.said, answers) == ([Ready()], [])
    client.api.offer(EVENT)
    (answer,) = answers
    assert (answer.status, answer.body, answer.content_type) == (200, b'{"a":1}', "application/json")
    assert dict(answer.headers) == {
        "Lambda-Runtime-Aws-Request-Id": "8476a536",
        "Lambda-Runtime-Deadline-Ms": "1700000000000",
        "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:1:function:f:3",
        "Lambda-Runtime-Trace-Id": "Root=1-a",
    }


def test_a_response_is_accepted() -> None:
    client = handling()
    assert client.post(RESPONSE, b"{}") == (202, "")
    assert client.said == [Responded(b"{}")]


def test_an_error_is_accepted_with_its_type() -> None:
    client = handling()
    assert client.post(ERROR, b'{"errorType":"E"}', lambda_runtime_function_error_type="E") == (202, "")
    assert client.said == [Failed("E", b'{"errorType":"E"}')]


def test_a_second_reply_is_refused() -> None:
    """The first one stands."""
    client = handling()
    client.post(RESPONSE, b"1")
    assert client.post(RESPONSE, b"2") == (403, "InvalidStateTransition")
    assert client.post(ERROR, b"3") == (403, "InvalidStateTransition")
    assert client.said == [Responded(b"1")]


def test_a_reply_to_another_requests_id_is_refused() -> None:
    client = handling()
    assert client.post(RESPONSE.replace("8476a536", "other"), b"1") == (400, "InvalidRequestID")
    assert client.said == []


def test_an_init_error_comes_before_the_first_event_only() -> None:
    client = Client()
    assert client.post(INIT_ERROR, b"{}", lambda_runtime_function_error_type="Runtime.ImportModuleError") == (202, "")
    assert client.said == [InitFailed("Runtime.ImportModuleError", b"{}")]
    assert handling().post(INIT_ERROR) == (403, "InvalidStateTransition")


def test_a_runtime_with_an_event_in_hand_does_not_get_another() -> None:
    client = handling()
    (answer,) = client.send("GET", NEXT)
    assert (answer.status, client.said) == (403, [])
    assert json.loads(answer.body)["errorMessage"] == (
        "State transition from Running to Ready failed for runtime. Error: State transition is not allowed"
    )


def test_a_response_over_six_megabytes_is_refused() -> None:
    """And is an error of the function."""
    client = handling()
    body = b"a" * (quotas.LAMBDA_PAYLOAD_MAX_BYTES + 1)
    assert client.post(RESPONSE, body) == (413, "RequestEntityTooLarge")
    (said,) = client.said
    assert isinstance(said, Failed)
    assert json.loads(said.body) == {
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": "Response payload size (6291557 bytes) exceeded maximum allowed payload size (6291556 bytes).",
    }


def test_a_response_is_streamed_or_it_is_not() -> None:
    """There is no third mode."""
    mode = {"lambda_runtime_function_response_mode": "chunky"}
    assert handling().post(RESPONSE, b"", **mode) == (400, "InvalidFunctionResponseMode")
    client = handling()
    client.post(RESPONSE, b"a", lambda_runtime_function_response_mode="streaming")
    assert client.said == [Responded(b"a", True)]


def test_the_other_routes() -> None:
    """Ping is kept for compatibility; restore is for SnapStart, which Lambda@Edge has not."""
    client = Client()
    assert client.send("GET", "/2018-06-01/ping")[0].body == b"pong"
    assert client.send("GET", "/2018-06-01/runtime/restore/next")[0].status == 403
    assert client.send("POST", "/2018-06-01/runtime/restore/error")[0].status == 403
    assert client.send("GET", "/nothing")[0].status == 404
