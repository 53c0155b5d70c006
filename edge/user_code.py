"""Running a function at a viewer event, and what becomes of what it returns.

Source: CloudFront Developer Guide, "CloudFront Functions event structure", "Restrictions on all edge functions"; the
pages on HTTP 502 and 503 status codes for functions that fail.
"""

from __future__ import annotations

from typing import NamedTuple

from edge.asks import RunFunction
from edge.events import cloudfront_functions, cloudfront_functions_result, origin_modification
from edge.model.answer import Answer, MadeBy
from edge.model.distribution import Behavior
from edge.model.function import EventType, Function, FunctionCall, FunctionOutcome, Returned
from edge.model.json_value import JsonObject
from edge.model.origin import OriginTarget
from edge.model.refusal import Refusal
from edge.model.request import Request
from edge.model.response import Response
from edge.model.result_type import ResultType
from edge.model.trail import FunctionRun
from edge.model.violation import Violation
from edge.rules import edge_errors, origin_failover
from edge.visit import Visit


class Onward(NamedTuple):
    """A request that goes on, and where to if the function chose an origin."""

    request: Request
    target: OriginTarget | None = None


async def viewer_request(
    visit: Visit, behavior: Behavior, function: Function, request: Request, now: float
) -> tuple[Onward | Answer, float]:
    """The request as the function wants it, or the answer it gave in CloudFront's place."""
    event = cloudfront_functions.viewer_request_event(request, visit.viewer.ip, visit.distribution, visit.request_id)
    outcome, now = await _run(visit, function, EventType.VIEWER_REQUEST, event, request.query, now)
    if not isinstance(outcome, Returned):
        return _failed(visit, edge_errors.for_function(outcome), 0), now
    result = cloudfront_functions_result.read_viewer_request(outcome.value, request, event)
    if isinstance(result, Violation):
        return _failed(visit, edge_errors.for_violation(result), 0), now
    if isinstance(result, Response):
        visit.note("function.answered", "{} answered with {}", function.name, result.status)
        return Answer(result, ResultType.FUNCTION_GENERATED_RESPONSE, MadeBy.FUNCTION), now
    if outcome.origin is None:
        return Onward(result), now
    assigned = origin_failover.target(visit.distribution, behavior)
    target = origin_modification.modify(outcome.origin, assigned, visit.distribution, result)
    if isinstance(target, Violation):
        return _failed(visit, edge_errors.for_violation(target), 0), now
    visit.note("function.origin", "{} sends the request to {}", function.name, target.origins[0].domain_name)
    return Onward(result, target), now


async def viewer_response(
    visit: Visit, function: Function, request: Request, answer: Answer, now: float
) -> tuple[Answer, float]:
    """The answer with the response as the function wants it."""
    event = cloudfront_functions.viewer_response_event(
        request, answer.response, visit.viewer.ip, visit.distribution, visit.request_id
    )
    outcome, now = await _run(visit, function, EventType.VIEWER_RESPONSE, event, request.query, now)
    if not isinstance(outcome, Returned):
        return _failed(visit, edge_errors.for_function(outcome), answer.origin_status), now
    result = cloudfront_functions_result.read_viewer_response(outcome.value, answer.response, event)
    if isinstance(result, Violation):
        return _failed(visit, edge_errors.for_violation(result), answer.origin_status), now
    return answer._replace(response=result), now


async def _run(
    visit: Visit, function: Function, event_type: EventType, event: JsonObject, query: str | None, now: float
) -> tuple[FunctionOutcome, float]:
    call = FunctionCall(function, event_type, event, query, now, _seed(visit.request_id), visit.request_id)
    outcome, now = await RunFunction(call)
    visit.trail.functions.append(FunctionRun(function.name, event_type, outcome))
    return outcome, now


def _seed(request_id: str) -> int:
    """A number for Math.random: another for each request, the same when a request is replayed."""
    return int.from_bytes(request_id[:8].encode("ascii", "replace"), "big")


def _failed(visit: Visit, refusal: Refusal, origin_status: int) -> Answer:
    """The error page for a function that failed."""
    visit.trail.notes.append(refusal.note)
    visit.trail.detailed_result = refusal.detailed
    page = edge_errors.page(refusal, visit.request_id)
    return Answer(page, refusal.result_type, MadeBy.FUNCTION_FAILURE, origin_status)
