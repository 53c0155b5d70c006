"""The environment variables of a function: the reserved ones, and nothing of the machine's.

Source: Lambda Developer Guide, "Working with Lambda environment variables" (defined runtime environment variables).
Lambda@Edge functions have none of their own; those behind a function URL may. The credentials are no credentials: they
are there, as on Lambda, and no service takes them.
"""

from __future__ import annotations

from collections.abc import Mapping

from edge.model.function import LambdaFunction
from edge.runtimes.lambda_edge import log_lines

RUNTIME_API = "127.0.0.1:9001"
"""Where the Runtime API is on AWS. Our bootstraps have it on a descriptor; where functions have a network, it is on a
port of this machine too."""


def variables(
    function: LambdaFunction, region: str, log_stream: str, *, task_root: str, provisioned: bool = False
) -> dict[str, str]:
    """The variables of one environment. `task_root` is where the code is for the function."""
    return {
        **dict(function.environment),
        "_HANDLER": function.handler,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EXECUTION_ENV": log_lines.EXECUTION_ENVIRONMENT.format(function.runtime),
        "AWS_LAMBDA_FUNCTION_NAME": function.full_name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_FUNCTION_VERSION": function.version,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "provisioned-concurrency" if provisioned else "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": log_lines.LOG_GROUP.format(function.full_name),
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
        "AWS_ACCESS_KEY": "LOCAL",
        "AWS_ACCESS_KEY_ID": "LOCAL",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_SESSION_TOKEN": "local",
        "AWS_LAMBDA_RUNTIME_API": RUNTIME_API,
        "LAMBDA_TASK_ROOT": task_root,
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin:/bin:/opt/bin",
        "LD_LIBRARY_PATH": "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib",
        "NODE_PATH": "/opt/nodejs/node_modules:/var/runtime/node_modules:/var/runtime:/var/task",
    }


def for_process(environ: Mapping[str, str], folder: str) -> dict[str, str]:
    """Variables for a process that sees the machine's own files: no library paths of Lambda's, TMPDIR in `folder`."""
    kept = {name: value for name, value in environ.items() if name not in ("LD_LIBRARY_PATH", "NODE_PATH")}
    return {**kept, "PATH": "/usr/local/bin:/usr/bin:/bin", "TMPDIR": folder, "HOME": folder}
