"""One Lambda@Edge handler under test: real events in, the real runtime, and CloudFront's judgement of the result."""

from __future__ import annotations

import json
import sys
import uuid
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from edge.configuration import ConfigurationError, handlers
from edge.events import associations, lambda_body, lambda_edge_reading
from edge.events import lambda_edge as events
from edge.events.cloudfront_functions_reading import Event
from edge.model import managed_policies
from edge.model.answer import Answer, MadeBy
from edge.model.distribution import Behavior
from edge.model.edge_location import EdgeLocation
from edge.model.function import EventType, FunctionCall, LambdaFunction, Returned
from edge.model.json_value import JsonObject
from edge.model.no_event import NoEvent
from edge.model.origin import Origin, OriginAttempt, OriginKind
from edge.model.policies import ALL_NAMES, Names, OriginRequestPolicy, Selection
from edge.model.quotas import LAMBDA_CURRENT
from edge.model.request import Request
from edge.model.response import Response
from edge.model.result_type import ResultType
from edge.model.viewer import Viewer
from edge.model.violation import Violation
from edge.rules import edge_errors, origin_request
from edge.testing import record
from edge.testing.budgets import NO_BUDGETS, Budgets
from edge.testing.clock import VirtualClock
from edge.testing.errors import HarnessError
from edge.testing.function_files import beside, find
from edge.testing.function_under_test import DOMAIN_NAME, somewhere
from edge.testing.lambdas.environments import Environments
from edge.testing.lambdas.outbound import OutboundScript
from edge.testing.lambdas.result import LambdaResult
from edge.testing.messages import (
    CookieValues,
    HeaderValues,
    headers_from,
    request_from,
    seen_request,
    seen_response,
)
from edge.testing.redirects import follow
from edge.testing.viewers import request_id, viewer_from, with_location_headers

_EVERYTHING = OriginRequestPolicy("", "", Names(Selection.ALL_EXCEPT, ("host",)), ALL_NAMES, ALL_NAMES)
_CACHING_DISABLED = managed_policies.cache_policy("CachingDisabled")
_BEHAVIOR = Behavior("origin", cache_policy=_CACHING_DISABLED, origin_request_policy=_EVERYTHING)
_ORIGIN = Origin("origin", "origin.test", protocol_policy="https-only")

OriginValues = Mapping[str, Any] | Origin
"""An origin as a test gives it: fields of `edge.model.origin.Origin`, `domain_name` and `custom_headers` among them."""


def lambda_edge_function(
    file: str | Path,
    folders: tuple[Path, ...],
    *,
    runtime: str | None = None,
    memory_mb: int = 128,
    timeout_s: float | None = None,
    include_body: bool = False,
    event_type: EventType = EventType.VIEWER_REQUEST,
) -> LambdaFunction:
    """The function in FILE[:handler]. Without a `timeout_s` it has the longest that Lambda@Edge grants where it runs.
    Raises HarnessError."""
    __tracebackhide__ = True
    name, colon, export = str(file).rpartition(":")
    path = find(name if colon and export.isidentifier() else file, folders)
    try:
        made = handlers.function(f"{path}:{export}" if colon else str(path), event_type, LAMBDA_CURRENT)
    except ConfigurationError as error:
        raise HarnessError("; ".join(f"{one.where} {one.message}" for one in error.findings)) from None
    return replace(
        made,
        runtime=runtime or made.runtime,
        memory_mb=memory_mb,
        timeout_s=made.timeout_s if timeout_s is None else timeout_s,
        include_body=include_body,
    )


def lambda_edge(
    file: str | Path,
    *,
    runtime: str | None = None,
    memory_mb: int = 128,
    timeout_s: float | None = None,
    include_body: bool = False,
    concurrency: int | None = None,
    max_duration_ms: float | None = None,
    max_body: int | None = None,
    clock: VirtualClock | None = None,
    outbound: OutboundScript | None = None,
    folders: tuple[Path, ...] | None = None,
) -> LambdaUnderTest:
    """A Lambda@Edge handler to test: FILE[:handler], Node.js or Python, looked for in `folders` (beside the caller, and
    then in the working directory). The folder of the file is the package.

    `runtime` is such as "nodejs24.x" or "python3.13"; `timeout_s` is the longest that Lambda@Edge grants if nothing is
    said; `concurrency` is how many events may run at once, 0 to be throttled. A run that takes more than
    `max_duration_ms`, or makes a response with more than `max_body` bytes, fails the test. `clock` is what Date says,
    `outbound` whom the handler reaches over HTTP. Raises HarnessError for a file that is not there or no handler.
    """
    __tracebackhide__ = True
    folders = folders if folders is not None else beside(sys._getframe(1))
    function = lambda_edge_function(
        file, folders, runtime=runtime, memory_mb=memory_mb, timeout_s=timeout_s, include_body=include_body
    )
    clock = clock if clock is not None else VirtualClock()
    outbound = outbound if outbound is not None else OutboundScript(clock)
    environments = Environments(clock, outbound, concurrency=concurrency)
    budgets = Budgets(max_body=max_body, max_duration_ms=max_duration_ms)
    return LambdaUnderTest(function, environments, clock, outbound, budgets=budgets, folders=folders)


class LambdaUnderTest:
    """A handler with environments of its own. The first event is a cold start, the next ones find it warm."""

    def __init__(
        self,
        function: LambdaFunction,
        environments: Environments,
        clock: VirtualClock,
        outbound: OutboundScript,
        *,
        budgets: Budgets = NO_BUDGETS,
        folders: tuple[Path, ...] = (Path(),),
    ) -> None:
        self.function = function
        self.clock = clock
        self.outbound = outbound
        self._environments = environments
        self._budgets = budgets
        self._folders = folders
        self._distribution = somewhere(("origin",))
        self._requests = 0

    def viewer_request(
        self,
        target: str = "/",
        *,
        method: str = "GET",
        headers: HeaderValues | None = None,
        cookies: CookieValues | None = None,
        viewer: Mapping[str, Any] | Viewer | None = None,
        body: bytes | str = b"",
    ) -> LambdaResult:
        """Run at viewer request: `target` is path and query string as the viewer sends them. What `viewer` says about
        the place is seen as CloudFront-Viewer-* headers. The handler sees `body` with include_body=True only."""
        __tracebackhide__ = True
        who = viewer_from(viewer)
        request = self._request(target, method, headers, cookies, who, body)
        shown = self._shown(request, EventType.VIEWER_REQUEST)
        return self.run(events.viewer_request_event(request, who.ip, self._distribution, self._id(), shown))

    def origin_request(
        self,
        target: str = "/",
        *,
        method: str = "GET",
        headers: HeaderValues | None = None,
        cookies: CookieValues | None = None,
        viewer: Mapping[str, Any] | Viewer | None = None,
        body: bytes | str = b"",
        origin: OriginValues | None = None,
    ) -> LambdaResult:
        """Run at origin request, behind a policy that sends on everything of the viewer's but Host. `origin` is the
        one that the behavior names."""
        __tracebackhide__ = True
        who = viewer_from(viewer)
        attempt = self._attempt(self._request(target, method, headers, cookies, who, body), who, origin)
        shown = self._shown(attempt.request, EventType.ORIGIN_REQUEST)
        return self.run(events.origin_request_event(attempt, who.ip, self._distribution, self._id(), shown))

    def origin_response(
        self,
        target: str = "/",
        *,
        status: int = 200,
        headers: HeaderValues | None = None,
        method: str = "GET",
        request_headers: HeaderValues | None = None,
        request_cookies: CookieValues | None = None,
        viewer: Mapping[str, Any] | Viewer | None = None,
        origin: OriginValues | None = None,
    ) -> LambdaResult:
        """Run at origin response: `status` and `headers` are the origin's, which came for `target`."""
        __tracebackhide__ = True
        who = viewer_from(viewer)
        attempt = self._attempt(self._request(target, method, request_headers, request_cookies, who, b""), who, origin)
        response = Response(status, headers_from(headers))
        return self.run(events.origin_response_event(attempt, response, who.ip, self._distribution, self._id()))

    def viewer_response(
        self,
        target: str = "/",
        *,
        status: int = 200,
        headers: HeaderValues | None = None,
        method: str = "GET",
        request_headers: HeaderValues | None = None,
        request_cookies: CookieValues | None = None,
        viewer: Mapping[str, Any] | Viewer | None = None,
    ) -> LambdaResult:
        """Run at viewer response: `status` and `headers` are the response's, which came for `target`."""
        __tracebackhide__ = True
        who = viewer_from(viewer)
        request = self._request(target, method, request_headers, request_cookies, who, b"")
        response = Response(status, headers_from(headers))
        return self.run(events.viewer_response_event(request, response, who.ip, self._distribution, self._id()))

    def run(self, event: Event | str | Path, *, event_type: str | None = None) -> LambdaResult:
        """Run on an event (`Records[0].cf`), or on the JSON file that holds one, such as `sam local generate-event
        cloudfront` prints. Those do not say at which event: `event_type` does, or else it is a viewer event."""
        __tracebackhide__ = True
        given = event if isinstance(event, Mapping) else json.loads(find(event, self._folders).read_text("utf-8"))
        whole = _completed(given, event_type)
        try:
            read = lambda_edge_reading.read(whole)
        except NoEvent as missing:
            raise HarnessError(str(missing)) from None
        skipped = _skipped(read, whole, self.function)
        if skipped is not None:
            return skipped
        now = self.clock.now()
        call = FunctionCall(self.function, read.event_type, whole, None, now, 0, read.request_id or str(uuid.uuid4()))
        outcome = self._environments.run(call)
        result = LambdaResult(self.function, read.event_type, whole, outcome)
        made = lambda_edge_reading.result_of(read, outcome.value) if isinstance(outcome, Returned) else outcome
        if isinstance(made, Request):
            result = replace(result, passed_on=seen_request(made))
        elif isinstance(made, OriginAttempt):
            path, query = events.uri_and_query(made)
            sent = Request(made.request.method, path, query, made.request.headers, made.request.body)
            result = replace(result, passed_on=seen_request(sent), origin=made.origin)
        elif isinstance(made, Response):
            result = replace(result, answered=seen_response(made))
        else:
            assert isinstance(made, Violation) or not isinstance(made, Returned)
            refusal = edge_errors.for_function(made, is_lambda=True)
            result = replace(result, broken=refusal.note, failed_with=refusal.status)
        record.add(result)
        self._budgets.check(result)
        return result

    def follow(self, target: str = "/", **rest: Any) -> list[str]:
        """Every URL that a browser comes through, from `target` on, while the handler redirects it at viewer request.
        Fails the test when that never ends. The rest is as for `viewer_request`."""
        __tracebackhide__ = True
        return follow(lambda to, headers: self.viewer_request(to, **{**rest, "headers": headers}), target, **rest)

    def cold(self) -> LambdaUnderTest:
        """The next event is a cold start: `fn.cold().viewer_request("/")`."""
        self._environments.expire()
        return self

    def warm(self) -> LambdaUnderTest:
        """The next event finds an environment that has started: `fn.warm().viewer_request("/")`."""
        __tracebackhide__ = True
        self._environments.warm(self.function)
        return self

    def expire(self) -> None:
        """Lambda ends the environments that wait for an event, as it does with those that were idle for some time:
        what the handler kept in memory is gone. `clock.advance(hours=1)` does that too."""
        self._environments.expire()

    @property
    def starts(self) -> int:
        """How many cold starts there were."""
        return self._environments.counts.cold

    def close(self) -> None:
        """End all environments. The fixture does this after the test."""
        self._environments.close()

    def _id(self) -> str:
        self._requests += 1
        return request_id(self._requests)

    def _shown(self, request: Any, event_type: EventType) -> lambda_body.ShownBody | None:
        return lambda_body.shown(request.body, event_type) if self.function.include_body else None

    def _request(
        self,
        target: str,
        method: str,
        headers: HeaderValues | None,
        cookies: CookieValues | None,
        viewer: Viewer,
        body: bytes | str,
    ) -> Request:
        __tracebackhide__ = True
        data = body.encode() if isinstance(body, str) else body
        return with_location_headers(request_from(target, method, headers, cookies, data, DOMAIN_NAME), viewer)

    def _attempt(self, request: Request, viewer: Viewer, origin: OriginValues | None) -> OriginAttempt:
        __tracebackhide__ = True
        where = origin_from(origin)
        sent = origin_request.build(
            request, _BEHAVIOR, where, viewer, self._distribution, EdgeLocation(), request_id(self._requests + 1), None
        )
        return OriginAttempt(where, sent, origin_request.scheme(where, viewer))

    def __repr__(self) -> str:
        return f"<LambdaUnderTest {self.function.handler} in {self.function.runtime}>"


def _skipped(read: lambda_edge_reading.ReadEvent, event: JsonObject, function: LambdaFunction) -> LambdaResult | None:
    """The response as it was, where CloudFront does not run a viewer response function."""
    if read.event_type is not EventType.VIEWER_RESPONSE:
        return None
    response = lambda_edge_reading.result_of(read, read.cf["response"])
    if not isinstance(response, Response):
        return None
    answer = Answer(response, ResultType.MISS, MadeBy.ORIGIN, response.status)
    if associations.skips_viewer_response(answer) is None:
        return None
    return LambdaResult(function, read.event_type, event, None, answered=seen_response(response))


def _completed(event: Any, event_type: str | None) -> Any:
    """An event with what SAM's do not have: the event's type, and for a response the request that it came for."""
    try:
        cf = event["Records"][0]["cf"]
        config, request = cf.get("config", {}), cf.get("request", {})
    except (KeyError, IndexError, TypeError, AttributeError):
        return event  # whoever reads it says what is missing
    has_origin = "origin" in request
    default = {
        (False, False): EventType.VIEWER_REQUEST,
        (False, True): EventType.ORIGIN_REQUEST,
        (True, False): EventType.VIEWER_RESPONSE,
        (True, True): EventType.ORIGIN_RESPONSE,
    }["response" in cf, has_origin]
    named = {"eventType": default.value, **config, **({"eventType": event_type} if event_type else {})}
    whole = {"method": "GET", "uri": "/", "querystring": "", "headers": {}, **request}
    return {"Records": [{"cf": {**cf, "config": named, "request": whole}}]}


def origin_from(given: OriginValues | None) -> Origin:
    """An origin from what a test writes."""
    __tracebackhide__ = True
    if given is None or isinstance(given, Origin):
        return given or _ORIGIN
    values = dict(given)
    if "custom_headers" in values:
        values["custom_headers"] = tuple(headers_from(values["custom_headers"]).lines)
    if "kind" in values:
        values["kind"] = OriginKind(values["kind"])
    try:
        return replace(_ORIGIN, **values)
    except TypeError as wrong:
        raise HarnessError(f"an origin is not made of these: {wrong}") from None
