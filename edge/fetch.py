"""One origin: the request it gets, the functions on its side, the attempts, and what goes on of its answer.

Source: CloudFront Developer Guide, "Request and response behavior for custom origins", "CloudFront events that can
trigger a function". The name of an origin is resolved before its origin request function runs (seen by users who
override origins: a name that does not resolve is a 502 all the same); a switch turns that off.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from edge import user_code
from edge.asks import Compress, FetchOrigin, ResolveOrigin
from edge.model.answer import Answer, MadeBy
from edge.model.distribution import Behavior
from edge.model.function import EventType, LambdaFunction
from edge.model.headers import NO_HEADERS
from edge.model.origin import NO_TIMINGS, Origin, OriginAttempt, OriginFailure, OriginRequest, OriginResponse
from edge.model.request import Request
from edge.model.response import Response
from edge.model.stored_object import StoredObject
from edge.model.trail import OriginContact
from edge.rules import (
    aws_endpoints,
    compression,
    edge_errors,
    edge_headers,
    origin_access_control,
    origin_failover,
    origin_request,
    origin_response,
)
from edge.visit import Visit

Outcome = OriginResponse | OriginFailure


class Generated(NamedTuple):
    """A response that an origin request function made in the origin's place."""

    response: Response


class Asked(NamedTuple):
    """What came of asking one origin. An Answer is the page for a function that failed."""

    outcome: Outcome | Generated | Answer
    attempt: OriginAttempt


async def ask(
    visit: Visit, behavior: Behavior, request: Request, origin: Origin, expired: StoredObject | None, now: float
) -> tuple[Asked, float]:
    """Ask one origin. The origin request function runs first, and may answer in its place."""
    outgoing = origin_request.build(
        request, behavior, origin, visit.viewer, visit.distribution, visit.edge, visit.request_id, expired
    )
    if (lacks := origin_request.handshake_lacks(outgoing)) is not None:
        visit.trail.notes.append(lacks)
    attempt = OriginAttempt(origin, outgoing, origin_request.scheme(origin, visit.viewer))
    function = behavior.functions.get(EventType.ORIGIN_REQUEST)
    if isinstance(function, LambdaFunction):
        if visit.distribution.switches.resolve_before_origin_request:
            failure, now = await ResolveOrigin(origin)
            if failure is not None:
                visit.trail.origins.append(_contact(origin, outgoing, failure))
                return Asked(failure, attempt), now
        changed, now = await user_code.origin_request(visit, function, attempt, now)
        if isinstance(changed, Response):
            return Asked(Generated(changed), attempt), now
        if isinstance(changed, Answer):
            return Asked(changed, attempt), now
        attempt = changed
    outcome, now = await _attempt(visit, attempt, now)
    return Asked(outcome, attempt), now


async def _attempt(visit: Visit, attempt: OriginAttempt, now: float) -> tuple[Outcome, float]:
    """One origin, as many attempts as its settings allow."""
    origin = attempt.origin
    outgoing = origin_access_control.sign(attempt.request, origin, now)
    attempt = attempt._replace(request=outgoing)
    visit.trail.layer = visit.store.layer
    refused = aws_endpoints.refusal(origin, outgoing)
    if refused is not None:
        visit.trail.notes.append(refused.note)
        visit.trail.origins.append(_contact(origin, outgoing, refused.response))
        return refused.response, now
    begun = now
    while True:
        outcome, now = await FetchOrigin(attempt)
        visit.trail.origins.append(_contact(origin, outgoing, outcome))
        if isinstance(outcome, OriginResponse) or not origin_failover.retries(
            origin, outgoing, outcome, attempt.number, now - begun
        ):
            return outcome, now
        left = replace(origin, response_completion_timeout_s=origin_failover.left_s(origin, now - begun))
        attempt = attempt._replace(origin=left, number=attempt.number + 1)


def _contact(origin: Origin, outgoing: OriginRequest, outcome: Outcome) -> OriginContact:
    sent = outgoing.headers
    if isinstance(outcome, OriginResponse):
        return OriginContact(origin.id, outgoing.target, outcome.status, "", outcome.timings, sent, outcome.headers)
    failure = f"{outcome.kind}: {outcome.detail}"
    return OriginContact(origin.id, outgoing.target, 0, failure, NO_TIMINGS, sent, NO_HEADERS)


async def receive(
    visit: Visit,
    behavior: Behavior,
    request: Request,
    attempt: OriginAttempt,
    outcome: OriginResponse | Generated | Answer,
    now: float,
) -> tuple[Response | Answer, float]:
    """What goes on of an origin's response, after the origin response function; that does not run for a response
    which another function made. An Answer is the page for a function that failed."""
    if isinstance(outcome, Answer):
        return outcome, now
    if isinstance(outcome, Generated):
        return outcome.response, now
    response = origin_response.clean(outcome, request, behavior, attempt.origin)
    function = behavior.functions.get(EventType.ORIGIN_RESPONSE)
    if not isinstance(function, LambdaFunction) or response.status == 101:
        return response, now
    coding = outcome.headers.get("transfer-encoding")
    return await user_code.origin_response(visit, function, attempt, response, coding, now)


async def finish(behavior: Behavior, request: Request, response: Response, now: float) -> tuple[Response, float]:
    """The response as it is stored: compressed, where the rules say so, and with Server and Date, once for all hits to
    come. A stored object is never compressed again."""
    encoding = compression.choose(behavior, request, response)
    if encoding is not None:
        body, now = await Compress(response.body, encoding)
        response = response._replace(headers=compression.headers(response.headers, encoding), body=body)
    return edge_headers.complete(response, now), now


def failure_page(visit: Visit, failure: OriginFailure) -> tuple[Answer, bytes]:
    """The page for an origin that did not answer, and its bytes."""
    refusal = edge_errors.for_origin_failure(failure)
    visit.trail.notes.append(refusal.note)
    visit.trail.detailed_result = refusal.detailed
    page = edge_errors.page(refusal, visit.request_id)
    assert isinstance(page.body, bytes)  # the edge makes its pages whole
    return Answer(page, refusal.result_type, MadeBy.EDGE, refusal.status, failure=failure), page.body
