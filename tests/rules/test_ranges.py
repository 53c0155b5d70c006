"""Byte ranges, cut from a whole object in the cache."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from edge.disk_cache.files import FileBody
from edge.model.body import BodyStream
from edge.model.headers import Headers, Line
from edge.model.request import Request
from edge.model.response import Response
from edge.rules import ranges

BODY = b"0123456789"
MODIFIED = "Sun, 06 Nov 1994 08:49:37 GMT"
HELD = Headers(
    (("Content-Type", "text/plain"), ("Content-Length", "10"), ("ETag", '"v1"'), ("Last-Modified", MODIFIED))
)


def cut(wanted: str, *sent: Line, method: str = "GET", response: Response | None = None) -> Response | None:
    request = Request(method, "/", None, Headers((("Range", wanted), *sent)))
    return ranges.apply(request, Response(200, HELD, BODY) if response is None else response)


@pytest.mark.parametrize(
    ("wanted", "part", "content_range"),
    [
        ("bytes=0-0", b"0", "bytes 0-0/10"),
        ("bytes=2-4", b"234", "bytes 2-4/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=-99", BODY, "bytes 0-9/10"),
        ("bytes=5-99", b"56789", "bytes 5-9/10"),
        ("bytes=0-", BODY, "bytes 0-9/10"),
        ("Bytes = 2-4", b"234", "bytes 2-4/10"),
        ("bytes=2-4,90-99", b"234", "bytes 2-4/10"),
    ],
)
def test_one_range_is_cut_out(wanted: str, part: bytes, content_range: str) -> None:
    """206 with the bytes, both ends included; what lies past the end is not missed."""
    headers = HELD.without("content-length").plus((("Content-Range", content_range),))
    assert cut(wanted) == Response(206, headers, part)


@pytest.mark.parametrize(
    "wanted",
    [
        "bytes=5-1",
        "bytes=4-6,0-2",
        "bytes=0-4,4-6",
        "bytes=0-4,2-6",
        "bytes=0-,5-6",
        "bytes=90-99,0-1",
        "bytes=a-b",
        "bytes=-",
        "bytes=",
        "bytes=1",
        "bytes=--1",
        "bytes=0-1,",
        "bytes=+1-2",
        "bytes=1-2 3-4",
        "items=0-1",
        "0-1",
        "",
        "bytes=0-" + "9" * 5_000,
    ],
)
def test_trap_35_a_bad_range_gets_the_whole_object(wanted: str) -> None:
    """Invalid, unsorted and overlapping ranges are answered with 200, as if there were none; no input raises."""
    assert cut(wanted) is None


@pytest.mark.parametrize("wanted", ["bytes=10-", "bytes=10-20", "bytes=-0", "bytes=50-60,70-80"])
def test_a_range_past_the_end_gets_416(wanted: str) -> None:
    """It says how long the object is, and has no body."""
    found = cut(wanted)
    assert found is not None
    assert (found.status, found.body, found.headers.get("content-range")) == (416, b"", "bytes */10")
    assert "content-type" not in found.headers


def test_an_empty_object_has_no_ranges() -> None:
    """Every range of it begins past the end."""
    found = cut("bytes=0-", response=Response(200, HELD, b""))
    assert found is not None
    assert (found.status, found.headers.get("content-range")) == (416, "bytes */0")


def test_sorted_ranges_come_as_parts_of_one_body() -> None:
    """206 multipart/byteranges: each part with its type and range, the boundary in Content-Type."""
    found = cut("bytes=0-1, 5-6,-1")
    assert found is not None
    assert found.status == 206
    kind, _, boundary = (found.headers.get("content-type") or "").partition("; boundary=")
    assert kind == "multipart/byteranges"
    assert "content-length" not in found.headers
    assert "content-range" not in found.headers
    expected = (
        f"--{boundary}\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-1/10\r\n\r\n01\r\n"
        f"--{boundary}\r\nContent-Type: text/plain\r\nContent-Range: bytes 5-6/10\r\n\r\n56\r\n"
        f"--{boundary}\r\nContent-Type: text/plain\r\nContent-Range: bytes 9-9/10\r\n\r\n9\r\n"
        f"--{boundary}--\r\n"
    )
    assert found.body == expected.encode()


async def test_an_object_on_disk_comes_in_the_same_parts(tmp_path: Path) -> None:
    """The boundary apart, which does not follow from bytes that nobody has read yet."""
    file = tmp_path / "a.body"
    file.write_bytes(BODY)
    on_disk = cut("bytes=0-1, 5-6,-1", response=Response(200, HELD, FileBody(file, len(BODY))))
    in_memory = cut("bytes=0-1, 5-6,-1")
    assert on_disk is not None
    assert in_memory is not None
    assert isinstance(on_disk.body, BodyStream)
    boundary, other = (
        (one.headers.get("content-type") or "").partition("; boundary=")[2] for one in (on_disk, in_memory)
    )
    data = b"".join([piece async for piece in on_disk.body])
    assert (on_disk.status, on_disk.body.length, len(boundary)) == (206, len(data), 16)
    assert data.replace(boundary.encode(), other.encode()) == in_memory.body
    on_disk.body.close()


def test_the_boundary_follows_from_the_content() -> None:
    """The same request to the same object gives the same bytes, another object another boundary."""
    other = Response(200, HELD, b"abcdefghij")
    assert cut("bytes=0-1,5-6") == cut("bytes=0-1,5-6")
    first, second = cut("bytes=0-1,5-6"), cut("bytes=0-1,5-6", response=other)
    assert first is not None
    assert second is not None
    assert first.headers.get("content-type") != second.headers.get("content-type")


def test_parts_of_an_object_without_a_type() -> None:
    """They have none either."""
    found = cut("bytes=0-1,5-6", response=Response(200, Headers(), BODY))
    assert found is not None
    assert isinstance(found.body, bytes)
    assert found.body.count(b"Content-Type") == 0
    assert found.body.count(b"Content-Range") == 2


@pytest.mark.parametrize(
    ("condition", "whole"),
    [
        ('"v1"', False),
        ('"v0"', True),
        ('W/"v1"', True),
        (MODIFIED, False),
        ("Sun, 06 Nov 1994 08:49:38 GMT", True),
        ("nonsense", True),
    ],
)
def test_if_range_lets_a_changed_object_through_whole(condition: str, whole: bool) -> None:
    """The strong ETag or the very date of the object, or else 200."""
    assert (cut("bytes=0-1", ("If-Range", condition)) is None) == whole


def test_a_weak_etag_is_never_good_for_if_range() -> None:
    """A compressed object has one, so it is sent whole."""
    weak = Response(200, HELD.replaced("ETag", 'W/"v1"'), BODY)
    assert cut("bytes=0-1", ("If-Range", 'W/"v1"'), response=weak) is None
    assert cut("bytes=0-1", ("If-Range", '"v1"'), response=weak) is None


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("OPTIONS", 200), ("GET", 404), ("GET", 206)])
def test_only_a_get_of_a_200_is_cut(method: str, status: int) -> None:
    """Everything else goes as it is."""
    assert cut("bytes=0-1", method=method, response=Response(status, HELD, BODY)) is None


def test_without_range_nothing_is_cut() -> None:
    """A plain GET gets the whole object."""
    assert ranges.apply(Request("GET", "/"), Response(200, HELD, BODY)) is None


class Arriving:
    """A body that is still on its way."""

    length = 10

    def __aiter__(self) -> object:
        raise AssertionError("nobody reads it here")

    def close(self) -> None:
        raise AssertionError("nobody closes it here")


def test_an_object_that_still_arrives_is_served_whole() -> None:
    """Its bytes cannot be cut yet."""
    assert cut("bytes=0-1", response=Response(200, HELD, Arriving())) is None  # type: ignore[arg-type]


@given(some.binary(min_size=1, max_size=40), some.data())
def test_each_satisfiable_range_is_the_bytes_it_names(body: bytes, data: some.DataObject) -> None:
    """First and last byte included; an end past the object is the object's end."""
    first = data.draw(some.integers(0, len(body) - 1))
    last = data.draw(some.integers(first, len(body) + 5))
    found = cut(f"bytes={first}-{last}", response=Response(200, HELD, body))
    assert found is not None
    assert (found.status, found.body) == (206, body[first : last + 1])
    assert found.headers.get("content-range") == f"bytes {first}-{min(last, len(body) - 1)}/{len(body)}"
    suffix = cut(f"bytes=-{len(body) - first}", response=Response(200, HELD, body))
    assert suffix is not None
    assert suffix.body == body[first:]


@given(some.lists(some.tuples(some.integers(0, 30), some.integers(0, 30)), min_size=2, max_size=4))
def test_several_ranges_are_parts_exactly_when_they_are_in_order_and_apart(pairs: list[tuple[int, int]]) -> None:
    """Everything else is the whole object."""
    body = bytes(range(65, 96))
    wanted = "bytes=" + ",".join(f"{first}-{last}" for first, last in pairs)
    found = cut(wanted, response=Response(200, HELD, body))
    valid = all(first <= last for first, last in pairs)
    ordered = all(one[1] < other[0] for one, other in itertools.pairwise(pairs))
    if not (valid and ordered):
        assert found is None
        return
    assert found is not None
    assert found.status == 206
    assert isinstance(found.body, bytes)
    for first, last in pairs:
        assert b"/31\r\n\r\n" + body[first : last + 1] + b"\r\n--" in found.body


@given(some.text("bytes=0123456789-, x", max_size=20))
def test_no_range_header_is_too_broken(wanted: str) -> None:
    """200, 206 or 416, and a 206 holds bytes of the object."""
    found = cut(wanted)
    assert found is None or found.status in (206, 416)
    if found is not None and found.status == 206 and "multipart" not in (found.headers.get("content-type") or ""):
        assert isinstance(found.body, bytes)
        assert found.body in BODY
