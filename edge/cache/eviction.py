"""Which object goes when the byte budget is used up: the oldest that nobody has asked for lately.

Objects stand in a queue in the order in which they came. The first one goes, unless somebody has asked for it since it
came to its place: then it goes back to the end, once. So a hit moves nothing, it only marks the object, and the first
hit alone does that: among a million objects each other place in memory that a hit had to reach would cost it more than
ten steps (docs/decisions/0022-second-chance.md).

Why an OrderedDict: a plain dict keeps the gaps that removed entries leave at its front, and looks through them for the
oldest entry each time; this one takes the oldest at the same cost at any size.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from edge.model import quotas
from edge.model.body import StoredBody, known_length
from edge.model.cache_key import CacheKey
from edge.model.stored_object import StoredObject

OBJECT_OVERHEAD_BYTES = 1_536
"""What the key, the headers and the bookkeeping of one object count for; benchmarks/ measures it."""

SECOND_CHANCES_MAX = 100
"""For each object that goes. Were all of a million asked for, the search for one that was not would be a pause."""


class SecondChance:
    """Objects by key, in the order in which they came or got their second chance."""

    __slots__ = ("_bytes", "_max_bytes", "_objects")

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._objects: OrderedDict[CacheKey, StoredObject] = OrderedDict()

    def get(self, key: CacheKey) -> StoredObject | None:
        """The object, which has been asked for by this."""
        stored = self._objects.get(key)
        if stored is not None and not stored.asked_for:
            stored.mark_asked_for(True)
        return stored

    def peek(self, key: CacheKey) -> StoredObject | None:
        """The object, without asking for it."""
        return self._objects.get(key)

    def put(self, key: CacheKey, stored: StoredObject) -> list[CacheKey]:
        """Put others out until there is room in the budget, and an object in; the keys of those that went."""
        self.remove(key)
        self._bytes += size_bytes(stored)
        gone: list[CacheKey] = []
        while self._bytes > self._max_bytes and self._objects:
            oldest = self._next_to_go()
            self.remove(oldest)
            gone.append(oldest)
        self._objects[key] = stored
        return gone

    def _next_to_go(self) -> CacheKey:
        for _ in range(SECOND_CHANCES_MAX):
            key = next(iter(self._objects))
            stored = self._objects[key]
            if not stored.asked_for:
                break
            stored.mark_asked_for(False)
            self._objects.move_to_end(key)
        return next(iter(self._objects))

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
