"""What cf.kvs() asks, answered from the key value store that a function is associated with."""

from __future__ import annotations

import json

from edge.runtimes.runtime import KeyValueStores


def read_store(stores: KeyValueStores, store: str | None, kind: str, key: str) -> str | None:
    """The answer as text, None when there is none. Kinds: "g"et a value, whether a key "e"xists, "m"eta as JSON."""
    if store is None:
        return None
    if kind == "m":
        created, updated, count = stores.meta(store)
        return json.dumps({"creationDateTime": created, "lastUpdatedDateTime": updated, "keyCount": count})
    value = stores.get(store, key)
    return value if kind == "g" or value is None else ""
