"""Payloads of functions that the platform ended."""

from __future__ import annotations

import pytest

from edge.runtimes.lambda_edge import failures
from edge.runtimes.lambda_edge.failures import Exited, Failure, MemoryRanOut, TimeRanOut


@pytest.mark.parametrize(
    ("failure", "error_type", "message"),
    [
        (Exited(3), "Runtime.ExitError", "Runtime exited with error: exit status 3"),
        (Exited(0), "Runtime.ExitError", "Runtime exited without providing a reason"),
        (Exited(0, 9), "Runtime.ExitError", "Runtime exited with error: signal: killed"),
        (Exited(0, 11), "Runtime.ExitError", "Runtime exited with error: signal: segmentation fault"),
        (TimeRanOut(3), "Sandbox.Timedout", "Task timed out after 3.00 seconds"),
        (MemoryRanOut(), "Runtime.OutOfMemory", "Runtime exited with error: signal: killed"),
    ],
)
def test_what_the_invoke_api_answers(failure: Failure, error_type: str, message: str) -> None:
    assert failures.payload(failure, "79b4") == {
        "errorType": error_type,
        "errorMessage": f"RequestId: 79b4 Error: {message}",
    }


def test_what_a_runtime_says_is_handed_on() -> None:
    """Where it is no JSON object, its header's type is all there is."""
    assert failures.from_runtime(b'{"errorType":"E","x":1}', "other") == {"errorType": "E", "x": 1}
    assert failures.from_runtime(b"oops", "E") == {"errorType": "E", "errorMessage": ""}
