"""AWS's TestResult."""

from __future__ import annotations

import pytest

from edge.events.test_result import render
from edge.model.function import FunctionOutcome, Invalid, OutOfMemory, Returned, Threw, Throttled, TimedOut, Usage

PREFIX = "The CloudFront function associated with the CloudFront distribution is invalid or could not run. "


def test_a_request_is_written_anew() -> None:
    """Unknown members are dropped, cookies filled in, numbers are strings."""
    value = {"uri": "/a", "headers": {"x": {"value": "1", "multivalue": [], "odd": 1}}, "method": "GET", "extra": 1}
    assert render(Returned(value, ("hi",), Usage(14, 1.0, 1))) == {
        "FunctionOutput": '{"request":{"method":"GET","uri":"/a","headers":{"x":{"value":"1"}},"cookies":{}}}',
        "ComputeUtilization": "14",
        "FunctionErrorMessage": "",
        "FunctionExecutionLogs": ["hi"],
    }


def test_a_response_has_the_order_of_keys_that_aws_shows() -> None:
    """headers, statusDescription, cookies, statusCode."""
    value = {"statusCode": 302, "statusDescription": "Found", "headers": {"location": {"value": "/"}}}
    assert render(Returned(value))["FunctionOutput"] == (
        '{"response":{"headers":{"location":{"value":"/"}},"statusDescription":"Found","cookies":{},"statusCode":302}}'
    )


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Threw("Error: thrown error"), "Error: thrown error"),
        (Invalid("SyntaxError: x in 22", 22), "SyntaxError: x in 22"),
        (TimedOut(), "The function exceeded its compute utilization limit"),
        (OutOfMemory(), "MemoryError: the function used more than its memory limit"),
        (Throttled("too many"), "too many"),
    ],
)
def test_a_failure_has_a_message_and_no_output(outcome: FunctionOutcome, words: str) -> None:
    """AWS's sentence, and then the error."""
    result = render(outcome)
    assert (result["FunctionErrorMessage"], result["FunctionOutput"]) == (PREFIX + words, "")
