"""One cache on the way from the viewer to the origin: look, wait for whoever fetches already, or fetch and keep.

What a cache does not have it gets from behind: an edge location's cache from its regional edge cache, that from Origin
Shield, and the last one from the origin (`fetch.py`). Each is this same story around the next, and keeps the very
object that the one behind it keeps, with its age.

Source: CloudFront Developer Guide, "How CloudFront delivers content", "Manage how long content stays in the cache
(expiration)", "Optimize high availability with CloudFront origin failover", "Use Amazon CloudFront Origin Shield".
Choices where AWS is silent: the page for an origin that cannot be reached is cached at the edge location only; an
origin of a group that has its own Origin Shield is asked through it, and an error that is cached there counts.
"""

from __future__ import annotations

from dataclasses import replace

from edge import fetch
from edge.asks import AskOwner, AwaitFill, ShareBody, StartRefresh
from edge.cache.copies import Copies
from edge.cache.store import Abandoned, Busy, Filled, Fresh, Lease, Released, Stale, Store
from edge.model import quotas
from edge.model.answer import Answer, MadeBy
from edge.model.body import Body, StoredBody, Tunnel
from edge.model.cache_key import CacheKey
from edge.model.distribution import Behavior
from edge.model.freshness import Freshness
from edge.model.origin import Origin, OriginFailure, OriginResponse, OriginTarget
from edge.model.request import Request
from edge.model.response import Response
from edge.model.result_type import ResultType
from edge.model.stored_object import StoredObject, store
from edge.model.topology import Layer
from edge.rules import (
    error_caching,
    origin_failover,
    partial_objects,
    regional_edge_caches,
    request_collapsing,
    revalidation,
    stale,
    ttl,
)
from edge.visit import Visit

_UNREACHABLE = 504
"""What an origin that does not answer counts as where statuses decide."""


async def from_cache(
    visit: Visit, behavior: Behavior, request: Request, key: CacheKey, now: float
) -> tuple[Answer, float]:
    """The answer for a key from a cache, or through it."""
    fresh = visit.store.fresh(key, now)
    if fresh is not None:  # what most requests find, at the least cost
        return _hit(visit, fresh, now), now
    if isinstance(visit.store, Copies):
        return await _from_owner(visit, visit.store, behavior, request, key)
    collapse = not visit.alone and request_collapsing.applies(request, behavior)
    while True:
        found = visit.store.lookup(key, now, collapse=collapse)
        if isinstance(found, Fresh):
            return _hit(visit, found.object, now), now
        if isinstance(found, Busy):
            if found.stale is not None and stale.while_revalidating(found.stale, now):
                return _hit(visit, found.stale, now), now
            end, now = await AwaitFill(found.lease)
            match end:
                case Filled(stored, kept):
                    visit.note("collapse.waited", "another request fetched the object, this one waited for it")
                    return _hit(visit, stored, now, keep=kept), now
                case Released():
                    visit.note("collapse.released", "the answer was for one viewer only, so this one asked for itself")
                    collapse, visit = False, visit.on_its_own()
                case Abandoned():
                    pass
            continue
        if isinstance(found, Stale):
            if stale.holds_off(found.object, now):
                found.lease.abandon()
                visit.note("stale.holds_off", "the origin failed a moment ago and is not asked again yet")
                return _stand_in(visit, found.object, now), now
            if stale.while_revalidating(found.object, now):
                visit.note("stale.while_revalidate", "served stale while a refresh runs")
                now = await _refresh_beside(visit, behavior, request, found.lease, now)
                return _hit(visit, found.object, now), now
            return await _fill(visit, behavior, request, found.lease, found.object, now)
        part = _from_parts(visit, request, key, now)
        if part is not None:
            found.lease.abandon()
            return part, now
        return await _fill(visit, behavior, request, found.lease, None, now)


async def _from_owner(
    visit: Visit, copies: Copies, behavior: Behavior, request: Request, key: CacheKey
) -> tuple[Answer, float]:
    """In a worker, whose cache holds copies only: the process that owns the cache runs `from_cache` with this."""
    ask = AskOwner(
        visit.viewer,
        visit.distribution,
        behavior,
        visit.edge,
        visit.request_id,
        visit.target,
        request,
        key,
        visit.trail.begun_elsewhere(),
    )
    found, now = await ask
    visit.trail.go_on_from(found.trail)
    if found.copy is not None:
        copies.keep(key, found.copy, found.invalidation)
    return found.answer, now


async def pass_through(visit: Visit, behavior: Behavior, request: Request, now: float) -> tuple[Answer, float]:
    """Ask the origin for an answer that no cache has a part in."""
    target = visit.target or origin_failover.target(visit.distribution, behavior)
    for origin, is_last in _in_turn(target):
        asked, now = await fetch.ask(visit, behavior, request, origin, None, now)
        if is_last or not _fails_over(visit, target, origin, request, asked.outcome):
            break
    if isinstance(asked.outcome, OriginFailure):
        return fetch.failure_page(visit, asked.outcome)[0], now
    response, now = await fetch.receive(visit, behavior, request, asked.attempt, asked.outcome, now)
    return response if isinstance(response, Answer) else _answer(response), now


def _hit(visit: Visit, stored: StoredObject, now: float, *, keep: bool = True) -> Answer:
    """An object from the cache as an answer. A cached error is called an error, not a hit."""
    layer = visit.store.layer
    if layer is not Layer.EDGE:
        visit.trail.layer = layer
        if layer is Layer.ORIGIN_SHIELD and stored.status < 400:
            visit.trail.detailed_result = "OriginShieldHit"
    result = ResultType.HIT
    if stored.status >= 400:
        result = ResultType.ERROR
        left_s = max(0, stored.fresh_until - now)
        visit.note(
            "error_caching.from_cache", "the error {} comes from the cache, for {:.0f} s more", stored.status, left_s
        )
    response = Response(stored.status, stored.headers, stored.body, stored.reason)
    return Answer(response, result, MadeBy.CACHE, stored.status, stored.age(now), False, stored, keep)


def _from_parts(visit: Visit, request: Request, key: CacheKey, now: float) -> Answer | None:
    """A byte range of an object of which that part is here."""
    if "range" not in request.headers:
        return None
    held = visit.store.peek(key.of_parts)
    part = None if held is None else partial_objects.part_for(request, held, now)
    if part is None:
        return None
    visit.note("ranges.from_parts", "the byte range was cut out of parts that are in the cache")
    return _hit(visit, part, now)


def _stand_in(visit: Visit, expired: StoredObject, now: float) -> Answer:
    """An expired object in place of an origin that fails."""
    result = ResultType(visit.distribution.switches.serve_stale_x_cache)
    return _hit(visit, expired, now)._replace(result_type=result)


def _stand_in_for(visit: Visit, expired: StoredObject, status: int, now: float) -> Answer | None:
    """An expired object in place of an answer of this status, where the rules say so. The origin is left alone for a
    while then."""
    if not stale.stands_in(expired, status, now):
        return None
    visit.note("stale.stands_in", "the origin failed, so the expired object was served")
    visit.trail.detailed_result = ""
    retry_at = now + error_caching.minimum_ttl_s(status, visit.distribution)
    return _stand_in(visit, replace(expired, retry_at=retry_at), now)


async def _refresh_beside(visit: Visit, behavior: Behavior, request: Request, lease: Lease, now: float) -> float:
    """Have an expired object refreshed while this request goes on: once, and whole, whatever part of it this request
    is about."""
    if not lease.exclusive:
        lease.abandon()
        again = visit.store.lookup(lease.key, now, collapse=True)
        if not isinstance(again, Stale):
            return now
        lease = again.lease
    expired = visit.store.peek(lease.key)
    _, now = await StartRefresh(_refresh(visit, behavior, request_collapsing.whole(request), lease, expired, now))
    return now


async def _refresh(
    visit: Visit, behavior: Behavior, request: Request, lease: Lease, expired: StoredObject | None, now: float
) -> Body:
    """A fill that nobody waits for. The body must be read to its end."""
    answer, _ = await _fill(visit, behavior, request, lease, expired, now)
    return answer.response.body


async def _fill(
    visit: Visit, behavior: Behavior, request: Request, lease: Lease, expired: StoredObject | None, now: float
) -> tuple[Answer, float]:
    """Get what the lease is for from behind, keep it if it may be kept, and answer. The lease ends on every path."""
    try:
        answer, now = await _from_behind(visit, behavior, request, lease, expired, now)
        if expired is not None and answer.made_by is not MadeBy.FUNCTION_FAILURE:
            answer = _stand_in_for(visit, expired, answer.response.status, now) or answer
        _keep(visit.store, lease, answer)
        return answer, now
    finally:
        lease.abandon()


def _keep(cache: Store, lease: Lease, answer: Answer) -> None:
    """End a lease with what came of it, and keep that in this cache if it may be kept."""
    stored = answer.stored
    if stored is None:
        lease.release()
        return
    where = partial_objects.content_range(answer.response) if answer.keep and stored.status == 206 else None
    keep = answer.keep and stored.status != 206 and (answer.failure is None or cache.layer is Layer.EDGE)
    lease.fill(stored, keep=keep, shared=answer.shared and where is None)
    key, body = lease.key, stored.body
    if where is not None:

        def keep_part(data: bytes | StoredBody | None) -> None:
            if isinstance(data, bytes):  # parts are kept in memory
                _keep_part(cache, key, stored, where, data)

        keep_part(body) if isinstance(body, bytes | StoredBody) else body.when_kept(keep_part)
    elif keep and not isinstance(body, bytes | StoredBody):
        body.when_kept(lambda data: cache.complete(key, stored, data))


def _keep_part(
    cache: Store, key: CacheKey, part: StoredObject, where: partial_objects.ContentRange, data: bytes
) -> None:
    """Keep a byte range beside those of the same object; a whole object when none is missing."""
    kept = partial_objects.joined(cache.peek(key.of_parts), part, where, data)
    if kept is None:
        return
    if kept.parts is None:
        cache.remove(key.of_parts)
        cache.put(key, kept)
    else:
        cache.put(key.of_parts, kept)


async def _from_behind(
    visit: Visit, behavior: Behavior, request: Request, lease: Lease, expired: StoredObject | None, now: float
) -> tuple[Answer, float]:
    """What the cache behind this one has, or the origins."""
    target = visit.target or origin_failover.target(visit.distribution, behavior)
    behind, key = visit.store.behind, lease.key
    if behind is not None:
        passed_by = regional_edge_caches.passed_by(request, target, behind.name)
        if passed_by is None:
            return await from_cache(visit.behind(behind, lease), behavior, request, key, now)
        visit.trail.notes.append(passed_by)
    for origin, is_last in _in_turn(target):
        shield = visit.store.shield_of(origin) if regional_edge_caches.shields(request) else None
        if shield is not None:
            alone = visit.behind(shield, lease)._replace(target=OriginTarget((origin,), frozenset()))
            answer, now = await from_cache(alone, behavior, request, key._replace(origin_id=origin.id), now)
            if is_last or not _fails_over(visit, target, origin, request, answer):
                return answer, now
            continue
        asked, now = await fetch.ask(visit, behavior, request, origin, expired, now)
        if is_last or not _fails_over(visit, target, origin, request, asked.outcome):
            break
    return await _from_origin(visit, behavior, request, asked, expired, now)


def _in_turn(target: OriginTarget) -> list[tuple[Origin, bool]]:
    """The origins of a target in their order, and whether each is the last."""
    return [(origin, position == len(target.origins)) for position, origin in enumerate(target.origins, 1)]


def _fails_over(
    visit: Visit,
    target: OriginTarget,
    origin: Origin,
    request: Request,
    outcome: fetch.Outcome | fetch.Generated | Answer,
) -> bool:
    """Whether the next origin is asked. What a function made, or failed to make, does not fail over."""
    if isinstance(outcome, Answer):
        if outcome.made_by is MadeBy.FUNCTION_FAILURE:
            return False
        outcome = outcome.failure or OriginResponse(outcome.origin_status, "", outcome.response.headers, b"")
    if isinstance(outcome, fetch.Generated) or not origin_failover.fails_over(target, request.method, outcome):
        return False
    following = target.origins[target.origins.index(origin) + 1]
    visit.note("failover.next", "{} failed, {} is asked", origin.id, following.id)
    return True


async def _from_origin(
    visit: Visit, behavior: Behavior, request: Request, asked: fetch.Asked, expired: StoredObject | None, now: float
) -> tuple[Answer, float]:
    """What the origin's answer comes to: for this viewer, and for the caches."""
    outcome = asked.outcome
    if expired is not None and isinstance(outcome, OriginResponse) and outcome.status == 304:
        return _confirmed(visit, behavior, expired, outcome, now), now
    if expired is not None and isinstance(outcome, fetch.Outcome):
        status = outcome.status if isinstance(outcome, OriginResponse) else _UNREACHABLE
        if (instead := _stand_in_for(visit, expired, status, now)) is not None:
            return instead, now
    if isinstance(outcome, OriginFailure):
        page, body = fetch.failure_page(visit, outcome)
        fresh = error_caching.for_failure(page.response.status, behavior, visit.distribution)
        _observe(visit, fresh)
        return page._replace(stored=store(page.response, body, fresh, now), keep=fresh.storable), now
    received, now = await fetch.receive(visit, behavior, request, asked.attempt, outcome, now)
    if isinstance(received, Answer):
        return received, now
    response, now = await fetch.finish(behavior, request, received, now)
    if response.status >= 400:
        fresh = error_caching.freshness(response, behavior, visit.distribution, asked.attempt.origin, now)
    else:
        fresh = ttl.freshness(response.headers, behavior, now)
    _observe(visit, fresh)
    return await _for_caches(visit, request, response, fresh, now)


def _confirmed(visit: Visit, behavior: Behavior, expired: StoredObject, outcome: OriginResponse, now: float) -> Answer:
    """An expired object that the origin says is still good."""
    headers = revalidation.merged(expired.headers, outcome.headers)
    fresh = ttl.freshness(headers, behavior, now)
    _observe(visit, fresh)
    response = Response(expired.status, headers, expired.body, expired.reason)
    stored = store(response, expired.body, fresh, now)
    return Answer(response, ResultType.REFRESH_HIT, MadeBy.CACHE, expired.status, stored=stored, keep=fresh.storable)


async def _for_caches(
    visit: Visit, request: Request, response: Response, fresh: Freshness, now: float
) -> tuple[Answer, float]:
    """The answer with the object that caches may keep of it. A body that is still arriving is shared: viewers have it
    meanwhile, and it is complete in the caches when it has come to its end."""
    body = response.body
    part = request.method == "GET" and partial_objects.content_range(response) is not None
    keep = fresh.storable and (part or request_collapsing.fills(request, response))
    if isinstance(body, Tunnel) or (not keep and not (fresh.shared and isinstance(body, bytes))):
        return _answer(response), now
    if not isinstance(body, bytes):
        most = quotas.CACHE_OBJECT_MEMORY_MAX_BYTES if part else visit.store.object_max_bytes
        if (body.length or 0) > most:
            visit.note("cache.too_large", "{} bytes are too many for the cache", body.length)
            return _answer(response), now
        body, now = await ShareBody(body, most, in_memory=part)
        response = response._replace(body=body)
    stored = store(response, body, fresh, now)
    return _answer(response)._replace(stored=stored, keep=keep, shared=fresh.shared), now


def _answer(response: Response) -> Answer:
    """An origin's response as an answer: errors are called errors, whoever made them."""
    result = ResultType.ERROR if response.status >= 400 else ResultType.MISS
    return Answer(response, result, MadeBy.ORIGIN, response.status)


def _observe(visit: Visit, fresh: Freshness) -> None:
    visit.trail.ttl_s = fresh.ttl_s if fresh.storable else 0
    visit.trail.notes.append(fresh.note)
