"""Lambda functions as origins, by `lambda:FILE[:handler]` as the address of an origin on this machine.

    [origins]
    Api = "lambda:api/index.mjs"
    Images = "lambda:images/app.py:main?auth_type=AWS_IAM&timeout_s=30&memory_mb=512"

What may stand behind the question mark: auth_type (NONE or AWS_IAM), invoke_mode (BUFFERED or RESPONSE_STREAM),
runtime, memory_mb, timeout_s.
The function URLs of a template are `function_urls.py`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl

from edge.configuration import handlers
from edge.configuration.finding import ConfigurationError, Finding, error, nearest
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
