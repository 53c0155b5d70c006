"""One CloudFront Function under test: real events in, the real engine, and CloudFront's judgement of what comes out."""

from __future__ import annotations

import json
import sys
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from edge import user_code
from edge.asks import AnyAsk, RunFunction
from edge.cache.store import Store
from edge.events import associations, cloudfront_functions, cloudfront_functions_reading
from edge.events.cloudfront_functions_reading import Event
from edge.model.answer import Answer, MadeBy
from edge.model.distribution import Behavior, Distribution
from edge.model.edge_location import EdgeLocation
from edge.model.function import CloudFrontFunction, EventType, FunctionCall, FunctionOutcome, JavaScriptRuntime
from edge.model.no_event import NoEvent
from edge.model.origin import Origin
from edge.model.request import Request
from edge.model.response import Response
from edge.model.result_type import ResultType
from edge.model.trail import Trail
from edge.model.viewer import Viewer
from edge.runtimes.key_value_stores import MemoryStores
from edge.runtimes.runtime import KeyValueStores
from edge.testing import record
from edge.testing.budgets import NO_BUDGETS, Budgets
from edge.testing.clock import VirtualClock
from edge.testing.engine import NO_STORES, Pairs, engine, pairs_from
from edge.testing.errors import HarnessError
from edge.testing.function_files import STORE, beside, find, function_from
from edge.testing.function_result import FunctionResult
from edge.testing.messages import CookieValues, HeaderValues, headers_from, request_from, seen_request, seen_response
from edge.testing.redirects import follow
from edge.testing.viewers import SOMEBODY, request_id, viewer_from, with_location_headers
from edge.visit import Visit

R = TypeVar("R")
DISTRIBUTION_ID = "EDGEONALAPTOP1"
DOMAIN_NAME = "d111111abcdef8.cloudfront.net"


def cloudfront_function(
    file: str | Path | None = None,
    *,
    code: str | None = None,
    runtime: str = JavaScriptRuntime.JS_2_0,
    kvs: Pairs | None = None,
    origins: tuple[str, ...] = ("origin",),
    max_utilization: int | None = None,
    max_body: int | None = None,
    clock: VirtualClock | None = None,
    folders: tuple[Path, ...] | None = None,
) -> FunctionUnderTest:
    """A CloudFront Function to test: a file, looked for in `folders` (beside the caller, and then in the working
    directory), or its `code`.

    `runtime` is "cloudfront-js-1.0" or "cloudfront-js-2.0"; `kvs` the pairs of its key value store, or the JSON file
    that AWS imports; `origins` the ids that cf.selectRequestOriginById may name, the assigned one first. A run whose
    compute utilization is over `max_utilization` percent fails the test, and so does a response with more than
    `max_body` bytes. `clock` is what Date says. Raises
    HarnessError for a file that is not there or too large for CloudFront.
    """
    __tracebackhide__ = True
    folders = folders if folders is not None else beside(sys._getframe(1))
    function = function_from(file, code=code, runtime=runtime, with_store=kvs is not None, folders=folders)
    clock = clock if clock is not None else VirtualClock()
    stores = NO_STORES if kvs is None else MemoryStores({STORE: pairs_from(kvs, folders[0])}, clock.now())
    made_for = somewhere(origins)
    return FunctionUnderTest(
        function, stores, clock, made_for, budgets=Budgets(max_utilization, max_body), folders=folders
    )


def somewhere(origins: tuple[str, ...]) -> Distribution:
    """A distribution that sends everything to the first of these origins."""
    made = {one: Origin(one, f"{one}.test") for one in origins}
    return Distribution(DISTRIBUTION_ID, DOMAIN_NAME, made, (Behavior(origins[0]),))


class FunctionUnderTest:
    """A function, its key value store and a clock. Each call is one request; nothing is kept from one to the next."""

    def __init__(
        self,
        function: CloudFrontFunction,
        stores: KeyValueStores,
        clock: VirtualClock,
        distribution: Distribution,
        *,
        budgets: Budgets = NO_BUDGETS,
        folders: tuple[Path, ...] = (Path(),),
    ) -> None:
        engine()  # started here, so that the first run is no slower than the others
        self.function = function
        self._folders = folders
        self._distribution = distribution
        self.clock = clock
        self._stores = stores
        self._budgets = budgets
        self._requests = 0

    def viewer_request(
        self,
        target: str = "/",
        *,
        method: str = "GET",
        headers: HeaderValues | None = None,
        cookies: CookieValues | None = None,
        viewer: Mapping[str, Any] | Viewer | None = None,
    ) -> FunctionResult:
        """Run at viewer request: `target` is path and query string as the viewer sends them. What `viewer` says about
        the place is seen as CloudFront-Viewer-* headers."""
        __tracebackhide__ = True
        who = viewer_from(viewer)
        request = request_from(target, method, headers, cookies, b"", DOMAIN_NAME)
        return self.run_request(with_location_headers(request, who), who)

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
    ) -> FunctionResult:
        """Run at viewer response: `status` and `headers` are the response's, which came for `target`."""
        __tracebackhide__ = True
        who = viewer_from(viewer)
        request = request_from(target, method, request_headers, request_cookies, b"", DOMAIN_NAME)
        return self.run_response(with_location_headers(request, who), Response(status, headers_from(headers)), who)

    def run(self, event: Event | str | Path) -> FunctionResult:
        """Run on an event as the AWS console has it, or on the JSON file that holds one."""
        __tracebackhide__ = True
        given = event if isinstance(event, Mapping) else json.loads(find(event, self._folders).read_text("utf-8"))
        try:
            request = cloudfront_functions_reading.request_of(given)
        except NoEvent as missing:
            raise HarnessError(str(missing)) from None
        response = cloudfront_functions_reading.response_of(given)
        viewer = replace(SOMEBODY, ip=cloudfront_functions_reading.viewer_ip_of(given) or SOMEBODY.ip)
        return self.run_request(request, viewer) if response is None else self.run_response(request, response, viewer)

    def follow(self, target: str = "/", **rest: Any) -> list[str]:
        """Every URL that a browser comes through, from `target` on, while the function redirects it. Fails the test
        when that never ends. The rest is as for `viewer_request`."""
        __tracebackhide__ = True
        return follow(lambda to, headers: self.viewer_request(to, **{**rest, "headers": headers}), target, **rest)

    def run_request(self, request: Request, viewer: Viewer) -> FunctionResult:
        """Run at viewer request on a request of the core."""
        __tracebackhide__ = True
        visit = self._visit(viewer)
        behavior = self._distribution.behaviors[-1]
        running = user_code.viewer_request(visit, behavior, self.function, request, self.clock.now())
        (result, _), call, outcome = self._drive(running)
        if isinstance(result, Answer):
            return self._result(visit, call, outcome, result)
        chosen = None if result.target is None else result.target.origins[0]
        onward = FunctionResult(
            self.function, call.event_type, call.event, outcome, seen_request(result.request), chosen
        )
        return self._judged(onward)

    def run_response(self, request: Request, response: Response, viewer: Viewer) -> FunctionResult:
        """Run at viewer response on a request and a response of the core."""
        __tracebackhide__ = True
        visit = self._visit(viewer)
        answer = Answer(response, ResultType.MISS, MadeBy.ORIGIN, response.status)
        skipped = associations.skips_viewer_response(answer)
        if skipped is not None:
            event = cloudfront_functions.viewer_response_event(
                request, response, viewer.ip, self._distribution, visit.request_id
            )
            unchanged = seen_response(response)
            return FunctionResult(self.function, EventType.VIEWER_RESPONSE, event, None, answered=unchanged)
        running = user_code.viewer_response(visit, self.function, request, answer, self.clock.now())
        (result, _), call, outcome = self._drive(running)
        return self._result(visit, call, outcome, result)

    def _visit(self, viewer: Viewer) -> Visit:
        self._requests += 1
        trail = Trail(self.clock.now())
        return Visit(viewer, self._distribution, Store(), EdgeLocation(), request_id(self._requests), trail)

    def _drive(self, running: Coroutine[AnyAsk, Any, R]) -> tuple[R, FunctionCall, FunctionOutcome]:
        """The one ask of a function's run, performed."""
        ask = running.send(None)
        assert isinstance(ask, RunFunction)
        outcome = engine().run(ask.call, self._stores)
        try:
            running.send((outcome, self.clock.now()))
        except StopIteration as done:
            return done.value, ask.call, outcome
        raise AssertionError("a function asks for one run, and no more")

    def _result(self, visit: Visit, call: FunctionCall, outcome: FunctionOutcome, answer: Answer) -> FunctionResult:
        __tracebackhide__ = True
        result = FunctionResult(self.function, call.event_type, call.event, outcome)
        if answer.made_by is MadeBy.FUNCTION_FAILURE:
            broken = visit.trail.notes[-1]
            return self._judged(replace(result, broken=broken, failed_with=answer.response.status))
        return self._judged(replace(result, answered=seen_response(answer.response)))

    def _judged(self, result: FunctionResult) -> FunctionResult:
        __tracebackhide__ = True
        record.add(result)
        self._budgets.check(result)
        return result

    def close(self) -> None:
        """Nothing of it goes on."""

    def __repr__(self) -> str:
        return f"<FunctionUnderTest {self.function.source_name or self.function.name}>"
