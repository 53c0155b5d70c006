"""Lambda functions as origins: function URLs of a template, and `lambda:FILE[:handler]` as the address of an origin.

    [origins]
    Api = "lambda:api/index.mjs"
    Images = "lambda:images/app.py:main?auth_type=AWS_IAM&timeout_s=30&memory_mb=512"

What may stand behind the question mark: auth_type (NONE or AWS_IAM), invoke_mode (BUFFERED or RESPONSE_STREAM),
runtime, memory_mb, timeout_s.
Source: CloudFormation User Guide, AWS::Lambda::Url; SAM Developer Guide, FunctionUrlConfig.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl

from edge.configuration import handlers
from edge.configuration.declared import Declared
from edge.configuration.finding import ConfigurationError, Finding, error, nearest
from edge.configuration.intrinsics import as_text
from edge.configuration.positions import Block
from edge.model.function import EventType
from edge.model.function_url import FunctionUrl
from edge.model.quotas import LAMBDA_CURRENT

SCHEME: Final = "lambda:"
_CHOICES: Final = {"auth_type": ("NONE", "AWS_IAM"), "invoke_mode": ("BUFFERED", "RESPONSE_STREAM")}
_NUMBERS: Final = {"memory_mb": int, "timeout_s": float}


def given(text: str, folder: Path, where: str, found: list[Finding]) -> FunctionUrl | None:
    """The function that `lambda:...` names, relative to a folder; None with the reasons in `found`."""
    name, _, query = text.removeprefix(SCHEME).partition("?")
    settings: dict[str, Any] = {}
    for key, value in parse_qsl(query, keep_blank_values=True):
        known = (*_CHOICES, *_NUMBERS, "runtime")
        if key not in known:
            found.append(error("origins.function_url", where, f"{key} cannot be set here; {nearest(key, known)}"))
            return None
        try:
            settings[key] = _NUMBERS.get(key, str)(value)
        except ValueError:
            found.append(error("origins.function_url", where, f"{key} is a number, not {value!r}"))
            return None
        if key in _CHOICES and value not in _CHOICES[key]:
            found.append(error("origins.function_url", where, f"{key} is {' or '.join(_CHOICES[key])}, not {value!r}"))
            return None
    url = {key: settings.pop(key) for key in _CHOICES if key in settings}
    try:
        function = handlers.function(str(folder / name), EventType.ORIGIN_REQUEST, LAMBDA_CURRENT)
    except ConfigurationError as problem:
        found += (error("origins.function_url", where, f"{one.where} {one.message}") for one in problem.findings)
        return None
    return FunctionUrl(replace(function, is_replica=False, **settings), **url)


def of_template(declared: Declared, found: list[Finding]) -> Iterator[tuple[str, FunctionUrl]]:
    """The function URLs of a template by their domain name, for those whose function is in it too."""
    from edge.configuration import aws_lambda  # heavy, and a start from flags alone has no template

    for host, place in declared.function_urls.items():
        if not isinstance(place.tree, Block):
            continue
        one = declared.lambdas.get(f"{as_text(place.tree.get('TargetFunctionArn'))}:1")
        if one is None:
            continue
        function = aws_lambda.function(one, declared, found)
        if function is None:
            continue
        variables = one.config.child("Environment", "Variables").tree
        named = variables.items() if isinstance(variables, Block) else ()
        yield (
            host,
            FunctionUrl(
                replace(function, is_replica=False, environment=tuple((key, as_text(value)) for key, value in named)),
                "AWS_IAM" if place.tree.get("AuthType") == "AWS_IAM" else "NONE",
                "RESPONSE_STREAM" if place.tree.get("InvokeMode") == "RESPONSE_STREAM" else "BUFFERED",
            ),
        )
