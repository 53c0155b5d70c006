"""Objects of which only some byte ranges are in the cache."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from edge.model.headers import Headers
from edge.model.parts import Parts, Piece
from edge.model.request import Request
from edge.model.response import Response
from edge.model.stored_object import StoredObject
from edge.rules import partial_objects
from edge.rules.partial_objects import ContentRange

WHOLE = b"0123456789"


def part(first: int, last: int, *, etag: str = '"1"', total: int = 10, **changes: Any) -> StoredObject:
    """A 206 as it is handed to the cache."""
    lines = [
        ("ETag", etag),
        ("Content-Range", f"bytes {first}-{last}/{total}"),
        ("Content-Length", str(last - first + 1)),
    ]
    return replace(StoredObject(206, Headers(lines), b"", stored_at=0, fresh_until=60), **changes)


def kept(*ranges: tuple[int, int], **changes: Any) -> StoredObject | None:
    """What is kept after these parts came, one after the other."""
    held: StoredObject | None = None
    for first, last in ranges:
        where = ContentRange(first, last, 10)
        held = partial_objects.joined(held, part(first, last, **changes), where, WHOLE[first : last + 1])
    return held


def asked(wanted: str, **headers: str) -> Request:
    return Request("GET", "/", None, Headers((("Range", wanted), *headers.items())))


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("bytes 0-4/10", ContentRange(0, 4, 10)),
        ("Bytes 9-9/10", ContentRange(9, 9, 10)),
        ("bytes 0-10/10", None),
        ("bytes 4-0/10", None),
        ("bytes 0-4/*", None),
        ("bytes */10", None),
        ("items 0-4/10", None),
        ("", None),
    ],
)
def test_what_part_of_an_object_a_206_is(value: str, found: ContentRange | None) -> None:
    """An object of unknown length has no parts that could be put together."""
    assert partial_objects.content_range(Response(206, Headers((("Content-Range", value),)))) == found
    assert partial_objects.content_range(Response(200, Headers((("Content-Range", value),)))) is None


def test_parts_of_one_object_are_kept_together() -> None:
    """Those that overlap or touch become one piece; without the lines that tell of one part."""
    held = kept((0, 2), (6, 8), (2, 3))
    assert held is not None
    assert held.parts == Parts(10, (Piece(0, b"0123"), Piece(6, b"678")))
    assert held.headers.lines == (("ETag", '"1"'),)


def test_an_object_is_whole_when_no_part_is_missing() -> None:
    """It is a 200 then, like one that came in one go."""
    held = kept((5, 9), (0, 4))
    assert held is not None
    assert (held.status, held.body, held.parts) == (200, WHOLE, None)
    assert held.headers.lines == (("ETag", '"1"'), ("Content-Length", "10"))


@pytest.mark.parametrize("changes", [{"etag": '"2"'}, {"total": 11}])
def test_parts_of_another_version_take_the_place_of_those_before(changes: dict[str, Any]) -> None:
    """Another ETag, or another length."""
    where = ContentRange(6, 8, changes.get("total", 10))
    held = partial_objects.joined(kept((0, 4)), part(6, 8, **changes), where, b"678")
    assert held is not None
    assert held.parts is not None
    assert held.parts.pieces == (Piece(6, b"678"),)


@pytest.mark.parametrize("etag", ['W/"1"', None])
def test_without_a_strong_validator_parts_are_not_put_together(etag: str | None) -> None:
    """Nobody can tell that they are of one version."""
    held: StoredObject | None = None
    for first, last in ((0, 2), (3, 5)):
        one = part(first, last, etag=etag or "")
        one = one if etag else replace(one, headers=one.headers.without("etag"))
        held = partial_objects.joined(held, one, ContentRange(first, last, 10), WHOLE[first : last + 1])
    assert held is not None
    assert held.parts == Parts(10, (Piece(3, b"345"),))


def test_a_part_that_is_shorter_than_it_says_is_not_kept() -> None:
    assert partial_objects.joined(None, part(0, 4), ContentRange(0, 4, 10), b"012") is None


def test_parts_are_fresh_as_long_as_the_first_to_expire() -> None:
    held = partial_objects.joined(kept((0, 4)), part(6, 8, fresh_until=30), ContentRange(6, 8, 10), b"678")
    assert held is not None
    assert held.fresh_until == 30


@pytest.mark.parametrize(
    ("wanted", "data", "content_range"),
    [
        ("bytes=1-3", b"123", "bytes 1-3/10"),
        ("bytes=0-0", b"0", "bytes 0-0/10"),
        ("bytes=0-5", None, ""),
        ("bytes=8-", None, ""),
        ("bytes=-1", None, ""),
        ("bytes=0-1,2-3", None, ""),
        ("bytes=3-1", None, ""),
        ("bytes=50-60", None, ""),
    ],
)
def test_a_range_is_cut_from_the_parts_when_all_of_it_is_here(
    wanted: str, data: bytes | None, content_range: str
) -> None:
    """Everything else is the origin's to answer."""
    held = kept((0, 4))
    assert held is not None
    found = partial_objects.part_for(asked(wanted), held, 10)
    assert (None if found is None else found.body) == data
    if found is not None:
        assert (found.status, found.headers.get("content-range")) == (206, content_range)


def test_parts_that_have_expired_and_other_requests_are_not_answered_from_parts() -> None:
    held = kept((0, 4))
    assert held is not None
    assert partial_objects.part_for(asked("bytes=1-3"), held, 60) is None
    assert partial_objects.part_for(Request("GET", "/"), held, 10) is None
    assert partial_objects.part_for(asked("bytes=1-3")._replace(method="HEAD"), held, 10) is None
    assert partial_objects.part_for(asked("bytes=1-3", **{"If-Range": '"2"'}), held, 10) is None
    assert partial_objects.part_for(asked("bytes=1-3", **{"If-Range": '"1"'}), held, 10) is not None


@given(some.lists(some.tuples(some.integers(0, 39), some.integers(0, 39)).map(sorted), max_size=8))
def test_parts_are_the_bytes_that_came_and_no_others(ranges: list[list[int]]) -> None:
    """Whatever comes in whatever order: each byte is here or not, and right if it is."""
    text = bytes(range(40))
    parts = Parts(40)
    for first, last in ranges:
        parts = parts.plus((Piece(first, text[first : last + 1]),))
    here = {offset for first, last in ranges for offset in range(first, last + 1)}
    assert parts.size_bytes == len(here)
    for offset in range(40):
        assert parts.cut(offset, offset) == (text[offset : offset + 1] if offset in here else None)
    assert (parts.whole == text) is (len(here) == 40)
