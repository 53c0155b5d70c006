"""Running user code at the four events, and what becomes of what it returns.

A CloudFront Function runs at the viewer events, a Lambda@Edge function at any of the four. Each has its own events and
its own way to be judged (`edge/events/`); what the exchange sees is the same.

Source: CloudFront Developer Guide, "CloudFront events that can trigger a function", "CloudFront Functions event
structure", "Lambda@Edge event structure"; the pages on HTTP 502 and 503 status codes for functions that fail. Choices
where AWS is silent: an origin request function that fails does not make CloudFront fail over, and its page is not
cached; an origin response function runs once, on the answer that is used, and not on a 304 that confirms an object.
"""

from __future__ import annotations

from typing import NamedTuple

from edge.asks import ReadBeginning, RunFunction
from edge.events import (
    cloudfront_functions,
    cloudfront_functions_result,
    lambda_body,
    lambda_edge,
    lambda_edge_result,
    origin_modification,
    source_lines,
)
from edge.model.answer import Answer, MadeBy
from edge.model.body import Body
from edge.model.distribution import Behavior
from edge.model.function import (
    CloudFrontFunction,
    EventType,
    Function,
    FunctionCall,
    FunctionOutcome,
    LambdaFunction,
    Returned,
)
from edge.model.headers import Headers
from edge.model.json_value import JsonObject
from edge.model.origin import OriginAttempt, OriginTarget
from edge.model.request import Request
from edge.model.response import Response
from edge.model.result_type import ResultType
from edge.model.topology import Layer
from edge.model.trail import FunctionRun, Trail
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
    result: Request | Response | Violation
    if isinstance(function, LambdaFunction):
        shown, body, now = await _beginning(function, request.body, EventType.VIEWER_REQUEST, now)
        request = request._replace(body=body)
        event = lambda_edge.viewer_request_event(request, visit.viewer.ip, visit.distribution, visit.request_id, shown)
    else:
        event = cloudfront_functions.viewer_request_event(
            request, visit.viewer.ip, visit.distribution, visit.request_id
        )
    ask = _ask(visit, function, EventType.VIEWER_REQUEST, event, request.query, now)
    outcome, now = await ask
    _ran(visit, ask, outcome)
    if not isinstance(outcome, Returned):
        return _failed(visit, function, outcome, 0), now
    if isinstance(function, LambdaFunction):
        result = lambda_edge_result.read_viewer_request(
            outcome.value, request, visit.viewer.ip, visit.distribution, visit.distribution.lambda_quotas
        )
    else:
        switches = visit.distribution.switches
        result = cloudfront_functions_result.read_viewer_request(outcome.value, request, event, switches)
    if isinstance(result, Violation):
        return _failed(visit, function, result, 0), now
    if isinstance(result, Response):
        visit.note("function.answered", "{} answered with {}", function.name, result.status)
        return Answer(result, _generated_by(function), MadeBy.FUNCTION), now
    if outcome.origin is None:
        return Onward(result), now
    assigned = origin_failover.target(visit.distribution, behavior)
    target = origin_modification.modify(outcome.origin, assigned, visit.distribution, result)
    if isinstance(target, Violation):
        return _failed(visit, function, target, 0), now
    visit.note("function.origin", "{} sends the request to {}", function.name, target.origins[0].domain_name)
    return Onward(result, target), now


async def origin_request(
    visit: Visit, function: LambdaFunction, attempt: OriginAttempt, now: float
) -> tuple[OriginAttempt | Response | Answer, float]:
    """The attempt as the function wants it, a response in the origin's place, or the page for a function that
    failed."""
    shown, body, now = await _beginning(function, attempt.request.body, EventType.ORIGIN_REQUEST, now)
    attempt = attempt._replace(request=attempt.request._replace(body=body))
    event = lambda_edge.origin_request_event(attempt, visit.viewer.ip, visit.distribution, visit.request_id, shown)
    ask = _ask(visit, function, EventType.ORIGIN_REQUEST, event, None, now)
    outcome, now = await ask
    _ran(visit, ask, outcome)
    if not isinstance(outcome, Returned):
        return _failed(visit, function, outcome, 0), now
    result = lambda_edge_result.read_origin_request(
        outcome.value, attempt, visit.viewer.ip, visit.distribution, visit.distribution.lambda_quotas
    )
    if isinstance(result, Violation):
        return _failed(visit, function, result, 0), now
    if isinstance(result, Response):
        visit.note("function.answered", "{} answered with {}", function.name, result.status)
    return result, now


async def origin_response(
    visit: Visit, function: LambdaFunction, attempt: OriginAttempt, response: Response, coding: str | None, now: float
) -> tuple[Response | Answer, float]:
    """The origin's response as the function wants it. `coding` is the origin's Transfer-Encoding, which a function
    sees and must not touch."""
    if coding is not None:
        response = response._replace(headers=response.headers.plus((("Transfer-Encoding", coding),)))
    event = lambda_edge.origin_response_event(attempt, response, visit.viewer.ip, visit.distribution, visit.request_id)
    ask = _ask(visit, function, EventType.ORIGIN_RESPONSE, event, None, now)
    outcome, now = await ask
    _ran(visit, ask, outcome)
    if not isinstance(outcome, Returned):
        return _failed(visit, function, outcome, response.status), now
    result = lambda_edge_result.read_origin_response(outcome.value, response, visit.distribution)
    if isinstance(result, Violation):
        return _failed(visit, function, result, response.status), now
    return result._replace(headers=result.headers.without("transfer-encoding")), now


async def viewer_response(
    visit: Visit, function: Function, request: Request, answer: Answer, now: float
) -> tuple[Answer, float]:
    """The answer with the response as the function wants it."""
    result: Response | Violation
    response, ip = answer.response, visit.viewer.ip
    if isinstance(function, LambdaFunction):
        response = response._replace(headers=_with_age(response.headers, answer))
        event = lambda_edge.viewer_response_event(request, response, ip, visit.distribution, visit.request_id)
    else:
        event = cloudfront_functions.viewer_response_event(request, response, ip, visit.distribution, visit.request_id)
    ask = _ask(visit, function, EventType.VIEWER_RESPONSE, event, request.query, now)
    outcome, now = await ask
    _ran(visit, ask, outcome)
    if not isinstance(outcome, Returned):
        return _failed(visit, function, outcome, answer.origin_status), now
    if isinstance(function, LambdaFunction):
        result = lambda_edge_result.read_viewer_response(outcome.value, response, visit.distribution)
    elif outcome.origin is not None:
        result = origin_modification.too_late(outcome.origin)
    else:
        result = cloudfront_functions_result.read_viewer_response(outcome.value, response, event)
    if isinstance(result, Violation):
        return _failed(visit, function, result, answer.origin_status), now
    if isinstance(function, LambdaFunction) and answer.age_s is not None:
        result = result._replace(headers=result.headers.without("age"))
    return answer._replace(response=result), now


def _with_age(headers: Headers, answer: Answer) -> Headers:
    """Age is among the edge's own lines, which come last; a Lambda@Edge function sees it all the same."""
    return headers if answer.age_s is None else headers.plus((("Age", str(answer.age_s)),))


async def _beginning(
    function: LambdaFunction, body: Body, event_type: EventType, now: float
) -> tuple[lambda_body.ShownBody | None, Body, float]:
    """What the function sees of a request's body, and the body that goes on."""
    if not function.include_body:
        return None, body, now
    if isinstance(body, bytes):
        return lambda_body.shown(body, event_type), body, now
    limit = lambda_body.SHOWN_MAX_BYTES[event_type]
    (beginning, body), now = await ReadBeginning(body, limit + 1)
    return lambda_body.shown(beginning, event_type), body, now


def _ask(
    visit: Visit, function: Function, event_type: EventType, event: JsonObject, query: str | None, now: float
) -> RunFunction:
    region = _region(visit) if isinstance(function, LambdaFunction) else ""
    distribution, id = visit.distribution, visit.request_id
    return RunFunction(
        FunctionCall(function, event_type, event, query, now, _seed(id), id, visit.edge, region, distribution.tenant)
    )


def _ran(visit: Visit, ask: RunFunction, outcome: FunctionOutcome) -> None:
    call = ask.call
    visit.trail.functions.append(FunctionRun(call.function.name, call.event_type, outcome, None, (), call.region))


def _region(visit: Visit) -> str:
    """Where a Lambda@Edge function runs: with the cache that asks the origin, or in the region behind the edge
    location."""
    return visit.edge.regional_edge_cache if visit.store.layer is Layer.EDGE else visit.store.name


def _seed(request_id: str) -> int:
    """A number for Math.random: another for each request, the same when a request is replayed."""
    return int.from_bytes(request_id[:8].encode("ascii", "replace"), "big")


def _generated_by(function: Function) -> ResultType:
    is_lambda = isinstance(function, LambdaFunction)
    return ResultType.LAMBDA_GENERATED_RESPONSE if is_lambda else ResultType.FUNCTION_GENERATED_RESPONSE


def _failed(visit: Visit, function: Function, failure: edge_errors.FailedRun | Violation, origin_status: int) -> Answer:
    """The error page for a function that failed."""
    if isinstance(failure, Violation):
        _find_lines(visit.trail, function, failure)
    refusal = edge_errors.for_function(failure, is_lambda=isinstance(function, LambdaFunction))
    visit.trail.notes.append(refusal.note)
    visit.trail.detailed_result = refusal.detailed
    page = edge_errors.page(refusal, visit.request_id)
    return Answer(page, refusal.result_type, MadeBy.FUNCTION_FAILURE, origin_status)


def _find_lines(trail: Trail, function: Function, violation: Violation) -> None:
    """Say of the run that just ended which rule its result broke, and which lines may have done it."""
    lines = source_lines.find(function.code, violation.written) if isinstance(function, CloudFrontFunction) else ()
    trail.functions[-1] = trail.functions[-1]._replace(broken=violation.note, lines=lines)
