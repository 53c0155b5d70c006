"""Which object goes when the byte budget is used up: the one that was asked for least recently.

Why least recently used and not something cleverer: CloudFront only says that rarely requested objects go first, and a
dict in insertion order does it in one move per hit, flat at any size.
"""

from __future__ import annotations

from collections.abc import Iterable

from edge.model.body import known_length
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
        self._objects: dict[CacheKey, StoredObject] = {}

    def get(self, key: CacheKey) -> StoredObject | None:
        """The object, which becomes the most recently used."""
        stored = self._objects.pop(key, None)
        if stored is not None:
            self._objects[key] = stored
        return stored

    def peek(self, key: CacheKey) -> StoredObject | None:
        """The object, its place unchanged."""
        return self._objects.get(key)

    def put(self, key: CacheKey, stored: StoredObject) -> None:
        """Put an object in, and others out until the budget holds."""
        self.remove(key)
        self._objects[key] = stored
        self._bytes += size_bytes(stored)
        while self._bytes > self._max_bytes and len(self._objects) > 1:
            self.remove(next(iter(self._objects)))

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
    """What an object counts for; one that is still arriving counts for its announced length."""
    parts_bytes = 0 if stored.parts is None else stored.parts.size_bytes
    return OBJECT_OVERHEAD_BYTES + (known_length(stored.body) or 0) + parts_bytes
