"""Running a case and comparing what came out with what was expected."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any

from edge.configuration.finding import nearest
from edge.model.function import EventType, JavaScriptRuntime, LambdaFunction
from edge.testing.budgets import NAMES, Budgets
from edge.testing.cases import Case, CaseFile, CaseFileError
from edge.testing.clock import VirtualClock
from edge.testing.difference import difference
from edge.testing.function_result import AT_RESPONSE, FunctionResult
from edge.testing.function_under_test import cloudfront_function


def run(file: CaseFile, case: Case) -> FunctionResult:
    """One run, with a clock of its own, and for a handler an environment of its own."""
    clock = VirtualClock()
    if file.at is not None:
        clock.set(_number(file.at))
    if file.is_lambda:
        return _run_handler(file, case, clock)
    fn = cloudfront_function(
        file.function,
        runtime=file.runtime or JavaScriptRuntime.JS_2_0,
        kvs=file.kvs,
        clock=clock,
        folders=(file.function.parent,),
    )
    if case.event is not None:
        return fn.run(case.event)
    request = {name: value for name, value in case.request.items() if name != "body"}
    if case.response is None:
        return fn.viewer_request(viewer=case.viewer, **request)
    return fn.viewer_response(**_response_arguments(case))


def _run_handler(file: CaseFile, case: Case, clock: VirtualClock) -> FunctionResult:
    from edge.testing.lambdas.outbound import OutboundScript
    from edge.testing.lambdas.under_test import lambda_edge

    outbound = OutboundScript(clock)
    for url, body in file.outbound.items():
        outbound.any(url).replies(200, {}, body)
    name = f"{file.function.name}:{file.export}" if file.export else file.function.name
    fn = lambda_edge(
        name,
        runtime=file.runtime,
        include_body="body" in case.request,
        clock=clock,
        outbound=outbound,
        folders=(file.function.parent,),
    )
    event_type = case.event_type or file.event_type
    try:
        if case.event is not None:
            return fn.run(case.event, event_type=event_type)
        default = EventType.VIEWER_REQUEST if case.response is None else EventType.VIEWER_RESPONSE
        at = EventType(event_type or default)
        arguments = _response_arguments(case) if at in AT_RESPONSE else {"viewer": case.viewer, **case.request}
        if at in (EventType.ORIGIN_REQUEST, EventType.ORIGIN_RESPONSE):
            arguments["origin"] = case.origin
        result: FunctionResult = getattr(fn, at.value.replace("-", "_"))(**arguments)
        return result
    finally:
        fn.close()


def _response_arguments(case: Case) -> dict[str, Any]:
    request, response = case.request, case.response or {}
    return {
        "target": request.get("target", "/"),
        "method": request.get("method", "GET"),
        "request_headers": request.get("headers"),
        "request_cookies": request.get("cookies"),
        "status": int(response.get("status", 200)),
        "headers": response.get("headers"),
        "viewer": case.viewer,
    }


def mismatches(case: Case, result: FunctionResult) -> Iterator[str]:
    """Every way in which the result is not what the case expects, in words."""
    error = case.error if case.error is not None else case.expect.get("error")
    if error is not None:
        yield from _text("error", str(error), result.error or "", within=True)
    elif result.error is not None:
        yield f"error: {result.error}"
        return
    if case.output is not None:
        yield from _output(case, result)
    for name, expected in case.expect.items():
        check = _CHECKS.get(name)
        if check is None:
            raise CaseFileError(f"nothing called {name!r} can be expected; {nearest(name, _CHECKS)}")
        yield from check(expected, result)


def _output(case: Case, result: FunctionResult) -> Iterator[str]:
    is_lambda = isinstance(result.function, LambdaFunction)
    expected, actual = (
        deepcopy(dict(output or {})) if is_lambda else _filled(output) for output in (case.output, result.output)
    )
    for path in case.ignore:
        _drop(expected, path.split("."))
        _drop(actual, path.split("."))
    if expected != actual:
        if is_lambda:
            yield f"the result, - as expected, + as it came out:\n{difference(expected, actual)}"
            return
        kind = next(iter(expected), "request")
        told = difference(expected.get(kind), actual.get(kind, actual))
        yield f"the {kind}, - as expected, + as it came out:\n{told}"


def _filled(output: Any) -> dict[str, Any]:
    """With the members that AWS fills in, and some tools leave out."""
    filled: dict[str, Any] = deepcopy(dict(output))
    for kind, members in (("request", ("headers", "cookies", "querystring")), ("response", ("headers", "cookies"))):
        if isinstance(filled.get(kind), dict):
            for member in members:
                filled[kind].setdefault(member, {})
    return filled


def _drop(tree: Any, keys: list[str]) -> None:
    for key in keys[:-1]:
        tree = tree.get(key) if isinstance(tree, dict) else None
    if isinstance(tree, dict):
        tree.pop(keys[-1], None)


def _text(what: str, expected: Any, actual: Any, *, within: bool = False) -> Iterator[str]:
    """Equal as text; `{matches: regex}` is searched for; None means that there is no such thing."""
    if isinstance(expected, Mapping) and expected.keys() == {"matches"}:
        if actual is None or re.search(str(expected["matches"]), str(actual)) is None:
            yield f"{what}: {actual!r} does not match {expected['matches']!r}"
    elif expected is None:
        if actual is not None:
            yield f"{what}: there should be none, and it is {actual!r}"
    elif actual is None:
        yield f"{what}: it is not there, and should be {str(expected)!r}"
    elif str(expected) != str(actual) and not (within and str(expected) in str(actual)):
        yield f"{what}: {str(expected)!r} was expected, and it is {actual!r}"


Check = Callable[[Any, FunctionResult], Iterator[str]]


def _request(name: str) -> Check:
    return lambda expected, result: _text(
        name, expected, None if result.passed_on is None else getattr(result.passed_on, name)
    )


def _response(name: str, member: str) -> Check:
    return lambda expected, result: _text(
        name, expected, None if result.answered is None else getattr(result.answered, member)
    )


def _entries(member: str) -> Check:
    def check(expected: Any, result: FunctionResult) -> Iterator[str]:
        message = result.answered or result.passed_on
        found: Mapping[str, str] = getattr(message, member) if message is not None else {}
        for name, value in dict(expected).items():
            yield from _text(f"{member}.{name}", value, found.get(name))

    return check


def _logs(expected: Any, result: FunctionResult) -> Iterator[str]:
    lines = [expected] if isinstance(expected, str) else list(expected)
    if list(result.logs) != lines:
        yield f"logs: {lines!r} was expected, and it is {list(result.logs)!r}"


def _budget(name: str) -> Check:
    def check(expected: Any, result: FunctionResult) -> Iterator[str]:
        yield from Budgets(**{name: float(expected)}).exceeded(result)

    return check


def _origin(expected: Any, result: FunctionResult) -> Iterator[str]:
    yield from _text("origin", expected, None if result.origin is None else result.origin.domain_name)


_CHECKS: dict[str, Check] = {
    "uri": _request("uri"),
    "method": _request("method"),
    "target": _request("target"),
    "querystring": _request("querystring"),
    "status": lambda expected, result: _text("status", expected, result.status),
    "statusCode": lambda expected, result: _text("statusCode", expected, result.status),
    "statusDescription": _response("statusDescription", "status_description"),
    "body": _response("body", "text"),
    "headers": _entries("headers"),
    "cookies": _entries("cookies"),
    "error": lambda expected, result: iter(()),
    "rule": lambda expected, result: _text("rule", expected, result.rule),
    "logs": _logs,
    "origin": _origin,
    **{name: _budget(name) for name in NAMES},
}
"""What `expect` may hold. An error is looked at first."""


def _number(text: float | str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
