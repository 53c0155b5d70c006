"""The platform's lines, letter for letter."""

from __future__ import annotations

from typing import Any

import pytest

from edge.model.function import LambdaFunction, LambdaReport
from edge.runtimes.lambda_edge import log_lines

REPORT = LambdaReport("79b4f56e", 128.8, 129, 128, 74)


def test_start_and_end() -> None:
    assert log_lines.start("79b4f56e", "3") == "START RequestId: 79b4f56e Version: 3"
    assert log_lines.end("79b4f56e") == "END RequestId: 79b4f56e"


def test_a_report_of_a_warm_run() -> None:
    assert log_lines.report(REPORT) == (
        "REPORT RequestId: 79b4f56e\tDuration: 128.80 ms\tBilled Duration: 129 ms\tMemory Size: 128 MB\t"
        "Max Memory Used: 74 MB"
    )


def test_a_report_of_a_cold_start_that_failed() -> None:
    made = LambdaReport("79b4f56e", 1, 168, 128, 74, 166.624)
    assert log_lines.report(made, "error", "Runtime.ExitError").endswith(
        "\tMax Memory Used: 74 MB\tInit Duration: 166.62 ms\tStatus: error\tError Type: Runtime.ExitError"
    )
    assert log_lines.report(REPORT, "timeout").endswith("\tStatus: timeout")


def test_an_init_that_failed_has_a_line_of_its_own() -> None:
    assert log_lines.init_report(1236.04, "timeout") == (
        "INIT_REPORT Init Duration: 1236.04 ms\tPhase: init\tStatus: timeout"
    )


@pytest.mark.parametrize(
    ("duration_ms", "init_ms", "billed_ms"),
    [(128.83, 166.62, 296), (3016.78, 84.0, 3101), (133.61, 80.0, 214), (0.2, None, 1), (2.0, None, 2)],
)
def test_init_and_duration_are_billed_together_rounded_up(
    duration_ms: float, init_ms: float | None, billed_ms: int
) -> None:
    """AWS's own samples."""
    assert log_lines.billed_ms(duration_ms, init_ms) == billed_ms


def test_the_first_line_of_a_cold_start_names_the_runtime() -> None:
    node = LambdaFunction("f", "3", "/code", "index.handler", "nodejs22.x")
    line = log_lines.init_start(node, "eu-west-1")
    assert line.startswith("INIT_START Runtime Version: nodejs:22.v1\tRuntime Version ARN: arn:aws:lambda:eu-west-1::")


async def test_trap_40_logs_are_where_the_function_ran_under_its_name_in_us_east_1(start: Any) -> None:
    """The group and the ARN say so: in another region, look there."""
    functions = await start(region="eu-central-1")
    code = (
        "import os\ndef handler(e, c):\n"
        "    return [c.log_group_name, os.environ['AWS_REGION'], c.invoked_function_arn, c.function_name]"
    )
    outcome = await functions.run(functions.python(code))
    assert outcome.value == [
        "/aws/lambda/us-east-1.f1",
        "eu-central-1",
        "arn:aws:lambda:eu-central-1:123456789012:function:us-east-1.f1:3",
        "us-east-1.f1",
    ]
    assert "arn:aws:lambda:eu-central-1::runtime:" in outcome.logs[0]
