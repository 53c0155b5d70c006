"""CloudFront Functions: name, size, stores, stage.

Source: CloudFront Developer Guide, "Quotas on CloudFront Functions"; API Reference, CreateFunction. What the code may
say is the runtime's to judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from edge.configuration.checks.function_code import check_size
from edge.configuration.declared import DeclaredFunction
from edge.configuration.finding import Finding, error, warning
from edge.configuration.shapes.resource_configs import FunctionConfigShape
from edge.model.function import JavaScriptRuntime

_QUOTAS = 'CloudFront Developer Guide, "Quotas on CloudFront Functions"'
_ASSOCIATED = 'CloudFront Developer Guide, "Associate a CloudFront function with a distribution"'
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def check_code(code: str, where: str) -> Iterator[Finding]:
    """The size, and that there is any."""
    yield from check_size(code, where)
    if not code.strip():
        yield error("functions.no_code", where, "the code is empty")


def function(one: DeclaredFunction, config: FunctionConfigShape) -> Iterator[Finding]:
    """Everything about one function that is declared."""
    where = one.config.at()
    yield from check_code(one.code, where)
    if not _NAME.fullmatch(one.name):
        message = f"{one.name!r} is not a name for a function: 1 to 64 of letters, digits, - and _"
        yield error("functions.name", where, message)
    stores = config.KeyValueStoreAssociations
    if len(stores) > 1:
        message = f"{len(stores)} are too many: a function reads one key value store"
        yield error("quotas.function_stores", one.config.at("KeyValueStoreAssociations"), message, _QUOTAS)
    if stores and config.Runtime == JavaScriptRuntime.JS_1_0.value:
        message = "key value stores need the runtime cloudfront-js-2.0"
        yield error("functions.store_runtime", one.config.at("Runtime"), message, _QUOTAS)
    if not one.published:
        message = f"{one.name} has no LIVE version, and only that runs: add AutoPublish: true"
        yield warning("functions.not_published", one.published_at or where, message, _ASSOCIATED)
