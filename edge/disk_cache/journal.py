"""What the caches hold, written down in SQLite, so that a restart begins with it.

A row is one object of one cache: its key, what decides how long it may be served, and its body, or the file that holds
it. The journal is a help and never a condition: one that cannot be read is begun anew, and when it cannot be written
that is said once and the cache goes on in memory. What was fetched from other origins than those of now is not taken
up. Nothing is synced: a machine that goes down may lose the last rows, not its requests.
"""

from __future__ import annotations

import fcntl
import json
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

from edge.cache.store import Store
from edge.disk_cache.files import ARRIVING, WHOLE, FileBody, Spool
from edge.model import quotas
from edge.model.body import StoredBody
from edge.model.cache_key import CacheKey
from edge.model.headers import Headers
from edge.model.stored_object import StoredObject

_VERSION = "1"
_PLAIN = tuple(one.name for one in fields(StoredObject) if one.init and one.name not in ("headers", "body", "parts"))
_TABLES = """
    CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT);
    CREATE TABLE IF NOT EXISTS objects (
        cache TEXT, key TEXT, object TEXT, body BLOB, file TEXT, bytes INTEGER, PRIMARY KEY (cache, key)
    );
    CREATE INDEX IF NOT EXISTS by_file ON objects (file);
"""


class DiskCache:
    """A folder with a journal and bodies. `site` says where objects come from; `max_bytes` is for the files."""

    def __init__(self, folder: Path, site: str, max_bytes: int, say: Callable[[str], None] = lambda text: None) -> None:
        """Raises OSError when the folder cannot be made, or another process uses it."""
        self._bodies = folder / "bodies"
        self._bodies.mkdir(parents=True, exist_ok=True)
        self._lock = (folder / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise OSError(f"another edge uses it ({folder})") from None
        self._site = site
        self._max_bytes = max_bytes
        self._say = say
        self._stores: dict[str, Store] = {}
        self._failed = False
        self._database = self._open(folder / "journal.sqlite")
        self._tidy()
        self._bytes = int(self._one("SELECT COALESCE(SUM(bytes), 0) FROM objects WHERE file IS NOT NULL") or 0)

    def spool(self) -> Spool:
        """A file for a body that arrives. Raises OSError."""
        return Spool(self._bodies)

    def attach(self, store: Store) -> None:
        """Fill a cache with what it held, and write down what it holds from now on."""
        name = f"{store.layer}/{store.name}"
        self._stores[name] = store
        for key, stored in self._rows(name):
            store.put(key, stored)
        store.journal = _OfOneCache(self, name)
        store.object_max_bytes = min(self._max_bytes, quotas.CACHEABLE_OBJECT_MAX_BYTES)

    def close(self) -> None:
        """Finish the journal."""
        for store in self._stores.values():
            store.journal = None
        self._database.close()
        self._lock.close()

    def keep(self, cache: str, key: CacheKey, stored: StoredObject) -> None:
        """Write an object down in place of any other of this key."""
        body = stored.body
        if stored.parts is not None or not isinstance(body, bytes | FileBody):
            self.forget(cache, key)  # it is still arriving, or there are pieces of it only
            return
        text, before = _text(key), self._file_of(cache, key)
        file = body.path.name if isinstance(body, FileBody) else None
        row = (cache, text, _shown(stored), body if isinstance(body, bytes) else None, file, body_length(body))
        self._run("INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?, ?)", row)
        if file is not None and file != before:
            self._bytes += body_length(body)
        if before is not None and before != file:
            self._drop(before)
        self._make_room(cache, text)

    def forget(self, cache: str, key: CacheKey) -> None:
        """An object is in the cache no longer."""
        file = self._file_of(cache, key)
        self._run("DELETE FROM objects WHERE cache = ? AND key = ?", (cache, _text(key)))
        if file is not None:
            self._drop(file)

    def _make_room(self, cache: str, newest: str) -> None:
        """Take the files out that were kept first, until the rest is within the budget."""
        while self._bytes > self._max_bytes:
            found = self._run(
                "SELECT cache, key FROM objects WHERE file IS NOT NULL AND NOT (cache = ? AND key = ?) "
                "ORDER BY rowid LIMIT 1",
                (cache, newest),
            )
            if not found:
                return
            name, text = found[0]
            if name in self._stores:
                self._stores[name].remove(_key(text))
            else:
                self.forget(name, _key(text))

    def _drop(self, file: str) -> None:
        """Delete a file that no cache holds any more."""
        if self._one("SELECT 1 FROM objects WHERE file = ?", (file,)) is not None:
            return
        path = self._bodies / file
        try:
            self._bytes -= path.stat().st_size
            path.unlink()
        except OSError:
            pass  # it is gone, which is what was wanted

    def _rows(self, cache: str) -> Iterable[tuple[CacheKey, StoredObject]]:
        query = "SELECT key, object, body, file, bytes FROM objects WHERE cache = ? ORDER BY rowid"
        for text, shown, data, file, size in self._run(query, (cache,)):
            body = data if file is None else FileBody(self._bodies / file, size)
            if isinstance(body, FileBody) and body.gone():
                self._run("DELETE FROM objects WHERE cache = ? AND key = ?", (cache, text))
                continue
            yield _key(text), _object(shown, body)

    def _file_of(self, cache: str, key: CacheKey) -> str | None:
        found = self._one("SELECT file FROM objects WHERE cache = ? AND key = ?", (cache, _text(key)))
        return None if found is None else str(found)

    def _open(self, path: Path) -> sqlite3.Connection:
        """The journal; a new one in place of one that cannot be read, or that is of another site."""
        try:
            database = _connect(path)
            facts = dict(database.execute("SELECT name, value FROM facts").fetchall())
            if facts and (facts.get("site"), facts.get("version")) == (self._site, _VERSION):
                return database
            if facts:
                self._say(f"the cache in {path.parent} is of other origins, and is begun anew")
            database.close()
        except sqlite3.DatabaseError as error:
            self._say(f"the cache in {path.parent} cannot be read ({error}), and is begun anew")
        for old in path.parent.glob(f"{path.name}*"):
            old.unlink()
        database = _connect(path)
        database.executemany("INSERT INTO facts VALUES (?, ?)", [("site", self._site), ("version", _VERSION)])
        return database

    def _tidy(self) -> None:
        """Delete files that no row names: bodies that were arriving when the edge was stopped."""
        known = {file for (file,) in self._run("SELECT file FROM objects WHERE file IS NOT NULL")}
        for path in self._bodies.iterdir():
            if path.suffix in (ARRIVING, WHOLE) and path.name not in known:
                path.unlink(missing_ok=True)

    def _one(self, query: str, values: tuple[Any, ...] = ()) -> Any:
        rows = self._run(query, values)
        return rows[0][0] if rows else None

    def _run(self, query: str, values: tuple[Any, ...] = ()) -> list[Any]:
        try:
            return self._database.execute(query, values).fetchall()
        except sqlite3.Error as error:
            if not self._failed:
                self._say(f"the journal of the cache cannot be written: {error}; the cache goes on in memory")
            self._failed = True
            return []


class _OfOneCache:
    """What one cache writes down."""

    def __init__(self, disk: DiskCache, name: str) -> None:
        self._disk = disk
        self._name = name

    def kept(self, key: CacheKey, stored: StoredObject) -> None:
        """An object is in the cache."""
        self._disk.keep(self._name, key, stored)

    def gone(self, key: CacheKey) -> None:
        """It is no longer."""
        self._disk.forget(self._name, key)


def body_length(body: bytes | StoredBody) -> int:
    """The number of bytes of a body that is whole."""
    return len(body) if isinstance(body, bytes) else body.length


def _connect(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = OFF")
    database.executescript(_TABLES)
    return database


def _text(key: CacheKey) -> str:
    return json.dumps(key, separators=(",", ":"))


def _key(text: str) -> CacheKey:
    id, method, path, query, headers, cookies, *rest = json.loads(text)
    return CacheKey(id, method, path, query, _pairs(headers), _pairs(cookies), *rest)


def _pairs(value: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, text) for name, text in value)


def _shown(stored: StoredObject) -> str:
    return json.dumps({"headers": stored.headers.lines, **{name: getattr(stored, name) for name in _PLAIN}})


def _object(shown: str, body: bytes | StoredBody) -> StoredObject:
    values = json.loads(shown)
    headers = Headers((name, value) for name, value in values.pop("headers"))
    return StoredObject(headers=headers, body=body, **values)
