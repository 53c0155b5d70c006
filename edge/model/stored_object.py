"""An object in the cache, with everything that decides how long it may be served."""

from __future__ import annotations

from dataclasses import dataclass, field

from edge.model import cache_control
from edge.model.body import KeptBody
from edge.model.freshness import Freshness
from edge.model.headers import Headers
from edge.model.parts import Parts
from edge.model.response import Response


@dataclass(frozen=True, slots=True)
class StoredObject:
    """A response as it was stored: Set-Cookie and hop-by-hop headers gone, compressed if it was to be.

    Times are epoch seconds. `stored_at` is when the origin sent or last confirmed it; `age_s` what its Age header said
    then. `fresh_until` ends freshness. Until `stale_while_revalidate_until` it is served while a refresh runs; until
    `stale_if_error_until` (never past the maximum TTL) it stands in for an origin that fails. `retry_at` is when the
    origin may be asked again after it failed to refresh this object. `parts` are what is here of an object that came
    in byte ranges; the body is empty then. `asked_for` is the cache's own note on it (`cache/eviction.py`), and no part
    of the value: a note kept beside it would be one more place in memory that each hit has to reach.
    """

    status: int
    headers: Headers
    body: KeptBody
    stored_at: float
    fresh_until: float
    reason: str | None = None
    age_s: int = 0
    stale_while_revalidate_until: float = 0.0
    stale_if_error_until: float = 0.0
    retry_at: float = 0.0
    must_ask_origin: bool = False
    parts: Parts | None = None
    asked_for: bool = field(default=False, init=False, repr=False, compare=False)

    def mark_asked_for(self, asked_for: bool) -> None:
        """Note whether it was asked for lately."""
        object.__setattr__(self, "asked_for", asked_for)

    def age(self, now: float) -> int:
        """Whole seconds since the origin made it, as the Age header says."""
        return self.age_s + max(0, int(now - self.stored_at))


def store(response: Response, body: KeptBody, freshness: Freshness, now: float) -> StoredObject:
    """A response as an object that came at `now`, its body as it can be kept. `no-cache="Set-Cookie"` keeps the cookies
    out of it: they were for the viewer who caused the fetch."""
    headers = response.headers.without("age")
    if "set-cookie" in headers and "set-cookie" in cache_control.parse(headers).no_cache_fields:
        headers = headers.without("set-cookie")
    fresh_until = now + freshness.ttl_s
    return StoredObject(
        status=response.status,
        headers=headers,
        body=body,
        stored_at=now,
        fresh_until=fresh_until,
        reason=response.reason,
        age_s=cache_control.delta_seconds(response.headers.get("age") or "") or 0,
        stale_while_revalidate_until=fresh_until + freshness.stale_while_revalidate_s,
        stale_if_error_until=fresh_until + freshness.stale_if_error_s,
        must_ask_origin=freshness.must_ask_origin,
    )
