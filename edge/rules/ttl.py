"""How long a response stays fresh: the origin's headers within the policy's minimum, default and maximum TTL.

Source: CloudFront Developer Guide, "Manage how long content stays in the cache (expiration)". Cache-Control without an
age counts like no age at all. An object that is stale goes when its age is the maximum TTL. must-revalidate,
proxy-revalidate, immutable, public and Pragma have no documented effect and none here; nor has the Age that an origin
sends on freshness. Errors are `error_caching.py`.
"""

from __future__ import annotations

from edge.model import cache_control, http_date
from edge.model.distribution import Behavior
from edge.model.freshness import Freshness
from edge.model.headers import Headers
from edge.model.note import Note
from edge.model.policies import CachePolicy, ForwardedValues

_NO_SETTINGS = ForwardedValues()


def settings(behavior: Behavior) -> CachePolicy | ForwardedValues:
    """Where the behavior's minimum, default and maximum TTL stand."""
    return behavior.cache_policy or behavior.forwarded_values or _NO_SETTINGS


def freshness(headers: Headers, behavior: Behavior, now: float) -> Freshness:
    """The verdict on a response that came at `now`."""
    bounds = settings(behavior)
    control = cache_control.parse(headers)
    vary_all = headers.get("vary") == "*" and bounds.min_ttl_s == 0
    if control.forbids_caching:
        if bounds.min_ttl_s == 0:
            note = Note("ttl.forbidden", "the origin says {}, so it is not cached", (headers.joined("cache-control"),))
            return Freshness(False, 0, note, shared=False)
        note = Note(
            "ttl.minimum_wins",
            "cached for the minimum TTL of {} s in spite of {}",
            (bounds.min_ttl_s, headers.joined("cache-control")),
        )
        if_error = stale_if_error_s(control, bounds, bounds.min_ttl_s)
        return Freshness(True, bounds.min_ttl_s, note, stale_if_error_s=if_error)
    asked = control.shared_max_age
    if asked is not None:
        ttl, note = _clamped(asked, bounds, "s-maxage" if control.s_maxage is not None else "max-age")
    elif (expires := headers.get("expires")) is not None:
        ttl, note = _clamped(max(0.0, (http_date.parse(expires) or now) - now), bounds, "Expires")
    else:
        ttl = max(bounds.min_ttl_s, bounds.default_ttl_s)
        note = Note("ttl.default", "the origin gives no age, so the default TTL of {} s counts", (ttl,))
    return Freshness(
        # With a maximum TTL of 0 nothing is kept; an age of 0 is kept, to be confirmed by the origin each time.
        bounds.max_ttl_s > 0,
        ttl,
        note,
        stale_while_revalidate_s=_capped(control.stale_while_revalidate or 0, bounds, ttl),
        stale_if_error_s=stale_if_error_s(control, bounds, ttl),
        shared=ttl > 0,
        must_ask_origin=vary_all,
    )


def stale_if_error_s(control: cache_control.CacheControl, bounds: CachePolicy | ForwardedValues, ttl_s: float) -> float:
    """How long after its `ttl_s` an object may stand in for a failing origin: until its age is the maximum TTL, unless
    the origin says less."""
    window = bounds.max_ttl_s if control.stale_if_error is None else control.stale_if_error
    return _capped(window, bounds, ttl_s)


def _capped(window_s: float, bounds: CachePolicy | ForwardedValues, ttl_s: float) -> float:
    """Nothing is served that is older than the maximum TTL."""
    return max(0.0, min(window_s, bounds.max_ttl_s - ttl_s))


def _clamped(asked: float, bounds: CachePolicy | ForwardedValues, source: str) -> tuple[float, Note]:
    if asked < bounds.min_ttl_s:
        template = "{} of {} s is raised to the minimum TTL of {} s"
        return bounds.min_ttl_s, Note("ttl.minimum_wins", template, (source, int(asked), bounds.min_ttl_s))
    if asked > bounds.max_ttl_s:
        template = "{} of {} s is cut to the maximum TTL of {} s"
        return bounds.max_ttl_s, Note("ttl.maximum_wins", template, (source, int(asked), bounds.max_ttl_s))
    return asked, Note("ttl.origin", "{} of {} s counts", (source, int(asked)))
