"""Which object goes when the byte budget is used up: the one that was asked for least recently.

Why least recently used and not something cleverer: CloudFront only says that rarely requested objects go first, and a
user can predict it. Why an OrderedDict: a plain dict keeps the gaps that removed entries leave at its front, and looks
through them for the oldest entry each time; this one takes the oldest at the same cost at any size.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from edge.model import quotas
from edge.model.body import StoredBody, known_length
from edge.model.cache_key import CacheKey
from edge.model.stored_object import StoredObject

OBJECT_OVERHEAD_BYTES = 1_024
"""What the key, the headers and the bookkeeping of one object count for; benchmarks/ measures it."""


class LeastRecentlyUsed:
    """Objects by key, the least recently used first."""

    __slots__ = ("_bytes", "_max_bytes", "_objects")

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._objects: OrderedDict[CacheKey, StoredObject] = OrderedDict()

    def get(self, key: CacheKey) -> StoredObject | None:
        """The object, which becomes the most recently used."""
        stored = self._objects.get(key)
        if stored is not None:
            self._objects.move_to_end(key)
        return stored

    def peek(self, key: CacheKey) -> StoredObject | None:
        """The object, its place unchanged."""
        return self._objects.get(key)

    def put(self, key: CacheKey, stored: StoredObject) -> list[CacheKey]:
        """Put an object in, and others out until the budget holds: those whose keys are returned."""
        self.remove(key)
        self._objects[key] = stored
        self._bytes += size_bytes(stored)
        gone: list[CacheKey] = []
        while self._bytes > self._max_bytes and len(self._objects) > 1:
            key, oldest = self._objects.popitem(last=False)
            self._bytes -= size_bytes(oldest)
            gone.append(key)
        return gone

    def remove(self, key: CacheKey) -> None:
        """Take an object out, if it is there."""
        stored = self._objects.pop(key, None)
        if stored is not None:
            self._bytes -= size_bytes(stored)

    def items(self) -> Iterable[tuple[CacheKey, StoredObject]]:
        """All keys and objects."""
        return self._objects.items()

    @property
    def bytes(self) -> int:
        """How much of the budget is in use."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._objects)


def size_bytes(stored: StoredObject) -> int:
    """What an object counts for in memory; one that is still arriving counts for its announced length, as far as memory
    will hold it."""
    if isinstance(stored.body, StoredBody):
        return OBJECT_OVERHEAD_BYTES
    parts_bytes = 0 if stored.parts is None else stored.parts.size_bytes
    body_bytes = min(known_length(stored.body) or 0, quotas.CACHE_OBJECT_MEMORY_MAX_BYTES)
    return OBJECT_OVERHEAD_BYTES + body_bytes + parts_bytes
