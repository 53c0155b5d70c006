"""The environment variables of functions."""

from __future__ import annotations

from edge.model.function import LambdaFunction
from edge.runtimes.lambda_edge.variables import for_process, variables

FUNCTION = LambdaFunction("auth", "7", "/code", "index.handler", "nodejs22.x", memory_mb=256)


def test_the_reserved_variables_are_lambdas() -> None:
    """The name is that of a replica."""
    made = variables(FUNCTION, "eu-west-1", "2026/01/01/[7]00", task_root="/var/task")
    assert made["_HANDLER"] == "index.handler"
    assert made["AWS_REGION"] == made["AWS_DEFAULT_REGION"] == "eu-west-1"
    assert made["AWS_EXECUTION_ENV"] == "AWS_Lambda_nodejs22.x"
    assert made["AWS_LAMBDA_FUNCTION_NAME"] == "us-east-1.auth"
    assert made["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert made["AWS_LAMBDA_LOG_GROUP_NAME"] == "/aws/lambda/us-east-1.auth"
    assert made["AWS_LAMBDA_INITIALIZATION_TYPE"] == "on-demand"
    assert made["LAMBDA_TASK_ROOT"] == "/var/task"


def test_a_provisioned_environment_knows_that_it_is_one() -> None:
    made = variables(FUNCTION, "eu-west-1", "s", task_root="/var/task", provisioned=True)
    assert made["AWS_LAMBDA_INITIALIZATION_TYPE"] == "provisioned-concurrency"


def test_a_process_does_not_load_libraries_from_lambdas_folders() -> None:
    """They are not on this machine."""
    made = for_process(variables(FUNCTION, "eu-west-1", "s", task_root="/code"), "/private")
    assert (made["TMPDIR"], made["HOME"]) == ("/private", "/private")
    assert not made.keys() & {"LD_LIBRARY_PATH", "NODE_PATH"}
