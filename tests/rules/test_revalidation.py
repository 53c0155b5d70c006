"""Asking the origin whether an expired object is still good."""

from __future__ import annotations

from edge.model.distribution import Behavior
from edge.model.headers import Headers
from edge.model.managed_policies import cache_policy
from edge.model.stored_object import StoredObject
from edge.rules import revalidation

OPTIMIZED = Behavior("site", cache_policy=cache_policy("CachingOptimized"))
DATE = "Sun, 06 Nov 1994 08:49:37 GMT"


def stored(status: int = 200, must_ask: bool = False, **headers: str) -> StoredObject:
    lines = Headers((name.replace("_", "-"), value) for name, value in headers.items())
    return StoredObject(status, lines, b"", stored_at=0, fresh_until=0, must_ask_origin=must_ask)


def test_the_stored_validators_become_conditions() -> None:
    """If-None-Match and If-Modified-Since."""
    assert revalidation.lines(stored(ETag='"1"', Last_Modified=DATE), OPTIMIZED) == (
        ("If-None-Match", '"1"'),
        ("If-Modified-Since", DATE),
    )
    assert revalidation.lines(stored(), OPTIMIZED) == ()


def test_trap_9_no_conditions_where_cookies_are_forwarded() -> None:
    """Nor for Vary: *, nor for an error."""
    cookies = Behavior("site", cache_policy=cache_policy("Amplify"))
    assert revalidation.lines(stored(ETag='"1"'), cookies) == ()
    assert revalidation.lines(stored(must_ask=True, ETag='"1"'), OPTIMIZED) == ()
    assert revalidation.lines(stored(404, ETag='"1"'), OPTIMIZED) == ()


def test_a_304_brings_headers_up_to_date() -> None:
    """But not those of the body, nor those of the connection."""
    old = Headers((("ETag", '"1"'), ("Cache-Control", "max-age=1"), ("Content-Type", "text/css"), ("X-A", "1")))
    new = Headers((("cache-control", "max-age=9"), ("Content-Type", "text/html"), ("Set-Cookie", "a=1"), ("X-B", "2")))
    merged = revalidation.merged(old, new)
    assert merged.get("cache-control") == "max-age=9"
    assert merged.get("content-type") == "text/css"
    assert (merged.get("x-a"), merged.get("x-b")) == ("1", "2")
    assert "set-cookie" not in merged
