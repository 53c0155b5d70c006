"""One viewer request from start to finish, in CloudFront's order of events.

Read it top to bottom. Every rule it applies is a pure function in `edge/rules/` or `edge/events/`; whatever needs the
outside world is an Ask (`edge/asks.py`), and time comes with each answer. A hit without functions asks nothing.

Source: CloudFront Developer Guide, "How CloudFront delivers content", "CloudFront events that can trigger a function",
"Request and response behavior for custom origins". Undecided positions are switches (`edge/model/switches.py`).
"""

from __future__ import annotations

from edge import fill, user_code
from edge.asks import AwaitFill, StartRefresh, VerifySignature
from edge.cache.store import Abandoned, Busy, Filled, Fresh, Released, Stale, Store
from edge.events import associations
from edge.model import chance
from edge.model.answer import Answer, MadeBy
from edge.model.distribution import Behavior, Distribution
from edge.model.edge_location import EdgeLocation
from edge.model.function import EventType, LambdaFunction
from edge.model.headers import Headers
from edge.model.malformed import Malformed
from edge.model.policies import ResponseHeadersPolicy
from edge.model.redirect import Redirect
from edge.model.refusal import Refusal
from edge.model.request import Request
from edge.model.response import Response
from edge.model.result_type import ResultType
from edge.model.served import Served
from edge.model.stored_object import StoredObject
from edge.model.trail import Trail
from edge.model.viewer import Viewer
from edge.rules import (
    allowed_methods,
    alternate_domain_names,
    behaviors,
    cache_key,
    default_root_object,
    edge_errors,
    edge_headers,
    error_pages,
    geo_restriction,
    ranges,
    request_collapsing,
    request_limits,
    response_headers,
    server_timing,
    signed_urls,
    stale,
    viewer_conditions,
    viewer_headers,
    viewer_protocol,
)
from edge.visit import Visit


async def exchange(
    request: Request,
    viewer: Viewer,
    distribution: Distribution,
    store: Store,
    *,
    edge: EdgeLocation,
    now: float,
    request_id: str,
    trail: Trail | None = None,
) -> Served:
    """Answer one viewer request.

    `now` is epoch seconds, `request_id` the X-Amz-Cf-Id to be: the same arguments and the same answers to the same asks
    give the same bytes. `trail` is for who wants to know how far it came, should it be broken off.
    """
    visit = Visit(viewer, distribution, store, edge, request_id, trail or Trail(now))
    behavior = behaviors.match(distribution.behaviors, request.path)
    visit.trail.behavior = behavior

    # What the edge refuses, before any function sees it.
    verdict: Refusal | Redirect | None = (
        request_limits.check(request)
        or alternate_domain_names.check(request, distribution)
        or geo_restriction.check(viewer, distribution)
        or allowed_methods.check(request, behavior)
        or viewer_protocol.check(request, viewer, behavior)
    )
    if verdict is None and behavior.trusted_keys:
        verdict, now = await _check_signature(visit, behavior, request, now)
        request = signed_urls.strip(request)
    if verdict is not None:
        return await _finish(visit, behavior, request, request, _refuse(visit, verdict), now)

    # The viewer request function, which may answer in CloudFront's place or change the request. A CloudFront Function
    # sees the CloudFront-* headers; for a Lambda@Edge function they come afterwards.
    function = behavior.functions.get(EventType.VIEWER_REQUEST)
    early = not isinstance(function, LambdaFunction)
    seen = viewer_headers.apply(request, viewer, behavior) if early else request
    if function is not None:
        outcome, now = await user_code.viewer_request(visit, behavior, function, seen, now)
        if isinstance(outcome, Answer):
            return await _finish(visit, behavior, request, seen, outcome, now)
        seen, visit = outcome.request, visit._replace(target=outcome.target)
        if not early:
            seen = viewer_headers.apply(seen, viewer, behavior)
    seen = visit.trail.seen = default_root_object.apply(seen, distribution)

    # The cache, and behind it the origin. A changed URI does not choose another behavior.
    answer, now = await _from_cache(visit, behavior, seen, now)
    return await _finish(visit, behavior, request, seen, answer, now)


async def _check_signature(
    visit: Visit, behavior: Behavior, request: Request, now: float
) -> tuple[Refusal | None, float]:
    """Signed URL or signed cookies, where the behavior trusts key groups."""
    claim = signed_urls.examine(request, visit.viewer, behavior, now)
    if isinstance(claim, Refusal):
        return claim, now
    genuine, now = await VerifySignature(claim.key.pem, claim.hash_algorithm, claim.signature, claim.message)
    return signed_urls.judge(claim, genuine), now


def _refuse(visit: Visit, verdict: Refusal | Redirect) -> Answer:
    """The answer that the edge gives by itself."""
    visit.trail.notes.append(verdict.note)
    if isinstance(verdict, Redirect):
        return Answer(edge_errors.redirect(verdict), ResultType.REDIRECT, MadeBy.REDIRECT)
    visit.trail.detailed_result = verdict.detailed
    page = edge_errors.page(verdict, visit.request_id)
    return Answer(page, verdict.result_type, MadeBy.EDGE, close=verdict.close)


async def _from_cache(visit: Visit, behavior: Behavior, request: Request, now: float) -> tuple[Answer, float]:
    """Look in the cache; go to the origin for what is not there, once for all who ask at the same time."""
    if not request_collapsing.uses_cache(request, behavior):
        visit.note("cache.not_used", "{} is not cached by this behavior", request.method)
        return await fill.pass_through(visit, behavior, request, now)
    key = cache_key.build(visit.distribution.id, behavior, request)
    visit.trail.cache_key = key
    collapse = request_collapsing.applies(request, behavior)
    while True:
        found = visit.store.lookup(key, now, collapse=collapse)
        if isinstance(found, Fresh):
            return _hit(found.object, now), now
        if isinstance(found, Busy):
            if found.stale is not None and stale.while_revalidating(found.stale, now):
                return _hit(found.stale, now), now
            end, now = await AwaitFill(found.lease)
            match end:
                case Filled(stored):
                    visit.note("collapse.waited", "another request fetched the object, this one waited for it")
                    return _hit(stored, now), now
                case Released():
                    visit.note("collapse.released", "the answer was for one viewer only, so this one asked for itself")
                    collapse = False
                case Abandoned():
                    pass
            continue
        if isinstance(found, Stale):
            if stale.holds_off(found.object, now):
                found.lease.abandon()
                visit.note("stale.holds_off", "the origin failed a moment ago and is not asked again yet")
                return fill.stand_in(visit, found.object, now), now
            if stale.while_revalidating(found.object, now):
                visit.note("stale.while_revalidate", "served stale while a refresh runs")
                _, now = await StartRefresh(fill.refresh(visit, behavior, request, found, now))
                return _hit(found.object, now), now
            return await fill.fill(visit, behavior, request, found.lease, found.object, now)
        return await fill.fill(visit, behavior, request, found.lease, None, now)


def _hit(stored: StoredObject, now: float) -> Answer:
    """An object from the cache as an answer. A cached error is called an error, not a hit."""
    result = ResultType.ERROR if stored.status >= 400 else ResultType.HIT
    response = Response(stored.status, stored.headers, stored.body, stored.reason)
    return Answer(response, result, MadeBy.CACHE, stored.status, stored.age(now))


async def _error_page(visit: Visit, page: error_pages.Page, failed: Answer, now: float) -> tuple[Answer, float]:
    """A custom error page: fetched like any object, through the behavior that its own path matches."""
    behavior = behaviors.match(visit.distribution.behaviors, page.path)
    fetched, now = await _from_cache(visit._replace(target=None), behavior, error_pages.request_for(page), now)
    visit.note("error_page.used", "status {} became the page {}", failed.response.status, page.path)
    return error_pages.answer(page, failed, fetched), now


async def _finish(
    visit: Visit, behavior: Behavior, original: Request, seen: Request, answer: Answer, now: float
) -> Served:
    """The viewer's side of a response, whoever made it. `seen` is the request as the viewer request function left
    it."""
    distribution = visit.distribution
    visit.trail.found = answer.response
    if answer.response.status >= 400:
        page = error_pages.page_for(distribution, answer)
        if page is not None:
            answer, now = await _error_page(visit, page, answer, now)
    elif answer.made_by is MadeBy.CACHE:
        response = viewer_conditions.apply(seen, answer.response) or ranges.apply(seen, answer.response)
        if response is not None:
            answer = answer._replace(response=response)

    function = behavior.functions.get(EventType.VIEWER_RESPONSE)
    if function is not None:
        skipped = associations.skips_viewer_response(answer)
        if skipped is None:
            answer, now = await user_code.viewer_response(visit, function, seen, answer, now)
        else:
            visit.trail.notes.append(skipped)

    response = answer.response
    policy = behavior.response_headers_policy
    if policy is not None:
        response = response._replace(headers=_under_policy(visit, policy, original, answer, now))
    response = edge_headers.complete(response, now)
    visit.trail.answered = now
    return Served(
        response,
        edge_headers.lines(answer.result_type, visit.edge, distribution, visit.request_id, answer.age_s),
        answer.result_type,
        original,
        visit.viewer,
        visit.request_id,
        visit.trail,
        answer.close,
    )


def _under_policy(
    visit: Visit, policy: ResponseHeadersPolicy, original: Request, answer: Answer, now: float
) -> Headers:
    """The headers of an answer as the response headers policy wants them."""
    headers = response_headers.apply(policy, original, answer.response.headers, visit.viewer)
    rate = policy.server_timing_rate
    if rate is None or not server_timing.wanted(rate, original, chance.draw(visit.request_id, "server-timing")):
        return headers
    return server_timing.apply(headers, answer, visit.trail, visit.edge, visit.request_id, now)


def broken_off(request: Request, viewer: Viewer, request_id: str, trail: Trail) -> Served:
    """What is left of an exchange whose viewer went away before he had an answer: status 0, which logs write as 000.

    Source: CloudFront Developer Guide, "Standard logging reference" (sc-status, x-edge-detailed-result-type).
    """
    trail.detailed_result = "ClientHungUpRequest"
    return Served(Response(0), (), ResultType.ERROR, request, viewer, request_id, trail, close=True)


def refuse_malformed(
    malformed: Malformed, viewer: Viewer, distribution: Distribution, *, edge: EdgeLocation, now: float, request_id: str
) -> Served:
    """CloudFront's answer to bytes that are not a fit request. The connection closes after it."""
    refusal = edge_errors.for_malformed(malformed)
    trail = Trail(now, now, [refusal.note], detailed_result=refusal.detailed)
    response = edge_headers.complete(edge_errors.page(refusal, request_id), now)
    lines = edge_headers.lines(refusal.result_type, edge, distribution, request_id, None)
    return Served(response, lines, refusal.result_type, Request("-", "/"), viewer, request_id, trail, close=True)
