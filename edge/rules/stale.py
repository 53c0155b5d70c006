"""When an expired object is served all the same.

Source: CloudFront Developer Guide, "Manage how long content stays in the cache (expiration)" (stale-while-revalidate,
stale-if-error), "How CloudFront processes HTTP 4xx and 5xx status codes". Never past the maximum TTL; an origin's 4xx
is passed on.
"""

from __future__ import annotations

from edge.model.stored_object import StoredObject


def while_revalidating(stored: StoredObject, now: float) -> bool:
    """Whether the viewer gets the expired object while a refresh runs: not one that every request asks the origin for
    (`Vary: *`)."""
    return not stored.must_ask_origin and now < stored.stale_while_revalidate_until


def holds_off(stored: StoredObject, now: float) -> bool:
    """Whether the origin, having failed a moment ago, is not asked yet."""
    return now < stored.retry_at and now < stored.stale_if_error_until


def stands_in(stored: StoredObject, status: int, now: float) -> bool:
    """Whether the expired object is served in place of what came of asking the origin: its status, or that of the page
    for an origin that did not answer."""
    return 500 <= status <= 599 and stored.status < 400 and now < stored.stale_if_error_until
