"""What a lookup finds, and how the duty to fetch ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from edge.cache.eviction import OBJECT_OVERHEAD_BYTES
from edge.cache.store import Abandoned, Busy, Filled, Fresh, Lease, LeaseEnd, Lookup, Miss, Released, Stale, Store
from edge.model.body import BodyStream, StoredBody
from edge.model.cache_key import CacheKey
from edge.model.headers import NO_HEADERS
from edge.model.stored_object import StoredObject
from edge.testing.playbook import Arriving

KEY = CacheKey("E1", "GET", "/")
OTHER = CacheKey("E1", "GET", "/other")
NOW = 1_000.0


def stored(**changes: Any) -> StoredObject:
    return replace(StoredObject(200, NO_HEADERS, b"body", stored_at=NOW, fresh_until=NOW + 60), **changes)


def leased(store: Store, key: CacheKey = KEY, *, collapse: bool = True) -> Lease:
    found = store.lookup(key, NOW, collapse=collapse)
    assert isinstance(found, Miss)
    return found.lease


def watch(lease: Lease) -> list[LeaseEnd]:
    ends: list[LeaseEnd] = []
    lease.when_ended(ends.append)
    return ends


ENDS: dict[str, tuple[Callable[[Lease, StoredObject], None], type[LeaseEnd], bool]] = {
    "filled": (lambda lease, found: lease.fill(found), Filled, True),
    "filled, not kept": (lambda lease, found: lease.fill(found, keep=False), Filled, False),
    "filled, not shared": (lambda lease, found: lease.fill(found, shared=False), Released, True),
    "filled, neither": (lambda lease, found: lease.fill(found, keep=False, shared=False), Released, False),
    "released": (lambda lease, found: lease.release(), Released, False),
    "abandoned": (lambda lease, found: lease.abandon(), Abandoned, False),
}
"""How a lease can end: by what, what those who wait are told, and whether the object is in the store afterwards."""


def test_nothing_there_is_a_miss_with_the_duty() -> None:
    """The first who asks fetches; whoever asks meanwhile is told that somebody does."""
    store = Store()
    lease = leased(store)
    assert (lease.key, lease.exclusive, lease.ended) == (KEY, True, False)
    assert store.lookup(KEY, NOW, collapse=True) == Busy(lease, None)
    assert store.leases == 1


def test_keys_have_nothing_to_do_with_each_other() -> None:
    """A fetch of one key holds nobody up who wants another."""
    store = Store()
    assert leased(store) is not leased(store, OTHER)
    assert store.leases == 2


@pytest.mark.parametrize(
    ("changes", "now", "expected"),
    [
        ({}, NOW, Fresh),
        ({}, NOW + 59.9, Fresh),
        ({}, NOW + 60, Stale),
        ({"fresh_until": NOW}, NOW, Stale),
        ({"must_ask_origin": True}, NOW, Stale),
        ({"status": 404}, NOW, Fresh),
        ({"stale_while_revalidate_until": NOW + 999}, NOW + 60, Stale),
    ],
)
def test_an_object_is_fresh_before_its_time_is_up(changes: dict[str, Any], now: float, expected: type[Lookup]) -> None:
    """Not at it, nor when each request must go to the origin; then it is stale, with the duty to refresh it."""
    store, there = Store(), stored(**changes)
    store.put(KEY, there)
    found = store.lookup(KEY, now, collapse=True)
    assert isinstance(found, expected)
    assert found.object is there
    assert store.leases == (expected is Stale)


def test_while_it_is_refreshed_others_are_told_of_the_stale_object() -> None:
    """They may be served it."""
    store, there = Store(), stored()
    store.put(KEY, there)
    found = store.lookup(KEY, NOW + 60, collapse=True)
    assert isinstance(found, Stale)
    assert store.lookup(KEY, NOW + 60, collapse=True) == Busy(found.lease, there)


def test_a_fresh_object_is_served_while_a_fetch_runs() -> None:
    """Somebody who fetches for himself alone may have filled the store meanwhile."""
    store = Store()
    lease = leased(store)
    leased(store, collapse=False).fill(stored())
    assert isinstance(store.lookup(KEY, NOW, collapse=True), Fresh)
    assert not lease.ended


@pytest.mark.parametrize("how", ENDS)
def test_a_lease_ends_once_and_all_are_told(how: str) -> None:
    """Those who waited in their order, those who come late at once; a second end changes nothing."""
    end, told, kept = ENDS[how]
    store, found = Store(), stored()
    lease = leased(store)
    first, second = watch(lease), watch(lease)
    end(lease, found)
    assert lease.ended
    assert store.leases == 0
    assert [type(each) for each in (*first, *second, *watch(lease))] == [told] * 3
    assert (len(store) == 1) is kept
    for again, _, _ in ENDS.values():
        again(lease, stored(status=500))
    assert len(first) == 1
    assert store.lookup(KEY, NOW, collapse=True) == Fresh(found) if kept else len(store) == 0


def test_those_who_wait_get_the_very_object() -> None:
    """Also one that is not kept."""
    lease, found = leased(Store()), stored()
    ends = watch(lease)
    lease.fill(found, keep=False)
    assert ends == [Filled(found, kept=False)]


@pytest.mark.parametrize("how", ["released", "abandoned", "filled, neither"])
def test_the_next_lookup_finds_the_duty_again(how: str) -> None:
    """After a fetch that brought nothing, somebody else takes it."""
    store = Store()
    lease = leased(store)
    ENDS[how][0](lease, stored())
    assert leased(store) is not lease


def test_who_is_told_may_look_again_at_once() -> None:
    """Of all who waited for a fetch that came to nothing, one gets the duty; the others wait for that one."""
    store = Store()
    lease = leased(store)
    found: list[Lookup] = []
    for _ in range(3):
        lease.when_ended(lambda end: found.append(store.lookup(KEY, NOW, collapse=True)))
    lease.abandon()
    assert isinstance(found[0], Miss)
    assert found[1:] == [Busy(found[0].lease, None)] * 2


def test_without_collapsing_nobody_waits() -> None:
    """Everybody fetches for himself, and whoever collapses does not see it."""
    store = Store()
    first, second = leased(store, collapse=False), leased(store, collapse=False)
    assert not first.exclusive
    assert first is not second
    assert store.leases == 0
    assert isinstance(store.lookup(KEY, NOW, collapse=True), Miss)


def test_without_collapsing_a_running_fetch_is_not_waited_for() -> None:
    """Nor does its own end end the other's lease."""
    store = Store()
    shared = leased(store)
    alone = leased(store, collapse=False)
    alone.abandon()
    assert store.lookup(KEY, NOW, collapse=True) == Busy(shared, None)


def test_without_collapsing_a_stale_object_is_still_found() -> None:
    """With a lease of one's own."""
    store, there = Store(), stored(fresh_until=NOW)
    store.put(KEY, there)
    found = store.lookup(KEY, NOW, collapse=False)
    assert isinstance(found, Stale)
    assert (found.object, found.lease.exclusive, store.leases) == (there, False, 0)


def test_the_budget_holds() -> None:
    """The oldest that nobody has asked for goes, and a lookup is asking."""
    store = Store(max_bytes=3 * (OBJECT_OVERHEAD_BYTES + 500))
    keys = [KEY._replace(path=f"/{number}") for number in range(4)]
    for key in keys[:3]:
        store.put(key, stored(body=b"x" * 500))
    assert isinstance(store.lookup(keys[0], NOW, collapse=True), Fresh)
    store.put(keys[3], stored(body=b"x" * 500))
    assert [isinstance(store.lookup(key, NOW, collapse=False), Fresh) for key in keys] == [True, False, True, True]


def arriving() -> tuple[Store, StoredObject]:
    store, there = Store(), stored(body=Arriving(b"bo", b"dy"))
    leased(store).fill(there)
    return store, there


def body_of(store: Store) -> bytes | BodyStream:
    found = store.lookup(KEY, NOW, collapse=True)
    assert isinstance(found, Fresh)
    assert isinstance(found.object.body, bytes | BodyStream)
    return found.object.body


def test_an_object_is_served_while_its_body_arrives() -> None:
    """And is complete when the body is."""
    store, there = arriving()
    assert body_of(store) is there.body
    store.complete(KEY, there, b"body")
    assert body_of(store) == b"body"


def test_an_object_whose_body_breaks_off_goes() -> None:
    """A truncated object is never served from the cache."""
    store, there = arriving()
    store.complete(KEY, there, None)
    assert isinstance(store.lookup(KEY, NOW, collapse=True), Miss)


@pytest.mark.parametrize("body", [b"body", None])
def test_a_body_that_comes_late_does_not_touch_what_took_its_place(body: bytes | None) -> None:
    """Another fetch, or an invalidation, was faster."""
    store, there = arriving()
    store.put(KEY, stored(body=b"newer"))
    store.complete(KEY, there, body)
    assert body_of(store) == b"newer"
    store.remove_where(lambda key, found: True)
    store.complete(KEY, there, body)
    assert len(store) == 0


def test_a_refreshed_object_still_gets_the_body_it_waits_for() -> None:
    """The origin confirmed it while the body was on its way: the new times stay."""
    store, there = arriving()
    store.put(KEY, replace(there, fresh_until=NOW + 999))
    store.complete(KEY, there, b"body")
    found = store.lookup(KEY, NOW + 500, collapse=True)
    assert isinstance(found, Fresh)
    assert found.object.body == b"body"


def test_a_refreshed_object_goes_when_the_body_it_waits_for_breaks_off() -> None:
    """It would be served truncated."""
    store, there = arriving()
    store.put(KEY, replace(there, fresh_until=NOW + 999))
    store.complete(KEY, there, None)
    assert len(store) == 0


def test_a_completed_body_counts_for_the_budget() -> None:
    """Its length was not known before."""
    store = Store(max_bytes=4_000)
    store.put(OTHER, stored())
    there = stored(body=Arriving(b"x" * 2_000))
    store.put(KEY, there)
    assert len(store) == 2
    store.complete(KEY, there, b"x" * 2_000)
    assert len(store) == 1


def test_an_invalidation_removes_what_it_names() -> None:
    """By key or by object, and says how many; running fetches go on."""
    store = Store()
    store.put(KEY, stored())
    store.put(OTHER, stored(status=404))
    lease = leased(store, KEY._replace(path="/third"))
    assert store.remove_where(lambda key, found: key.path == "/nowhere") == 0
    assert store.remove_where(lambda key, found: found.status == 404) == 1
    assert len(store) == 1
    assert not lease.ended


class _OnDisk(StoredBody):
    """A body outside of memory, which may get lost."""

    lost = False

    @property
    def length(self) -> int:
        return 5

    def gone(self) -> bool:
        return self.lost


def test_an_object_whose_body_was_lost_is_a_miss() -> None:
    body = _OnDisk()
    for look in ("fresh", "lookup"):
        body.lost = False
        store = Store()
        store.put(KEY, stored(body=body))
        assert store.fresh(KEY, NOW) is not None
        body.lost = True
        if look == "fresh":
            assert store.fresh(KEY, NOW) is None
        else:
            assert isinstance(store.lookup(KEY, NOW, collapse=True), Miss)
        assert len(store) == 0
