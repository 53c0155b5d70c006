"""The store: what a lookup finds, and the lease that makes one request fetch for all.

Request collapsing is a duty: whoever gets a Lease must end it, by filling it, releasing it or abandoning it. Everybody
who asks for the same key meanwhile gets Busy and may wait for that end.
Source: CloudFront Developer Guide, "Request and response behavior for custom origins", request collapsing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple, Protocol, TypeAlias

from edge.cache.eviction import SecondChance
from edge.cache.request_rates import RequestRates
from edge.model import quotas
from edge.model.body import StoredBody
from edge.model.cache_key import CacheKey
from edge.model.origin import Origin
from edge.model.stored_object import StoredObject
from edge.model.topology import Layer


class Filled(NamedTuple):
    """The lease brought an object, which everybody who waited may have; `kept` says whether a cache may keep it."""

    object: StoredObject
    kept: bool = True


class Released(NamedTuple):
    """The answer was for one viewer only; everybody who waited goes to the origin, all at once."""


class Abandoned(NamedTuple):
    """The fetch came to nothing (its viewer left). Look again: somebody else must take the duty."""


LeaseEnd: TypeAlias = Filled | Released | Abandoned


class Lease:
    """The duty to fetch one key. `exclusive` False: nobody waits for it."""

    __slots__ = ("_end", "_store", "_watchers", "exclusive", "key")

    def __init__(self, store: Store, key: CacheKey, exclusive: bool) -> None:
        self.key = key
        self.exclusive = exclusive
        self._store = store
        self._end: LeaseEnd | None = None
        self._watchers: list[Callable[[LeaseEnd], None]] = []

    @property
    def ended(self) -> bool:
        """Whether the duty is done."""
        return self._end is not None

    def when_ended(self, tell: Callable[[LeaseEnd], None]) -> None:
        """Call `tell` once, when the lease ends; at once if it has."""
        if self._end is not None:
            tell(self._end)
        else:
            self._watchers.append(tell)

    def fill(self, stored: StoredObject, *, keep: bool = True, shared: bool = True) -> None:
        """Put the object in the store unless it is not to be kept, and give it to everybody who waits; when it is not
        theirs (`shared` False), let them go to the origin."""
        if self._end is None:
            if keep:
                self._store.put(self.key, stored)
            self._finish(Filled(stored, keep) if shared else Released())

    def release(self) -> None:
        """Let everybody who waits go to the origin: this answer is not theirs."""
        self._finish(Released())

    def abandon(self) -> None:
        """End without an object. Does nothing to a lease that has ended: safe in every `finally`."""
        self._finish(Abandoned())

    def _finish(self, end: LeaseEnd) -> None:
        if self._end is not None:
            return
        self._end = end
        self._store.forget_lease(self)
        watchers, self._watchers = self._watchers, []
        for tell in watchers:
            tell(end)


class Fresh(NamedTuple):
    """An object that may be served as it is."""

    object: StoredObject


class Stale(NamedTuple):
    """An expired object, and the duty to refresh it."""

    object: StoredObject
    lease: Lease


class Miss(NamedTuple):
    """Nothing there, and the duty to fetch it."""

    lease: Lease


class Busy(NamedTuple):
    """Somebody is fetching it. `stale` is the expired object, if there is one."""

    lease: Lease
    stale: StoredObject | None


Lookup: TypeAlias = Fresh | Stale | Miss | Busy


class Journal(Protocol):
    """Who writes down what a cache holds."""

    def kept(self, key: CacheKey, stored: StoredObject) -> None:
        """An object is in the cache, in place of any other of this key."""
        ...

    def gone(self, key: CacheKey) -> None:
        """It is no longer."""
        ...


class Store:
    """Objects by cache key, within a budget of bytes.

    `layer` and `name` say where this cache stands: an edge location by its code, the others by their region. `behind`
    is the cache that is asked for what is not here, None when the origin is; `shield_of` gives the cache that stands in
    front of one origin, if it has one. `rates` counts requests for AWS WAF. `journal` is told of what comes and goes,
    None for nobody; bodies longer than `object_max_bytes` are not kept.
    """

    __slots__ = ("_leases", "_objects", "behind", "journal", "layer", "name", "object_max_bytes", "rates", "shield_of")

    def __init__(
        self,
        max_bytes: int = quotas.CACHE_MEMORY_MAX_BYTES,
        *,
        layer: Layer = Layer.EDGE,
        name: str = "",
        behind: Store | None = None,
        shield_of: Callable[[Origin], Store | None] = lambda origin: None,
    ) -> None:
        self.layer = layer
        self.name = name
        self.behind = behind
        self.shield_of = shield_of
        self.rates = RequestRates()
        self.journal: Journal | None = None
        self.object_max_bytes = quotas.CACHE_OBJECT_MEMORY_MAX_BYTES
        self._objects = SecondChance(max_bytes)
        self._leases: dict[CacheKey, Lease] = {}

    def fresh(self, key: CacheKey, now: float) -> StoredObject | None:
        """The object of a key, if it may be served as it is."""
        stored = self._present(key)
        return stored if stored is not None and now < stored.fresh_until and not stored.must_ask_origin else None

    def _present(self, key: CacheKey) -> StoredObject | None:
        """The object of a key. One whose body was kept outside of memory, and is there no longer, goes."""
        stored = self._objects.get(key)
        if stored is None or type(stored.body) is bytes:
            return stored
        if isinstance(stored.body, StoredBody) and stored.body.gone():
            self.remove(key)
            return None
        return stored

    def lookup(self, key: CacheKey, now: float, *, collapse: bool) -> Lookup:
        """What there is for a key. With `collapse` False the caller fetches for itself alone: never Busy."""
        stored = self._present(key)
        if stored is not None and now < stored.fresh_until and not stored.must_ask_origin:
            return Fresh(stored)
        if collapse:
            running = self._leases.get(key)
            if running is not None:
                return Busy(running, stored)
        lease = Lease(self, key, collapse)
        if collapse:
            self._leases[key] = lease
        return Miss(lease) if stored is None else Stale(stored, lease)

    def peek(self, key: CacheKey) -> StoredObject | None:
        """The object of a key, fresh or not, without any duty."""
        return self._objects.peek(key)

    def put(self, key: CacheKey, stored: StoredObject) -> None:
        """Store an object in place of any other of this key."""
        evicted = self._objects.put(key, stored)
        if self.journal is not None:
            self.journal.kept(key, stored)
            for one in evicted:
                self.journal.gone(one)

    def remove(self, key: CacheKey) -> None:
        """Take an object out, if it is there."""
        self._objects.remove(key)
        if self.journal is not None:
            self.journal.gone(key)

    def complete(self, key: CacheKey, stored: StoredObject, body: bytes | StoredBody | None) -> None:
        """The body of an object that was stored while still arriving is here; None when it broke off: then it goes.

        The object may have been refreshed meanwhile, and still be waiting for the same body."""
        present = self._objects.peek(key)
        if present is None or present.body is not stored.body:
            return
        if body is None:
            self.remove(key)
        else:
            self.put(key, replace(present, body=body))

    def remove_where(self, doomed: Callable[[CacheKey, StoredObject], bool]) -> int:
        """Remove every object that the test names (an invalidation); how many there were."""
        keys = [key for key, stored in self._objects.items() if doomed(key, stored)]
        for key in keys:
            self.remove(key)
        return len(keys)

    def forget_lease(self, lease: Lease) -> None:
        """Called by a lease that ends."""
        if self._leases.get(lease.key) is lease:
            del self._leases[lease.key]

    @property
    def leases(self) -> int:
        """How many fetches others may wait for."""
        return len(self._leases)

    def __len__(self) -> int:
        return len(self._objects)
