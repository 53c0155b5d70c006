"""How long errors are cached.

Source: CloudFront Developer Guide, "Control how long CloudFront caches errors", "How CloudFront processes HTTP 4xx
and 5xx status codes from your origin". 410 is treated like 404: the pages disagree. Errors that are not listed are
not cached.
"""

from __future__ import annotations

from edge.model import cache_control, http_date, quotas
from edge.model.distribution import Behavior, Distribution
from edge.model.freshness import Freshness
from edge.model.note import Note
from edge.model.origin import Origin, OriginKind
from edge.model.response import Response
from edge.rules import ttl

_CACHED = frozenset({404, 410, 414, 501})
_CACHED_WHATEVER_THE_ORIGIN_SAYS = frozenset({500, 502, 503, 504})
_CACHED_ON_REQUEST = frozenset({400, 403, 405, 412, 415})
_S3_MINIMUM_S = 1


def freshness(
    response: Response, behavior: Behavior, distribution: Distribution, origin: Origin, now: float
) -> Freshness:
    """The verdict on an error that the origin sent at `now`."""
    status = response.status
    bounds = ttl.settings(behavior)
    if bounds.max_ttl_s == 0:
        return _not_cached(status, "caching is off")
    control = cache_control.parse(response.headers)
    minimum = minimum_ttl_s(status, distribution)
    if origin.kind is OriginKind.S3:
        minimum = max(minimum, _S3_MINIMUM_S)
    if status in _CACHED_WHATEVER_THE_ORIGIN_SAYS:
        if control.forbids_caching:
            return _cached(status, minimum, "error caching minimum TTL")
    elif control.forbids_caching:
        return _not_cached(status, "the origin forbids it", shared=False)
    asked: float | None = control.shared_max_age
    if asked is None and status not in _CACHED_ON_REQUEST:
        expires = http_date.parse(response.headers.get("expires"))
        asked = None if expires is None else expires - now
    if status in _CACHED_ON_REQUEST:
        if asked is None:
            return _not_cached(status, "only with max-age or s-maxage from the origin")
    elif status not in _CACHED and status not in _CACHED_WHATEVER_THE_ORIGIN_SAYS:
        return _not_cached(status, "CloudFront does not cache this status")
    if asked is None or asked <= minimum:
        return _cached(status, minimum, "error caching minimum TTL")
    return _cached(status, min(asked, bounds.max_ttl_s), "origin's age")


def for_failure(status: int, behavior: Behavior, distribution: Distribution) -> Freshness:
    """The verdict on the page for an origin that did not answer (a switch: AWS only speaks of the origin's errors)."""
    if not distribution.switches.cache_unreachable_errors or ttl.settings(behavior).max_ttl_s == 0:
        return _not_cached(status, "the page is made anew each time")
    return _cached(status, minimum_ttl_s(status, distribution), "error caching minimum TTL")


def minimum_ttl_s(status: int, distribution: Distribution) -> float:
    """How long an error of this status is cached at least; and the origin left alone after it failed to refresh an
    object."""
    rule = distribution.custom_error_responses.get(status)
    return quotas.ERROR_CACHING_MIN_TTL_S if rule is None else rule.error_caching_min_ttl_s


def _cached(status: int, ttl_s: float, why: str) -> Freshness:
    note = Note("error_caching.cached", "the error {} is cached for {} s ({})", (status, int(ttl_s), why))
    return Freshness(ttl_s > 0, ttl_s, note)


def _not_cached(status: int, why: str, *, shared: bool = True) -> Freshness:
    return Freshness(
        False, 0, Note("error_caching.not_cached", "the error {} is not cached: {}", (status, why)), shared=shared
    )
