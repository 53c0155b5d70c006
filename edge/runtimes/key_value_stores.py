"""Key value stores in memory, seeded from the configuration: what `cf.kvs()` reads.

Not modelled here: propagation delay, and updates while the proxy runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime


class MemoryStores:
    """Stores by name, each a mapping from key to value."""

    def __init__(self, stores: Mapping[str, Mapping[str, str]], created: float) -> None:
        self._stores = {name: dict(pairs) for name, pairs in stores.items()}
        self._created = datetime.fromtimestamp(created, UTC).isoformat()

    def get(self, store: str, key: str) -> str | None:
        """The value of a key; None when the store has no such key."""
        return self._stores.get(store, {}).get(key)

    def exists(self, store: str) -> bool:
        """Whether there is a store of this name."""
        return store in self._stores

    def meta(self, store: str) -> tuple[str, str, int]:
        """Creation time, time of the last update (both ISO 8601), and the number of keys."""
        return self._created, self._created, len(self._stores.get(store, {}))
