"""Python handlers: what they get, what becomes of what they do."""

from __future__ import annotations

from typing import Any

import pytest

from edge.model.function import Returned, Threw


async def test_a_handler_gets_event_context_and_variables(functions: Any) -> None:
    """In AWS's names; nothing of the machine's environment is there."""
    code = """
import os
def handler(event, context):
    return {"event": event, "name": context.function_name, "version": context.function_version,
            "memory": context.memory_limit_in_mb, "arn": context.invoked_function_arn, "group": context.log_group_name,
            "stream": context.log_stream_name, "left": context.get_remaining_time_in_millis(),
            "task": os.environ["LAMBDA_TASK_ROOT"] == os.getcwd(), "names": sorted(os.environ)}
"""
    function = functions.python(code)
    outcome = await functions.run(function, {"a": "é"})
    value = outcome.value
    assert value["event"] == {"a": "é"}
    assert (value["name"], value["version"], value["memory"]) == ("us-east-1.f1", "3", "128")
    assert value["arn"] == "arn:aws:lambda:us-east-1:123456789012:function:us-east-1.f1:3"
    assert value["group"] == "/aws/lambda/us-east-1.f1"
    assert "/[3]" in value["stream"]
    assert 0 < value["left"] <= 20_000
    assert value["task"] is True
    assert value["names"] == sorted(
        """
        AWS_ACCESS_KEY AWS_ACCESS_KEY_ID AWS_DEFAULT_REGION AWS_EXECUTION_ENV AWS_LAMBDA_FUNCTION_MEMORY_SIZE
        AWS_LAMBDA_FUNCTION_NAME AWS_LAMBDA_FUNCTION_VERSION AWS_LAMBDA_INITIALIZATION_TYPE AWS_LAMBDA_LOG_GROUP_NAME
        AWS_LAMBDA_LOG_STREAM_NAME AWS_LAMBDA_RUNTIME_API AWS_REGION AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN HOME
        LAMBDA_RUNTIME_DIR LAMBDA_TASK_ROOT LANG PATH TMPDIR TZ _HANDLER _X_AMZN_TRACE_ID
        """.split()
    )


async def test_the_log_has_aws_lines_around_the_functions_own(functions: Any) -> None:
    """print is raw, logging has level, time and request id; a record with line breaks is one event."""
    code = """
import logging
logging.getLogger().setLevel("INFO")
print("at init")
def handler(event, context):
    print("plain")
    logging.info("two\\nlines")
    return {"id": context.aws_request_id}
"""
    outcome = await functions.run(functions.python(code))
    id = outcome.value["id"]
    assert [line.split("\t")[0] for line in outcome.logs] == [
        "INIT_START Runtime Version: python:3.11.v1",
        "at init",
        f"START RequestId: {id} Version: 3",
        "plain",
        "[INFO]",
        f"END RequestId: {id}",
        f"REPORT RequestId: {id}",
    ]
    assert outcome.logs[4].split("\t")[2:] == [id, "two\nlines"]
    assert outcome.report.request_id == id


async def test_trap_37_globals_survive_until_the_next_cold_start(functions: Any) -> None:
    """Only the first run has an init duration."""
    function = functions.python("n = 0\ndef handler(event, context):\n    global n\n    n += 1\n    return n")
    first, second = await functions.run(function), await functions.run(function)
    assert (first.value, second.value) == (1, 2)
    assert first.report.init_ms > 0
    assert second.report.init_ms is None
    functions.runtime.refresh()
    assert (await functions.run(function)).value == 1


@pytest.mark.parametrize(
    ("code", "error_type", "message"),
    [
        ("def handler(e, c): raise KeyError('x')", "KeyError", "'x'"),
        (
            "def handler(e, c): return {1, 2}",
            "Runtime.MarshalError",
            "Unable to marshal response: Object of type set is not JSON serializable",
        ),
        (
            "import nothing_like_it",
            "Runtime.ImportModuleError",
            "Unable to import module 'app': No module named 'nothing_like_it'",
        ),
        ("x = 1", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"),
        ("raise ValueError('early')", "ValueError", "early"),
    ],
)
async def test_an_error_has_the_type_and_message_of_the_real_client(
    functions: Any, code: str, error_type: str, message: str
) -> None:
    outcome = await functions.run(functions.python(code))
    assert isinstance(outcome, Threw)
    assert outcome.error == f"{error_type}: {message}"
    payload: Any = outcome.payload
    assert payload.keys() == {"errorMessage", "errorType", "requestId", "stackTrace"}
    assert any(line.startswith(f"[ERROR] {error_type}: {message}") for line in outcome.logs)


async def test_a_syntax_error_names_the_line(functions: Any) -> None:
    outcome = await functions.run(functions.python("def handler(e, c):\n    return (\n"))
    assert outcome.payload["errorType"] == "Runtime.UserCodeSyntaxError"
    assert 'app.py" Line 2' in outcome.payload["stackTrace"][0]


async def test_a_handler_name_without_a_dot(functions: Any) -> None:
    outcome = await functions.run(functions.python("", handler="app"))
    assert outcome.payload["errorType"] == "Runtime.MalformedHandlerName"


async def test_an_error_leaves_the_environment_warm(functions: Any) -> None:
    """The handler threw; the runtime goes on."""
    code = "n = 0\ndef handler(e, c):\n    global n\n    n += 1\n    assert n > 1\n    return n"
    function = functions.python(code)
    assert isinstance(await functions.run(function), Threw)
    assert (await functions.run(function)).value == 2


async def test_modules_of_the_package_and_of_folders_are_found(functions: Any) -> None:
    """Dependencies inside the package, as on Lambda; not what is installed for the proxy."""
    files = {
        "src/app.py": "import dep, sys\ndef handler(e, c):\n    return [dep.X, 'aiohttp' in sys.modules]",
        "dep/__init__.py": "X = 1",
    }
    outcome = await functions.run(functions.package(files, "src/app.handler", "python3.11"))
    assert outcome.value == [1, False]
    missing = await functions.run(functions.python("import aiohttp\ndef handler(e, c): pass"))
    assert missing.payload["errorType"] == "Runtime.ImportModuleError"


async def test_a_fork_is_warm_and_says_so(functions: Any) -> None:
    outcome = await functions.run(functions.python("def handler(e, c): return None"))
    assert isinstance(outcome, Returned)
    assert outcome.value is None
    assert outcome.report is not None
    assert outcome.report.restored
