"""Key value stores in SQLite: what `cf.kvs()` reads.

One file serves any number of engines and processes at once; `:memory:` serves one. An update is not seen at once when a
propagation delay is set: each version of a value has the time from which functions see it.
Source: CloudFront Developer Guide, "Work with key value data" (eventual consistency), "Helper methods for key value
stores" (creationDateTime, lastUpdatedDateTime, keyCount). Near: AWS says "within a few seconds"; here the delay is the
same for each key.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS stores (name TEXT PRIMARY KEY, id TEXT, created REAL, updated REAL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS versions (
    store TEXT, key TEXT, seen_from REAL, value TEXT, PRIMARY KEY (store, key, seen_from)
) WITHOUT ROWID;
"""
"""`value` is NULL from when on a key is gone."""

_GET = "SELECT value FROM versions WHERE store = ? AND key = ? AND seen_from <= ? ORDER BY seen_from DESC LIMIT 1"
_LATEST = """
SELECT key, value FROM versions AS one WHERE store = ?1 AND value IS NOT NULL AND seen_from =
    (SELECT max(seen_from) FROM versions WHERE store = ?1 AND key = one.key AND seen_from <= ?2)
"""
_OUTDATED = """
DELETE FROM versions AS one WHERE store = ?1 AND seen_from <
    (SELECT max(seen_from) FROM versions WHERE store = ?1 AND key = one.key AND seen_from <= ?2)
"""
_FOREVER = float("inf")


class SqliteStores:
    """Stores by name. `path` is a file, made when missing, or ":memory:"; `now` gives epoch seconds."""

    def __init__(self, path: str | Path, now: Callable[[], float]) -> None:
        self._now = now
        self._ids: dict[str, str] = {}
        self._database = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = OFF")  # seeds come from files; nothing is lost with it
        self._database.executescript(_SCHEMA)

    def seed(self, store: str, pairs: Mapping[str, str], *, id: str = "", propagation_s: float = 0.0) -> None:
        """Make a store hold exactly these pairs. A new store has them at once; in one that is there already, what
        differs is an update, which functions see `propagation_s` later. `id` is the store's UUID, "" when unknown."""
        now = self._now()
        with self._database as database:
            database.execute("BEGIN IMMEDIATE")
            known = database.execute("SELECT 1 FROM stores WHERE name = ?", (store,)).fetchone()
            if known is None:
                database.execute("INSERT INTO stores VALUES (?, ?, ?, ?)", (store, id, now, now))
            else:
                database.execute("UPDATE stores SET id = ? WHERE name = ?", (id, store))
            held = dict(database.execute(_LATEST, (store, _FOREVER)))
            changed: list[tuple[str, str | None]] = [
                (key, text) for key, text in pairs.items() if held.get(key) != text
            ]
            changed += [(key, None) for key in held if key not in pairs]
            self._write(store, changed, now, now if known is None else now + propagation_s)
        self._ids[store] = id

    def _write(self, store: str, changed: Iterable[tuple[str, str | None]], now: float, seen_from: float) -> None:
        rows = [(store, key, seen_from, value) for key, value in changed]
        if not rows:
            return
        self._database.executemany("INSERT OR REPLACE INTO versions VALUES (?, ?, ?, ?)", rows)
        self._database.execute(_OUTDATED, (store, now))
        self._database.execute("UPDATE stores SET updated = ? WHERE name = ?", (now, store))

    def get(self, store: str, key: str) -> str | None:
        """The value of a key; None when the store has no such key."""
        try:
            found = self._database.execute(_GET, (store, key, self._now())).fetchone()
        except UnicodeEncodeError:  # half a surrogate pair: no key has one
            return None
        return None if found is None else str(found[0]) if found[0] is not None else None

    def id_of(self, store: str) -> str | None:
        """The UUID of a store, "" when it is not known; None when there is no such store."""
        id = self._ids.get(store)
        if id is None:
            found = self._database.execute("SELECT id FROM stores WHERE name = ?", (store,)).fetchone()
            if found is None:
                return None
            id = self._ids[store] = str(found[0])
        return id

    def look_again(self) -> None:
        """Another process has seeded the stores: what was learnt of them may not be true any more."""
        self._ids.clear()

    def meta(self, store: str) -> tuple[str, str, int]:
        """Creation time, time of the last update (both ISO 8601), and the number of keys."""
        created, updated = self._database.execute(
            "SELECT created, updated FROM stores WHERE name = ?", (store,)
        ).fetchone()
        count = len(self._database.execute(_LATEST, (store, self._now())).fetchall())
        return _iso(created), _iso(updated), count

    def close(self) -> None:
        """Nothing is read any more."""
        self._database.close()


class MemoryStores(SqliteStores):
    """Stores that are there from the start and never change, for one engine: name, then key, then value. All were made
    at `created`, and it stays that time."""

    def __init__(self, stores: Mapping[str, Mapping[str, str]], created: float) -> None:
        super().__init__(":memory:", lambda: created)
        for name, pairs in stores.items():
            self.seed(name, pairs)


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
