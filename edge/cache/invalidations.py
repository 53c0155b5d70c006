"""The invalidations of a distribution: what was asked, what became of it, and what may not be asked.

Source: CloudFront API Reference, CreateInvalidation, GetInvalidation, ListInvalidations, InvalidationBatch; CloudFront
Developer Guide, "Concurrent invalidation request maximum", "Specify the files to invalidate". The caller reference
makes a request that is sent twice one invalidation: with the same batch the first one is answered again, with another
it is InvalidationBatchAlreadyExists. Near: an invalidation is done at once, so it is never InProgress, and what counts
against the maximum of paths in progress is the batch alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from edge.model import quotas

Remove = Callable[["Batch"], int]


class Batch(NamedTuple):
    """What one invalidation names: paths and cache tags."""

    paths: tuple[str, ...]
    tags: tuple[str, ...] = ()


class Invalidation(NamedTuple):
    """One that was done at the time `created` (epoch seconds); `objects` is how many it removed."""

    id: str
    caller_reference: str
    created: float
    batch: Batch
    objects: int


class BatchExists(Exception):  # noqa: N818 -- it is an answer of the API
    """The caller reference was used for another batch."""


class TooMany(ValueError):  # noqa: N818 -- it is an answer of the API
    """More paths than may be in progress."""


class Invalidations:
    """Those that were asked for, the newest last. The oldest are forgotten."""

    def __init__(self) -> None:
        self._by_reference: dict[str, Invalidation] = {}

    def create(self, batch: Batch, caller_reference: str, now: float, id: str, remove: Remove) -> Invalidation:
        """Do one, or find the one that was done under this reference. Raises BatchExists, TooMany, and what `remove`
        raises for a path that AWS refuses."""
        earlier = self._by_reference.get(caller_reference)
        if earlier is not None:
            if earlier.batch != batch:
                raise BatchExists(f"the caller reference {caller_reference} was used for another batch")
            return earlier
        _count(batch)
        done = Invalidation(id, caller_reference, now, batch, remove(batch))
        self._by_reference[caller_reference] = done
        if len(self._by_reference) > quotas.INVALIDATIONS_KEPT_MAX:
            del self._by_reference[next(iter(self._by_reference))]
        return done

    def get(self, id: str) -> Invalidation | None:
        """The invalidation of an id."""
        return next((one for one in self._by_reference.values() if one.id == id), None)

    def all(self) -> tuple[Invalidation, ...]:
        """The newest first, as AWS lists them."""
        return tuple(reversed(self._by_reference.values()))


def _count(batch: Batch) -> None:
    wildcards = sum(path.endswith("*") for path in batch.paths)
    if wildcards > quotas.INVALIDATION_WILDCARDS_MAX:
        raise TooMany(f"{wildcards} paths with a wildcard; at most {quotas.INVALIDATION_WILDCARDS_MAX} at a time")
    files = len(batch.paths) - wildcards
    if files > quotas.INVALIDATION_PATHS_MAX:
        raise TooMany(f"{files} paths; at most {quotas.INVALIDATION_PATHS_MAX} at a time")
