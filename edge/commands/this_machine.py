"""What of a configuration this machine cannot run, or runs in another way than AWS: findings for `edge check`."""

from __future__ import annotations

from collections.abc import Iterator

from edge.configuration import Configuration, Finding
from edge.model import deployment


def findings(made: Configuration) -> Iterator[Finding]:
    """About the Lambda functions of a configuration: what isolates them, and what runs their code."""
    functions = deployment.lambda_functions_of(made.distributions)
    if not functions:
        return
    from edge.runtimes.lambda_edge import interpreters
    from edge.runtimes.lambda_edge.providers.choice import make_provider
    from edge.runtimes.lambda_edge.providers.provider import Unavailable

    name = made.local.lambda_.provider or "process"
    try:
        make_provider(name, program=made.local.lambda_.firecracker).warden.close()
    except Unavailable as missing:
        message = f"Lambda functions cannot run here with the provider {name}: {missing}"
        yield Finding("warning", "lambda.provider", f"{made.local.name} lambda.provider", message)
    for runtime in sorted({function.runtime for function in functions}):
        try:
            note = interpreters.find(runtime).note
        except interpreters.NoInterpreter as missing:
            yield Finding("warning", "lambda.runtime", "this machine", f"functions in {runtime} cannot run: {missing}")
        else:
            if note:
                yield Finding("note", "lambda.runtime", "this machine", note)
