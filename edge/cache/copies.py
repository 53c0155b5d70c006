"""The cache of a worker: copies of what the cache's owner has, so that a fresh hit asks nobody.

With `edge serve --workers N` one process owns the caches. A worker keeps what the owner gave it, for as long as the
owner would call it fresh, and no object that an invalidation has named. The owner numbers its invalidations: what it
looked up before one is not kept by a worker that has heard of that one already.
"""

from __future__ import annotations

from collections.abc import Callable

from edge.cache.store import Store
from edge.model.cache_key import CacheKey
from edge.model.stored_object import StoredObject


class Copies(Store):
    """Copies within a budget of bytes. What is not here is asked of the owner, never of an origin."""

    __slots__ = ("_invalidation",)

    def __init__(self, max_bytes: int, *, name: str = "") -> None:
        super().__init__(max_bytes, name=name)
        self._invalidation = 0

    def keep(self, key: CacheKey, stored: StoredObject, invalidation: int) -> None:
        """Keep a copy of an object that was in the owner's cache after the invalidation of this number, unless a later
        one has come here meanwhile: that one may have named it."""
        if invalidation >= self._invalidation:
            self.put(key, stored)

    def invalidate(self, invalidation: int, doomed: Callable[[CacheKey, StoredObject], bool]) -> None:
        """Apply the owner's invalidation of this number."""
        self._invalidation = invalidation
        self.remove_where(doomed)


def copied(owned: Store, key: CacheKey, body: object, now: float) -> StoredObject | None:
    """What a worker may keep of an answer with this body: the owner's object, where it is that very body, whole, in
    memory and fresh. A body that is still arriving is copied by whoever asks next."""
    present = owned.peek(key)
    if present is None or present.body is not body or type(body) is not bytes:
        return None
    return present if now < present.fresh_until and not present.must_ask_origin else None
