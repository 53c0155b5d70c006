"""An object in the cache."""

from __future__ import annotations

from typing import Any

import pytest

from edge.model.cache_control import MAX_AGE_S
from edge.model.freshness import Freshness
from edge.model.headers import Headers, Line
from edge.model.note import Note
from edge.model.response import Response
from edge.model.stored_object import StoredObject, store

NOW = 1_000.0


def stored(*lines: Line, ttl_s: float = 60, **verdict: Any) -> StoredObject:
    fresh = Freshness(True, ttl_s, Note("ttl.origin", "for a test"), **verdict)
    return store(Response(203, Headers(lines), b"body", "Fine"), b"body", fresh, NOW)


def test_the_response_is_kept() -> None:
    """With everything that makes it up."""
    found = stored(("X-A", "1"), ("x-a", "2"))
    assert (found.status, found.reason, found.body) == (203, "Fine", b"body")
    assert found.headers.lines == (("X-A", "1"), ("x-a", "2"))


def test_windows_begin_when_freshness_ends() -> None:
    """Times are epoch seconds."""
    found = stored(ttl_s=60, stale_while_revalidate_s=30, stale_if_error_s=300, must_ask_origin=True)
    assert (found.stored_at, found.fresh_until) == (NOW, NOW + 60)
    assert (found.stale_while_revalidate_until, found.stale_if_error_until) == (NOW + 90, NOW + 360)
    assert found.must_ask_origin
    assert found.retry_at == 0


@pytest.mark.parametrize(("seconds_later", "age"), [(0, 0), (0.9, 0), (1, 1), (59.9, 59), (-5, 0)])
def test_age_is_in_whole_seconds(seconds_later: float, age: int) -> None:
    """And a clock that was set back makes nothing younger than new."""
    assert stored().age(NOW + seconds_later) == age


@pytest.mark.parametrize(
    ("sent", "counts"),
    [
        ("10", 10),
        ("0", 0),
        ("", 0),
        ("-1", 0),
        ("ten", 0),
        ("1.5", 0),
        ("\u00b2", 0),
        ("9" * 5_000, MAX_AGE_S),
    ],
)
def test_the_origins_age_is_where_ours_begins(sent: str, counts: int) -> None:
    """It is not kept as a header: the edge writes its own. What is no number counts for nothing."""
    found = stored(("Age", sent), ("X-A", "1"))
    assert found.age(NOW + 5) == counts + 5
    assert found.headers.lines == (("X-A", "1"),)


@pytest.mark.parametrize(
    ("control", "kept"),
    [
        ("max-age=60", True),
        ('no-cache="Set-Cookie"', False),
        ('max-age=60, no-cache="X-A, set-cookie"', False),
        ('no-cache="X-A"', True),
    ],
)
def test_trap_9_cookies_are_replayed_unless_the_origin_says_otherwise(control: str, kept: bool) -> None:
    """`no-cache="Set-Cookie"` stores the object without them."""
    found = stored(("Set-Cookie", "a=1"), ("set-cookie", "b=2"), ("Cache-Control", control), ("X-A", "1"))
    assert found.headers.all("set-cookie") == (("a=1", "b=2") if kept else ())
    assert found.headers.get("cache-control") == control
    assert found.headers.get("x-a") == "1"
