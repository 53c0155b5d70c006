"""From a cache miss to an answer: the origin request, the attempts, and what is stored of the response.

Source: CloudFront Developer Guide, "Request and response behavior for custom origins", "Manage how long content stays
in the cache (expiration)", "Optimize high availability with CloudFront origin failover".
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from edge import user_code
from edge.asks import Compress, FetchOrigin, ShareBody
from edge.cache.store import Lease, Stale
from edge.model import quotas
from edge.model.answer import Answer, MadeBy
from edge.model.body import Body, Tunnel
from edge.model.distribution import Behavior
from edge.model.freshness import Freshness
from edge.model.function import EventType, LambdaFunction
from edge.model.headers import NO_HEADERS
from edge.model.origin import NO_TIMINGS, Origin, OriginAttempt, OriginFailure, OriginRequest, OriginResponse
from edge.model.request import Request
from edge.model.response import Response
from edge.model.result_type import ResultType
from edge.model.stored_object import StoredObject, store
from edge.model.trail import OriginContact
from edge.rules import (
    aws_endpoints,
    compression,
    edge_errors,
    edge_headers,
    error_caching,
    origin_access_control,
    origin_failover,
    origin_request,
    origin_response,
    request_collapsing,
    revalidation,
    stale,
    ttl,
)
from edge.visit import Visit

Outcome = OriginResponse | OriginFailure


class Generated(NamedTuple):
    """A response that an origin request function made in the origin's place."""

    response: Response


async def pass_through(visit: Visit, behavior: Behavior, request: Request, now: float) -> tuple[Answer, float]:
    """Ask the origin for an answer that the cache has no part in."""
    outcome, attempt, now = await _ask_origins(visit, behavior, request, None, now)
    if isinstance(outcome, OriginFailure):
        return _failure(visit, outcome), now
    response, now = await _received(visit, behavior, request, attempt, outcome, now)
    return response if isinstance(response, Answer) else _answer(response), now


async def fill(
    visit: Visit,
    behavior: Behavior,
    request: Request,
    lease: Lease,
    expired: StoredObject | None,
    now: float,
) -> tuple[Answer, float]:
    """Fetch what the lease is for, store it if it may be stored, and answer. The lease ends on every path."""
    try:
        outcome, attempt, now = await _ask_origins(visit, behavior, request, expired, now)
        if expired is not None and isinstance(outcome, Outcome):
            answer = _from_expired(visit, behavior, lease, expired, outcome, now)
            if answer is not None:
                return answer, now
        if isinstance(outcome, OriginFailure):
            answer = _failure(visit, outcome)
            fresh = error_caching.for_failure(answer.response.status, behavior, visit.distribution)
            _observe(visit, fresh)
            lease.fill(store(answer.response, fresh, now), keep=fresh.storable)
            return answer, now
        received, now = await _received(visit, behavior, request, attempt, outcome, now)
        if isinstance(received, Answer):
            lease.release()
            return received, now
        response, now = await _compressed(behavior, request, received, now)
        response = edge_headers.complete(response, now)  # once for all hits to come
        if response.status >= 400:
            fresh = error_caching.freshness(response, behavior, visit.distribution, attempt.origin, now)
        else:
            fresh = ttl.freshness(response.headers, behavior, now)
        _observe(visit, fresh)
        return await _store(visit, request, lease, response, fresh, now)
    finally:
        lease.abandon()


async def refresh(visit: Visit, behavior: Behavior, request: Request, found: Stale, now: float) -> Body:
    """A fill that nobody waits for: stale-while-revalidate has answered already. The body must be read to its end."""
    answer, _ = await fill(visit, behavior, request, found.lease, found.object, now)
    return answer.response.body


def stand_in(visit: Visit, expired: StoredObject, now: float) -> Answer:
    """An expired object in place of an origin that fails."""
    result = ResultType(visit.distribution.switches.serve_stale_x_cache)
    response = Response(expired.status, expired.headers, expired.body, expired.reason)
    return Answer(response, result, MadeBy.CACHE, expired.status, expired.age(now))


async def _ask_origins(
    visit: Visit, behavior: Behavior, request: Request, expired: StoredObject | None, now: float
) -> tuple[Outcome | Generated | Answer, OriginAttempt, float]:
    """Each origin of the target in turn, until one answers in a way that does not fail over. The origin request
    function runs before each, and may answer in its place; an Answer is the page for one that failed."""
    target = visit.target or origin_failover.target(visit.distribution, behavior)
    function = behavior.functions.get(EventType.ORIGIN_REQUEST)
    for position, origin in enumerate(target.origins, 1):
        outgoing = origin_request.build(
            request, behavior, origin, visit.viewer, visit.distribution, visit.edge, visit.request_id, expired
        )
        if (lacks := origin_request.handshake_lacks(outgoing)) is not None:
            visit.trail.notes.append(lacks)
        attempt = OriginAttempt(origin, outgoing, origin_request.scheme(origin, visit.viewer))
        if isinstance(function, LambdaFunction):
            changed, now = await user_code.origin_request(visit, function, attempt, now)
            if isinstance(changed, Response):
                return Generated(changed), attempt, now
            if isinstance(changed, Answer):
                return changed, attempt, now
            attempt = changed
        outcome, now = await _attempt(visit, attempt, now)
        if position == len(target.origins) or not origin_failover.fails_over(target, request.method, outcome):
            break
        visit.note("failover.next", "{} failed, {} is asked", origin.id, target.origins[position].id)
    return outcome, attempt, now


async def _attempt(visit: Visit, attempt: OriginAttempt, now: float) -> tuple[Outcome, float]:
    """One origin, as many attempts as its settings allow."""
    origin = attempt.origin
    outgoing = origin_access_control.sign(attempt.request, origin, now)
    attempt = attempt._replace(request=outgoing)
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


async def _received(
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


def _contact(origin: Origin, outgoing: OriginRequest, outcome: Outcome) -> OriginContact:
    sent = outgoing.headers
    if isinstance(outcome, OriginResponse):
        return OriginContact(origin.id, outgoing.target, outcome.status, "", outcome.timings, sent, outcome.headers)
    failure = f"{outcome.kind}: {outcome.detail}"
    return OriginContact(origin.id, outgoing.target, 0, failure, NO_TIMINGS, sent, NO_HEADERS)


def _failure(visit: Visit, failure: OriginFailure) -> Answer:
    """The page for an origin that did not answer."""
    refusal = edge_errors.for_origin_failure(failure)
    visit.trail.notes.append(refusal.note)
    visit.trail.detailed_result = refusal.detailed
    page = edge_errors.page(refusal, visit.request_id)
    return Answer(page, refusal.result_type, MadeBy.EDGE, refusal.status)


def _from_expired(
    visit: Visit, behavior: Behavior, lease: Lease, expired: StoredObject, outcome: Outcome, now: float
) -> Answer | None:
    """What an expired object is still good for: confirmed by a 304, or standing in for an origin that fails."""
    if isinstance(outcome, OriginResponse) and outcome.status == 304:
        headers = revalidation.merged(expired.headers, outcome.headers)
        fresh = ttl.freshness(headers, behavior, now)
        _observe(visit, fresh)
        response = Response(expired.status, headers, expired.body, expired.reason)
        lease.fill(store(response, fresh, now), keep=fresh.storable)
        return Answer(response, ResultType.REFRESH_HIT, MadeBy.CACHE, expired.status)
    if stale.stands_in(expired, outcome, now):
        visit.note("stale.stands_in", "the origin failed, so the expired object was served")
        lease.fill(replace(expired, retry_at=now + error_caching.minimum_ttl_s(outcome, visit.distribution)))
        return stand_in(visit, expired, now)
    return None


async def _compressed(behavior: Behavior, request: Request, response: Response, now: float) -> tuple[Response, float]:
    """Compressed for storing, where the rules say so. A stored object is never compressed again."""
    encoding = compression.choose(behavior, request, response)
    if encoding is None:
        return response, now
    body, now = await Compress(response.body, encoding)
    return response._replace(headers=compression.headers(response.headers, encoding), body=body), now


async def _store(
    visit: Visit, request: Request, lease: Lease, response: Response, fresh: Freshness, now: float
) -> tuple[Answer, float]:
    """Put the response in the cache if it may be there, and tell those who wait."""
    body = response.body
    storable = fresh.storable and request_collapsing.fills(request, response)
    if isinstance(body, Tunnel) or (not storable and not (fresh.shared and isinstance(body, bytes))):
        lease.release()
        return _answer(response), now
    if isinstance(body, bytes):
        lease.fill(store(response, fresh, now), keep=storable, shared=fresh.shared)
        return _answer(response), now
    if (body.length or 0) > quotas.CACHE_OBJECT_MEMORY_MAX_BYTES:
        visit.note("cache.too_large", "{} bytes are too many for the memory cache", body.length)
        lease.release()
        return _answer(response), now

    # The body is still arriving: viewers share it meanwhile, and it is complete in the cache when it has come to its
    # end.
    cache, key = visit.store, lease.key
    arriving: list[StoredObject] = []
    shared, now = await ShareBody(
        body, quotas.CACHE_OBJECT_MEMORY_MAX_BYTES, lambda data: cache.complete(key, arriving[0], data)
    )
    response = response._replace(body=shared)
    arriving.append(store(response, fresh, now))
    lease.fill(arriving[0], shared=fresh.shared)
    return _answer(response), now


def _answer(response: Response) -> Answer:
    """An origin's response as an answer: errors are called errors, whoever made them."""
    result = ResultType.ERROR if response.status >= 400 else ResultType.MISS
    return Answer(response, result, MadeBy.ORIGIN, response.status)


def _observe(visit: Visit, fresh: Freshness) -> None:
    visit.trail.ttl_s = fresh.ttl_s if fresh.storable else 0
    visit.trail.notes.append(fresh.note)
