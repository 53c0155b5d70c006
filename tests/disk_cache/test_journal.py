"""Promises of edge/disk_cache/journal.py."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edge.cache.store import Fresh, Store
from edge.disk_cache.files import FileBody
from edge.disk_cache.journal import DiskCache
from edge.model.body import StoredBody
from edge.model.cache_key import CacheKey
from edge.model.headers import Headers
from edge.model.stored_object import StoredObject
from edge.model.topology import Layer

KEY = CacheKey("E1", "GET", "/a", "x=1", (("accept", "é"),), (("c", "1"),), "br,gzip")
OTHER = KEY._replace(path="/b")
OBJECT = StoredObject(200, Headers((("ETag", '"1"'), ("X-A", "é"))), b"hello", 100.0, 200.0, "Fine", 7, 300.0, 400.0)

Open = Callable[..., DiskCache]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def open_disk(tmp_path: Path, said: list[str]) -> Iterator[Open]:
    """Opens the cache in one folder, as a start does; the one before is closed, as at an end."""
    opened: list[DiskCache] = []

    def start(site: str = "site", max_bytes: int = 1_000) -> DiskCache:
        if opened:
            opened.pop().close()
        opened.append(DiskCache(tmp_path / "cache", site, max_bytes, said.append))
        return opened[0]

    yield start
    for disk in opened:
        disk.close()


def attached(disk: DiskCache, **more: Any) -> Store:
    store = Store(**more)
    disk.attach(store)
    return store


def in_file(disk: DiskCache, data: bytes) -> StoredBody:
    spool = disk.spool()
    spool.write(data)
    spool.close()
    return spool.finish()


def files(tmp_path: Path) -> list[bytes]:
    return sorted(path.read_bytes() for path in (tmp_path / "cache" / "bodies").iterdir())


def test_a_restart_begins_with_what_was_there(open_disk: Open) -> None:
    """In memory and in files, to the last field."""
    disk = open_disk()
    store = attached(disk)
    store.put(KEY, OBJECT)
    store.put(OTHER, replace(OBJECT, body=in_file(disk, b"in a file")))
    again = attached(open_disk())
    assert again.peek(KEY) == OBJECT
    found = again.lookup(OTHER, 150.0, collapse=True)
    assert isinstance(found, Fresh)
    body = found.object.body
    assert isinstance(body, FileBody)
    assert (body.length, body.path.read_bytes()) == (9, b"in a file")
    assert replace(found.object, body=b"hello") == OBJECT


def test_what_is_invalidated_or_evicted_stays_away(open_disk: Open, tmp_path: Path) -> None:
    disk = open_disk()
    store = attached(disk, max_bytes=2_500)
    for number in range(3):  # two of them fit into memory
        store.put(KEY._replace(path=f"/{number}"), OBJECT)
    store.put(OTHER, replace(OBJECT, body=in_file(disk, b"in a file")))
    store.remove_where(lambda key, stored: key in (OTHER, KEY._replace(path="/2")))
    assert files(tmp_path) == []
    assert len(attached(open_disk())) == len(store)


def test_another_version_of_an_object_takes_the_file_with_it(open_disk: Open, tmp_path: Path) -> None:
    disk = open_disk()
    store = attached(disk)
    first = replace(OBJECT, body=in_file(disk, b"first"))
    store.put(KEY, first)
    store.put(KEY, replace(first, fresh_until=900.0))  # a 304: the same file
    assert files(tmp_path) == [b"first"]
    store.put(KEY, replace(OBJECT, body=in_file(disk, b"second")))
    assert files(tmp_path) == [b"second"]
    store.put(KEY, OBJECT)
    assert files(tmp_path) == []


def test_two_caches_may_hold_one_file(open_disk: Open, tmp_path: Path) -> None:
    disk = open_disk()
    edge, region = attached(disk, name="FRA56-P4"), attached(disk, layer=Layer.REC, name="eu-central-1")
    stored = replace(OBJECT, body=in_file(disk, b"shared"))
    edge.put(KEY, stored)
    region.put(KEY, stored)
    edge.remove(KEY)
    assert files(tmp_path) == [b"shared"]
    region.remove(KEY)
    assert files(tmp_path) == []


def test_files_are_within_a_budget_and_the_oldest_goes_first(open_disk: Open, tmp_path: Path) -> None:
    disk = open_disk(max_bytes=10)
    store = attached(disk)
    for number in range(3):
        store.put(KEY._replace(path=f"/{number}"), replace(OBJECT, body=in_file(disk, b"%d" % number * 4)))
    assert files(tmp_path) == [b"1111", b"2222"]
    assert store.peek(KEY._replace(path="/0")) is None


def test_a_file_that_was_lost_or_cut_is_fetched_again(open_disk: Open, tmp_path: Path) -> None:
    disk = open_disk()
    store = attached(disk)
    for key in (KEY, OTHER):
        store.put(key, replace(OBJECT, body=in_file(disk, b"in a file")))
    for path in (tmp_path / "cache" / "bodies").iterdir():
        path.write_bytes(b"cut")
    assert not isinstance(store.lookup(KEY, 150.0, collapse=False), Fresh)
    assert len(attached(open_disk())) == 0


def test_bodies_that_were_arriving_when_it_ended_are_swept_away(open_disk: Open, tmp_path: Path) -> None:
    disk = open_disk()
    disk.spool().close()
    in_file(disk, b"nobody's")
    open_disk()
    assert files(tmp_path) == []


def test_a_journal_that_cannot_be_read_is_begun_anew(open_disk: Open, tmp_path: Path, said: list[str]) -> None:
    attached(open_disk()).put(KEY, OBJECT)
    open_disk().close()
    for path in (tmp_path / "cache").glob("journal.sqlite*"):
        path.write_bytes(b"not a database" * 100)
    disk = DiskCache(tmp_path / "cache", "site", 1_000, said.append)
    assert len(attached(disk)) == 0
    assert any("is begun anew" in text for text in said)
    disk.close()


def test_objects_of_other_origins_are_not_taken_up(open_disk: Open, said: list[str]) -> None:
    attached(open_disk()).put(KEY, OBJECT)
    assert len(attached(open_disk(site="another"))) == 0
    assert "is of other origins" in said[0]


def test_a_journal_that_cannot_be_written_costs_nothing_but_the_restart(
    open_disk: Open, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = open_disk()
    store = attached(disk)

    class Full:
        def execute(self, *arguments: Any) -> Any:
            raise sqlite3.OperationalError("database or disk is full")

        def close(self) -> None:
            database.close()

    database = disk._database
    monkeypatch.setattr(disk, "_database", Full())
    store.put(KEY, OBJECT)
    store.put(OTHER, OBJECT)
    assert store.peek(KEY) == OBJECT
    assert len(said) == 1
    assert "database or disk is full; the cache goes on in memory" in said[0]


def test_two_edges_do_not_share_a_folder(open_disk: Open, tmp_path: Path) -> None:
    open_disk()
    with pytest.raises(OSError, match="another edge uses it"):
        DiskCache(tmp_path / "cache", "site", 1_000)
