"""What Lambda@Edge does not take of a Lambda function.

Source: CloudFront Developer Guide, "Restrictions on Lambda@Edge", "Quotas on Lambda@Edge"; Lambda
Developer Guide, "Define Lambda function handler".
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from edge.configuration.declared import DeclaredLambda
from edge.configuration.finding import Finding, error
from edge.model import quotas
from edge.model.function import EventType, LambdaFunction
from edge.model.quotas import LambdaEdgeProfile

_RESTRICTIONS = 'CloudFront Developer Guide, "Restrictions on Lambda@Edge"'
_HANDLERS = 'Lambda Developer Guide, "Define Lambda function handler"'
_NO_CALLBACKS: Final = 24
"""The first version of Node.js whose runtime refuses a handler that takes a callback."""
_QUOTAS = 'CloudFront Developer Guide, "Quotas on Lambda@Edge"'

_PERMISSIONS = 'CloudFront Developer Guide, "Set up IAM permissions and roles for Lambda@Edge"'
_EDGE_SERVICE = "edgelambda.amazonaws.com"

_REFUSED: Final[dict[tuple[str, ...], tuple[Callable[[Any], bool], str]]] = {
    ("Environment", "Variables"): (bool, "environment variables; put the values into the code"),
    ("VpcConfig",): (bool, "a VPC"),
    ("Layers",): (bool, "layers; put their files into the package"),
    ("DeadLetterConfig",): (bool, "dead letter queues"),
    ("DeadLetterQueue",): (bool, "dead letter queues"),
    ("TracingConfig", "Mode"): (lambda mode: mode == "Active", "X-Ray tracing"),
    ("Tracing",): (lambda mode: mode == "Active", "X-Ray tracing"),
    ("PackageType",): (lambda kind: kind == "Image", "container images"),
    ("Architectures",): (lambda names: names == ["arm64"], "arm64; use x86_64"),
    ("ProvisionedConcurrencyConfig",): (bool, "provisioned concurrency"),
    ("KmsKeyArn",): (bool, "code encrypted with a key of your own"),
}
"""Properties, what of them is refused, and what that is in words."""


def check(
    one: DeclaredLambda, function: LambdaFunction, arn: str, event_type: EventType, profile: LambdaEdgeProfile
) -> Iterator[Finding]:
    """Everything about one function that a behavior is associated with."""
    for keys, (refused, words) in _REFUSED.items():
        value = one.config.child(*keys).tree
        if value is not None and refused(value):
            yield error("lambda_edge.refused", one.config.at(*keys), f"Lambda@Edge has no {words}", _RESTRICTIONS)
    if not function.runtime.startswith(("nodejs", "python")):
        message = f"Lambda@Edge runs Node.js and Python only, not {function.runtime}"
        yield error("lambda_edge.runtime", one.config.at("Runtime"), message, _RESTRICTIONS)
    at_viewer = event_type in (EventType.VIEWER_REQUEST, EventType.VIEWER_RESPONSE)
    timeout = profile.viewer_timeout_max_s if at_viewer else profile.origin_timeout_max_s
    if function.timeout_s > timeout:
        message = f"{function.timeout_s:g} s are too many: at most {timeout:g} s are allowed at {event_type}"
        yield error("quotas.lambda_timeout", one.config.at("Timeout"), message, _QUOTAS)
    memory = profile.viewer_memory_max_mb if at_viewer else profile.origin_memory_max_mb
    if function.memory_mb > memory:
        message = f"{function.memory_mb} MB are too many: at most {memory} MB are allowed at {event_type}"
        yield error("quotas.lambda_memory", one.config.at("MemorySize"), message, _QUOTAS)
    yield from _package(one, function, at_viewer, profile)
    storage, most = one.config.child("EphemeralStorage", "Size").tree, quotas.LAMBDA_TMP_MAX_BYTES // quotas.MIB
    if isinstance(storage, int) and storage > most:
        message = f"{storage} MB are too many: at most {most} MB are allowed"
        yield error("quotas.lambda_storage", one.config.at("EphemeralStorage", "Size"), message, _QUOTAS)
    if one.trust is not None and _EDGE_SERVICE not in _trusted(one.trust):
        message = f"the function's role does not trust {_EDGE_SERVICE}: add it beside lambda.amazonaws.com"
        yield error("lambda_edge.role", one.config.at("Role"), message, _PERMISSIONS)


def _trusted(policy: Any) -> set[str]:
    """The services that a trust policy lets in."""
    statements = policy.get("Statement", []) if isinstance(policy, dict) else []
    found: set[str] = set()
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement.get("Principal") if isinstance(statement, dict) else None
        services = principal.get("Service", []) if isinstance(principal, dict) else []
        found.update([services] if isinstance(services, str) else map(str, services))
    return found


def _package(
    one: DeclaredLambda, function: LambdaFunction, at_viewer: bool, profile: LambdaEdgeProfile
) -> Iterator[Finding]:
    """The size of a zip file, and the file that the handler is in."""
    most = profile.viewer_package_max_bytes if at_viewer else profile.origin_package_max_bytes
    if one.package is not None and one.package.suffix == ".zip" and one.package.stat().st_size > most:
        message = f"the package has {one.package.stat().st_size} bytes, and at most {most} are allowed"
        yield error("quotas.lambda_package", one.config.at(), message, _QUOTAS)
    module, dot, export = function.handler.rpartition(".")
    suffixes = (".py",) if function.runtime.startswith("python") else (".js", ".mjs", ".cjs")
    if not dot or not export:
        message = f"{function.handler!r} is not FILE.EXPORT, for example index.handler"
        yield error("lambda_edge.handler", one.config.at("Handler"), message, _HANDLERS)
        return
    # Python modules in folders are written with dots or slashes.
    base = Path(function.code_path, module.replace(".", "/") if suffixes == (".py",) else module)
    there = [*(base.with_name(base.name + suffix) for suffix in suffixes), base / "__init__.py"]
    file = next((path for path in there if path.is_file()), None)
    if file is None:
        message = f"there is no {module}{suffixes[0]} in {function.code_path}, and {function.handler} is in it"
        yield error("lambda_edge.handler", one.config.at("Handler"), message, _HANDLERS)
    else:
        yield from _code(file, export, function.runtime)


def _code(file: Path, export: str, runtime: str) -> Iterator[Finding]:
    """What a runtime would refuse of a handler's file when it loads it, as far as that can be seen."""
    code = file.read_text("utf-8", errors="replace")
    if runtime.startswith("python"):
        try:
            ast.parse(code)
        except (SyntaxError, ValueError) as problem:
            line = problem.lineno if isinstance(problem, SyntaxError) else None
            yield error("lambda_edge.syntax", f"{file}:{line or 1}", f"is not Python: {problem}", _HANDLERS)
        return
    version = runtime.removeprefix("nodejs").partition(".")[0]
    signature = rf"\bexports\.{re.escape(export)}\s*=\s*(?:async\s+)?(?:function\b[^(]*)?\(([^()]*)\)"
    handler = re.search(signature, code)
    if handler is not None and handler.group(1).count(",") >= 2 and version.isdigit() and int(version) >= _NO_CALLBACKS:
        line = code.count("\n", 0, handler.start()) + 1
        message = f"{runtime} has no callback for handlers: return the result, or a promise of it"
        yield error("lambda_edge.callback", f"{file}:{line}", message, _HANDLERS)
