"""Key value stores in SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.runtimes.key_value_stores import MemoryStores, SqliteStores

UUID = "6ed3b692-38e9-4952-b89b-bea9c0000000"


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.time = 1_000.0

    def now(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stores(tmp_path: Path, clock: Clock) -> Iterator[SqliteStores]:
    made = SqliteStores(tmp_path / "stores.sqlite3", clock.now)
    made.seed("routes", {"/a": "/b", "é": "ü"}, id=UUID)
    yield made
    made.close()


def test_a_new_store_has_its_seed_at_once(stores: SqliteStores) -> None:
    """Its keys, its id, its times and its size."""
    assert [stores.get("routes", key) for key in ("/a", "é", "nope")] == ["/b", "ü", None]
    assert stores.id_of("routes") == UUID
    assert stores.meta("routes") == ("1970-01-01T00:16:40+00:00", "1970-01-01T00:16:40+00:00", 2)


def test_a_store_that_is_not_there(stores: SqliteStores) -> None:
    """It has no id, and no keys."""
    assert stores.id_of("other") is None
    assert stores.get("other", "/a") is None


def test_no_key_has_half_a_surrogate_pair(stores: SqliteStores) -> None:
    """JavaScript may ask for one all the same."""
    assert stores.get("routes", "\ud800") is None


def test_an_update_is_seen_at_once_without_a_delay(stores: SqliteStores, clock: Clock) -> None:
    """What is new, changed and gone."""
    clock.time = 2_000.0
    stores.seed("routes", {"/a": "/c", "/new": "1"}, id=UUID)
    assert [stores.get("routes", key) for key in ("/a", "/new", "é")] == ["/c", "1", None]
    assert stores.meta("routes") == ("1970-01-01T00:16:40+00:00", "1970-01-01T00:33:20+00:00", 2)


def test_an_update_reaches_functions_after_the_propagation_delay(stores: SqliteStores, clock: Clock) -> None:
    """Until then they read what was there before; then everything at once."""
    stores.seed("routes", {"/a": "/c", "/new": "1"}, propagation_s=5)
    before = [stores.get("routes", key) for key in ("/a", "/new", "é")]
    clock.time += 4.999
    assert [stores.get("routes", key) for key in ("/a", "/new", "é")] == before == ["/b", None, "ü"]
    clock.time += 0.001
    assert [stores.get("routes", key) for key in ("/a", "/new", "é")] == ["/c", "1", None]
    assert stores.meta("routes")[2] == 2


def test_updates_that_overtake_each_other_end_with_the_last(stores: SqliteStores, clock: Clock) -> None:
    """A second update while the first is on its way."""
    stores.seed("routes", {"/a": "first"}, propagation_s=5)
    clock.time += 1
    stores.seed("routes", {"/a": "second"}, propagation_s=5)
    clock.time += 4
    assert stores.get("routes", "/a") == "first"
    clock.time += 1
    assert stores.get("routes", "/a") == "second"


def test_all_who_open_the_file_read_the_same(stores: SqliteStores, tmp_path: Path, clock: Clock) -> None:
    """An update by one is seen by the other; a seed that changes nothing is no update."""
    other = SqliteStores(tmp_path / "stores.sqlite3", clock.now)
    clock.time = 2_000.0
    other.seed("routes", {"/a": "/b", "é": "ü"}, id=UUID)
    assert stores.meta("routes")[1] == "1970-01-01T00:16:40+00:00"
    other.seed("routes", {"/a": "new"}, id=UUID)
    assert stores.get("routes", "/a") == "new"
    assert other.id_of("routes") == UUID
    other.close()


def test_stores_in_memory_are_there_from_the_start() -> None:
    """For one engine."""
    stores = MemoryStores({"one": {"a": "1"}, "two": {}}, created=0)
    assert (stores.get("one", "a"), stores.get("two", "a")) == ("1", None)
    assert stores.id_of("one") == ""
    assert stores.meta("two") == ("1970-01-01T00:00:00+00:00", "1970-01-01T00:00:00+00:00", 0)
