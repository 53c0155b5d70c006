"""Which object goes when the byte budget is used up."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from edge.cache.eviction import OBJECT_OVERHEAD_BYTES, SECOND_CHANCES_MAX, SecondChance, size_bytes
from edge.model.body import Body
from edge.model.cache_key import CacheKey
from edge.model.headers import NO_HEADERS
from edge.model.stored_object import StoredObject
from edge.testing.playbook import Arriving


def key(name: str) -> CacheKey:
    return CacheKey("E1", "GET", f"/{name}")


def stored(body: Body = b"") -> StoredObject:
    return StoredObject(200, NO_HEADERS, body, stored_at=0, fresh_until=1)


def names(objects: SecondChance) -> str:
    return "".join(key.path[1:] for key, _ in objects.items())


def room_for(count: int) -> SecondChance:
    return SecondChance(count * OBJECT_OVERHEAD_BYTES)


def test_what_nobody_asks_for_goes_first() -> None:
    """In the order in which they were put in, when nobody asks for any."""
    objects = room_for(2)
    for name in "abc":
        objects.put(key(name), stored())
    assert names(objects) == "bc"


def test_asking_for_an_object_keeps_it() -> None:
    """It gets a second chance, and the next one goes."""
    objects = room_for(2)
    first = stored()
    objects.put(key("a"), first)
    objects.put(key("b"), stored())
    assert objects.peek(key("b")) is not None
    assert objects.get(key("a")) is first
    assert names(objects) == "ab", "a hit moves nothing"
    objects.put(key("c"), stored())
    assert names(objects) == "ac"
    assert objects.get(key("b")) is None


def test_there_is_no_third_chance() -> None:
    """An object that was hot once goes when it has come to the front again and nobody has asked for it since."""
    objects = room_for(2)
    objects.put(key("a"), stored())
    objects.get(key("a"))
    for name in "bcd":
        objects.put(key(name), stored())
    assert names(objects) == "cd"


def test_what_is_asked_for_stays_while_a_crawler_goes_through_everything() -> None:
    """A hundred objects that are asked for once do not push out three that are asked for all the time."""
    objects = room_for(5)
    for name in "abc":
        objects.put(key(name), stored())
    for page in range(100):
        assert all(objects.get(key(name)) is not None for name in "abc")
        objects.put(key(f"{page}"), stored())


def test_the_new_object_is_never_the_one_that_goes() -> None:
    """Even where all others were asked for and it was not yet."""
    objects = room_for(2)
    for name in "abc":
        objects.put(key(name), stored())
        objects.get(key(name))
    assert names(objects) == "bc"


def test_the_search_for_what_may_go_has_an_end() -> None:
    """Where all were asked for, the first one behind those that got their second chance goes."""
    count = SECOND_CHANCES_MAX + 50
    objects = room_for(count)
    for number in range(count):
        objects.put(key(f"{number}"), stored())
        objects.get(key(f"{number}"))
    assert objects.put(key("new"), stored()) == [key(f"{SECOND_CHANCES_MAX}")]


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
    """One key holds one object, which then stands at the end."""
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


@dataclass
class Entry:
    name: str
    size_bytes: int
    asked_for: bool = False


def total_bytes(queue: list[Entry]) -> int:
    return sum(entry.size_bytes for entry in queue)


@given(steps, st.integers(0, 8_000))
def test_it_does_what_a_list_would(steps: list[tuple[str, str, int]], budget: int) -> None:
    """The same keys in the same order as in a list that is searched from one end, and the budget holds."""
    objects = SecondChance(budget)
    queue: list[Entry] = []
    for step, name, size in steps:
        known = next((entry for entry in queue if entry.name == name), None)
        if step == "get":
            assert (objects.get(key(name)) is None) == (known is None)
            if known is not None:
                known.asked_for = True
        elif known is not None:
            queue.remove(known)
        if step == "remove":
            objects.remove(key(name))
        elif step == "put":
            objects.put(key(name), stored(b"x" * size))
            new = Entry(name, size + OBJECT_OVERHEAD_BYTES)
            while queue and total_bytes([*queue, new]) > budget:
                oldest = queue.pop(0)
                if oldest.asked_for:
                    queue.append(Entry(oldest.name, oldest.size_bytes))
            queue.append(new)
        assert names(objects) == "".join(entry.name for entry in queue)
        assert objects.bytes == total_bytes(queue)
        assert objects.bytes <= budget or len(objects) == 1
