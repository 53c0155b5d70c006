"""One viewer request from start to finish, in CloudFront's order of events.

Read it top to bottom. Every rule it applies is a pure function in `edge/rules/` or `edge/events/`; whatever needs the
outside world is an Ask (`edge/asks.py`), and time comes with each answer. A hit without functions asks nothing.

Source: CloudFront Developer Guide, "How CloudFront delivers content", "CloudFront events that can trigger a function",
"Request and response behavior for custom origins". Undecided positions are switches (`edge/model/switches.py`).
"""

from __future__ import annotations

from collections.abc import Coroutine
from functools import partial
from typing import Any

from edge import fill, user_code
from edge.asks import AnyAsk, VerifySignature
from edge.cache.store import Store
from edge.events import associations
from edge.model import chance
from edge.model.answer import Answer, MadeBy
from edge.model.distribution import Behavior, ContinuousDeployment, Distribution
from edge.model.edge_location import EdgeLocation
from edge.model.function import EventType, Function, LambdaFunction
from edge.model.headers import Headers
from edge.model.malformed import Malformed
from edge.model.policies import ResponseHeadersPolicy
from edge.model.redirect import Redirect
from edge.model.refusal import Refusal
from edge.model.request import Request
from edge.model.response import Response
from edge.model.result_type import ResultType
from edge.model.served import Served
from edge.model.trail import Trail
from edge.model.viewer import Viewer
from edge.rules import (
    allowed_methods,
    alternate_domain_names,
    behaviors,
    cache_key,
    continuous_deployment,
    default_root_object,
    distribution_chain,
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
    viewer_conditions,
    viewer_headers,
    viewer_protocol,
    waf,
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
    distributions: tuple[Distribution, ...] = (),
    trail: Trail | None = None,
) -> Served:
    """Answer one viewer request.

    `now` is epoch seconds, `request_id` the X-Amz-Cf-Id to be: the same arguments and the same answers to the same asks
    give the same bytes. With several `distributions`, Host says which of them answers. `trail` is for who wants to know
    how far it came, should it be broken off.
    """
    # The distribution: by Host, and of a continuous deployment the primary or the staging one.
    if distributions:
        distribution = alternate_domain_names.choose(request, distributions)
    visit = Visit(viewer, distribution, store, edge, request_id, trail or Trail(now))
    refused = (
        request_limits.check(request)
        or alternate_domain_names.check(request, distribution)
        or (distributions and alternate_domain_names.check_certificate(request, viewer, distribution, distributions))
        or distribution_chain.check(request)
    )
    if distribution.continuous_deployment is not None and refused is None:
        visit, request = _route(visit, distribution.continuous_deployment, request, now)
        distribution = visit.distribution
    visit.trail.distribution = distribution
    behavior = visit.trail.behavior = behaviors.match(distribution.behaviors, request.path)

    # What the edge refuses, before any function sees it.
    verdict: Refusal | Redirect | None = (
        refused
        or (_waf_and_geo(visit, request, now) if distribution.web_acl else geo_restriction.check(viewer, distribution))
        or allowed_methods.check(request, behavior)
        or viewer_protocol.check(request, viewer, behavior)
    )
    signed_first = distribution.switches.signature_before_viewer_request
    if verdict is None and behavior.trusted_keys and signed_first:
        verdict, request, now = await _check_signature(visit, behavior, request, now)
    if verdict is not None:
        return await _finish(visit, behavior, request, request, _refuse(visit, verdict), now)

    # The viewer request function, which may answer in CloudFront's place or change the request. A changed URI does not
    # choose another behavior.
    function = behavior.functions.get(EventType.VIEWER_REQUEST)
    if function is None:
        seen = viewer_headers.apply(request, viewer, behavior)
    else:
        shown = _shown(visit, behavior, function, request)
        outcome, now = await user_code.viewer_request(visit, behavior, function, shown, now)
        if isinstance(outcome, Answer):
            return await _finish(visit, behavior, request, shown, outcome, now)
        seen, visit = _onward(visit, behavior, function, outcome)
    if behavior.trusted_keys and not signed_first:
        verdict, seen, now = await _check_signature(visit, behavior, seen, now)
        if verdict is not None:
            return await _finish(visit, behavior, request, seen, _refuse(visit, verdict), now)
    rooted = default_root_object.apply(seen, distribution)
    if isinstance(rooted, Refusal):
        return await _finish(visit, behavior, request, seen, _refuse(visit, rooted), now)
    visit.trail.seen = rooted

    # The cache, and behind it the origin.
    answer, now = await _from_cache(visit, behavior, rooted, now)
    return await _finish(visit, behavior, request, rooted, answer, now)


def _waf_and_geo(visit: Visit, request: Request, now: float) -> Refusal | None:
    """AWS WAF and geo restriction, in the order that a switch says."""
    distribution = visit.distribution
    geo, acl = geo_restriction.check(visit.viewer, distribution), distribution.web_acl
    if acl is None or (geo is not None and not distribution.switches.waf_before_geo_restriction):
        return geo
    judged = waf.check(request, visit.viewer, acl, partial(visit.store.rates.exceeds, now=now))
    visit.trail.notes.extend(judged.notes)
    return judged.refusal or geo


def _route(visit: Visit, policy: ContinuousDeployment, request: Request, now: float) -> tuple[Visit, Request]:
    """To the primary distribution of a continuous deployment, or to its staging distribution."""
    lot = chance.draw(visit.request_id, "staging")
    route = continuous_deployment.route(request, visit.viewer, visit.distribution, policy, lot, now)
    visit.trail.notes.append(route.note)
    if route.distribution is not visit.distribution:
        visit.trail.primary = visit.distribution
    return visit._replace(distribution=route.distribution, lines=route.lines), route.request


def _shown(visit: Visit, behavior: Behavior, function: Function, request: Request) -> Request:
    """The request as the viewer request function sees it. The CloudFront-* headers are there for a CloudFront Function;
    for a Lambda@Edge function they come afterwards."""
    if not visit.distribution.switches.default_root_object_after_viewer_request:
        rooted = default_root_object.apply(request, visit.distribution)
        request = request if isinstance(rooted, Refusal) else rooted
    return request if isinstance(function, LambdaFunction) else viewer_headers.apply(request, visit.viewer, behavior)


def _onward(visit: Visit, behavior: Behavior, function: Function, onward: user_code.Onward) -> tuple[Request, Visit]:
    """The request as the viewer request function left it, and the visit with the origin that it chose."""
    seen, target = onward
    if isinstance(function, LambdaFunction):
        seen = viewer_headers.apply(seen, visit.viewer, behavior)
    return seen, visit if target is None else visit._replace(target=target)


async def _check_signature(
    visit: Visit, behavior: Behavior, request: Request, now: float
) -> tuple[Refusal | None, Request, float]:
    """Signed URL or signed cookies, where the behavior trusts key groups. The request goes on without them."""
    stripped = signed_urls.strip(request)
    claim = signed_urls.examine(request, visit.viewer, behavior, now)
    if isinstance(claim, Refusal):
        return claim, stripped, now
    genuine, now = await VerifySignature(claim.key.pem, claim.hash_algorithm, claim.signature, claim.message)
    return signed_urls.judge(claim, genuine), stripped, now


def _refuse(visit: Visit, verdict: Refusal | Redirect) -> Answer:
    """The answer that the edge gives by itself."""
    visit.trail.notes.append(verdict.note)
    if isinstance(verdict, Redirect):
        return Answer(edge_errors.redirect(verdict), ResultType.REDIRECT, MadeBy.REDIRECT)
    visit.trail.detailed_result = verdict.detailed
    page = edge_errors.page(verdict, visit.request_id)
    return Answer(page, verdict.result_type, MadeBy.EDGE, close=verdict.close)


def _from_cache(
    visit: Visit, behavior: Behavior, request: Request, now: float
) -> Coroutine[AnyAsk, Any, tuple[Answer, float]]:
    """Look in the cache; go to the origin for what is not there, once for all who ask at the same time."""
    if not request_collapsing.uses_cache(request, behavior):
        visit.note("cache.not_used", "{} is not cached by this behavior", request.method)
        return fill.pass_through(visit, behavior, request, now)
    key = visit.trail.cache_key = cache_key.build(visit.distribution.cache_id, behavior, request)
    return fill.from_cache(visit, behavior, request, key, now)


async def _error_page(
    visit: Visit, page: error_pages.Page, original: Request, failed: Answer, now: float
) -> tuple[Answer, float]:
    """A custom error page: fetched like any object, through the behavior that its own path matches, but without
    functions of the viewer's side."""
    behavior = behaviors.match(visit.distribution.behaviors, page.path)
    request = viewer_headers.apply(error_pages.request_for(page), visit.viewer, behavior)
    request = error_pages.tell_of(original, request, viewer_headers.wanted(behavior))
    fetched, now = await _from_cache(visit._replace(target=None), behavior, request, now)
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
            answer, now = await _error_page(visit, page, original, answer, now)
    elif answer.made_by is MadeBy.CACHE:
        response = viewer_conditions.apply(seen, answer.response) or ranges.apply(seen, answer.response)
        if response is not None:
            answer = answer._replace(response=response)

    function = behavior.functions.get(EventType.VIEWER_RESPONSE)
    if function is not None:
        skipped = associations.skips_viewer_response(answer)
        if skipped is None:
            shown = seen if distribution.switches.viewer_response_sees_rewritten_request else original
            answer, now = await user_code.viewer_response(visit, function, shown, answer, now)
        else:
            visit.trail.notes.append(skipped)

    response = answer.response
    policy = behavior.response_headers_policy
    failed = answer.made_by is MadeBy.FUNCTION_FAILURE
    if policy is not None and (not failed or distribution.switches.policy_on_function_errors):
        response = response._replace(headers=_under_policy(visit, policy, original, answer, now))
    response = edge_headers.complete(response, now)
    visit.trail.answered = now
    lines = edge_headers.lines(answer.result_type, visit.edge, distribution, visit.request_id, answer.age_s)
    return Served(
        response,
        (*visit.lines, *lines) if visit.lines else lines,
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
