"""Which object goes when the byte budget is used up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from edge.cache.eviction import OBJECT_OVERHEAD_BYTES, LeastRecentlyUsed, size_bytes
from edge.model.body import Body
from edge.model.cache_key import CacheKey
from edge.model.headers import NO_HEADERS
from edge.model.stored_object import StoredObject
from edge.testing.playbook import Arriving


def key(name: str) -> CacheKey:
    return CacheKey("E1", "GET", f"/{name}")


def stored(body: Body = b"") -> StoredObject:
    return StoredObject(200, NO_HEADERS, body, stored_at=0, fresh_until=1)


def names(objects: LeastRecentlyUsed) -> str:
    return "".join(key.path[1:] for key, _ in objects.items())


def room_for(count: int) -> LeastRecentlyUsed:
    return LeastRecentlyUsed(count * OBJECT_OVERHEAD_BYTES)


def test_the_least_recently_used_goes_first() -> None:
    """In the order in which they were put in, when nobody asks."""
    objects = room_for(2)
    for name in "abc":
        objects.put(key(name), stored())
    assert names(objects) == "bc"


def test_asking_for_an_object_keeps_it() -> None:
    """It becomes the most recently used; peeking does not count as asking."""
    objects = room_for(2)
    first = stored()
    objects.put(key("a"), first)
    objects.put(key("b"), stored())
    assert objects.peek(key("b")) is not None
    assert objects.get(key("a")) is first
    objects.put(key("c"), stored())
    assert names(objects) == "ac"
    assert objects.get(key("b")) is None


def test_peeking_leaves_the_order() -> None:
    """A body that arrives is no viewer who asks."""
    objects = room_for(2)
    objects.put(key("a"), stored())
    objects.put(key("b"), stored())
    objects.peek(key("a"))
    objects.put(key("c"), stored())
    assert names(objects) == "bc"


def test_a_large_object_pushes_out_as_many_as_it_needs() -> None:
    """Bytes are counted, not objects."""
    objects = room_for(4)
    for name in "abcd":
        objects.put(key(name), stored())
    objects.put(key("e"), stored(b"x" * (2 * OBJECT_OVERHEAD_BYTES)))
    assert names(objects) == "de"
    assert objects.bytes == 4 * OBJECT_OVERHEAD_BYTES


def test_an_object_larger_than_the_budget_is_alone() -> None:
    """It is kept until the next one comes."""
    objects = room_for(2)
    objects.put(key("a"), stored())
    objects.put(key("b"), stored(b"x" * (3 * OBJECT_OVERHEAD_BYTES)))
    assert names(objects) == "b"
    objects.put(key("c"), stored())
    assert names(objects) == "c"


def test_replacing_an_object_gives_its_bytes_back() -> None:
    """One key holds one object, which is then the most recently used."""
    objects = room_for(10)
    objects.put(key("a"), stored(b"x" * 100))
    objects.put(key("b"), stored())
    objects.put(key("a"), stored(b"y"))
    assert objects.bytes == 2 * OBJECT_OVERHEAD_BYTES + 1
    assert names(objects) == "ba"


def test_removing_is_safe_twice() -> None:
    """And leaves nothing behind."""
    objects = room_for(2)
    objects.put(key("a"), stored(b"x"))
    objects.remove(key("a"))
    objects.remove(key("a"))
    assert (len(objects), objects.bytes, objects.peek(key("a"))) == (0, 0, None)


def test_an_arriving_object_counts_for_its_announced_length() -> None:
    """For nothing but the overhead when no length was announced."""
    assert size_bytes(stored(Arriving(length=500))) == OBJECT_OVERHEAD_BYTES + 500
    assert size_bytes(stored(Arriving())) == OBJECT_OVERHEAD_BYTES
    assert size_bytes(stored(b"abc")) == OBJECT_OVERHEAD_BYTES + 3


steps = st.lists(st.tuples(st.sampled_from(["put", "get", "remove"]), st.sampled_from("abcdef"), st.integers(0, 3000)))


@given(steps, st.integers(0, 8_000))
def test_it_does_what_a_list_would(steps: list[tuple[str, str, int]], budget: int) -> None:
    """The same keys in the same order as in a list that is searched from one end, and the budget holds."""
    objects = LeastRecentlyUsed(budget)
    oracle: list[tuple[str, int]] = []
    for step, name, size in steps:
        known = next((entry for entry in oracle if entry[0] == name), None)
        if known is not None:
            oracle.remove(known)
        if step == "put":
            objects.put(key(name), stored(b"x" * size))
            oracle.append((name, size + OBJECT_OVERHEAD_BYTES))
            while sum(each for _, each in oracle) > budget and len(oracle) > 1:
                oracle.pop(0)
        elif step == "remove":
            objects.remove(key(name))
        else:
            assert (objects.get(key(name)) is None) == (known is None)
            oracle += [known] if known is not None else []
        assert names(objects) == "".join(name for name, _ in oracle)
        assert objects.bytes == sum(each for _, each in oracle)
        assert objects.bytes <= budget or len(objects) == 1
