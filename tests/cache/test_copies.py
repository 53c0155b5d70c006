"""What a worker may keep of what its owner has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from edge.cache.copies import Copies, copied
from edge.cache.eviction import OBJECT_OVERHEAD_BYTES
from edge.cache.store import Store
from edge.model.cache_key import CacheKey
from edge.model.headers import NO_HEADERS
from edge.model.stored_object import StoredObject
from edge.testing.playbook import Arriving

KEY = CacheKey("E1", "GET", "/")
OTHER = CacheKey("E1", "GET", "/other")
NOW = 1_000.0
BODY = b"body"


def stored(**changes: Any) -> StoredObject:
    return replace(StoredObject(200, NO_HEADERS, BODY, stored_at=NOW, fresh_until=NOW + 60), **changes)


def is_key(key: CacheKey, stored: StoredObject) -> bool:
    return key == KEY


def test_a_copy_is_fresh_for_as_long_as_the_object() -> None:
    copies = Copies(10_000)
    copies.keep(KEY, stored(), invalidation=0)
    assert copies.fresh(KEY, NOW + 59) is not None
    assert copies.fresh(KEY, NOW + 60) is None


def test_an_invalidation_takes_the_copies_that_it_names() -> None:
    copies = Copies(10_000)
    copies.keep(KEY, stored(), invalidation=0)
    copies.keep(OTHER, stored(), invalidation=0)
    copies.invalidate(1, is_key)
    assert copies.fresh(KEY, NOW) is None
    assert copies.fresh(OTHER, NOW) is not None


def test_what_was_looked_up_before_an_invalidation_is_not_kept_after_it() -> None:
    """The owner's answer and its command come over different sockets: either may be first."""
    copies = Copies(10_000)
    copies.invalidate(3, is_key)
    copies.keep(KEY, stored(), invalidation=2)
    assert copies.fresh(KEY, NOW) is None


@pytest.mark.parametrize("number", [3, 4])
def test_what_was_looked_up_after_an_invalidation_is_kept(number: int) -> None:
    """Also when the worker has yet to hear of the owner's last one: that will take it, if it names it."""
    copies = Copies(10_000)
    copies.invalidate(3, is_key)
    copies.keep(KEY, stored(), invalidation=number)
    assert copies.fresh(KEY, NOW) is not None
    copies.invalidate(5, is_key)
    assert copies.fresh(KEY, NOW) is None


def test_copies_have_a_budget() -> None:
    copies = Copies(2 * (OBJECT_OVERHEAD_BYTES + 100))
    for number in range(10):
        copies.keep(KEY._replace(path=f"/{number}"), stored(body=b"x" * 100), invalidation=0)
    assert len(copies) == 2


def test_a_whole_fresh_object_may_be_copied() -> None:
    owned = Store()
    owned.put(KEY, stored())
    assert copied(owned, KEY, BODY, NOW) == stored()


@pytest.mark.parametrize(
    "changes",
    [
        {"body": Arriving(b"bo", b"dy", length=4)},
        {"fresh_until": NOW},
        {"must_ask_origin": True},
    ],
    ids=["still arriving", "expired", "to be confirmed each time"],
)
def test_what_may_not_be_copied(changes: dict[str, Any]) -> None:
    owned = Store()
    present = stored(**changes)
    owned.put(KEY, present)
    assert copied(owned, KEY, present.body, NOW) is None


def test_an_answer_that_is_not_what_the_cache_holds_is_not_copied() -> None:
    """One that was for its viewer alone, or that was replaced or invalidated meanwhile."""
    owned = Store()
    assert copied(owned, KEY, BODY, NOW) is None
    owned.put(KEY, stored(body=b"another"))
    assert copied(owned, KEY, BODY, NOW) is None
