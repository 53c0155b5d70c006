"""How long a response stays fresh: the table of the expiration page, row by row."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.model import http_date
from edge.model.distribution import Behavior
from edge.model.headers import Headers
from edge.model.policies import CachePolicy, ForwardedValues
from edge.rules import ttl

NOW = 1_767_225_600.0
IN_AN_HOUR = http_date.render(NOW + 3600)


def behavior(minimum: int, default: int = 86_400, maximum: int = 31_536_000) -> Behavior:
    return Behavior("site", cache_policy=CachePolicy("id", "name", minimum, default, maximum))


def fresh_for(headers: dict[str, str], *bounds: int) -> float | None:
    """Seconds, None when the response is not stored."""
    verdict = ttl.freshness(Headers(headers.items()), behavior(*bounds), NOW)
    return verdict.ttl_s if verdict.storable else None


@pytest.mark.parametrize(
    ("headers", "bounds", "expected"),
    [
        ({"Cache-Control": "max-age=60"}, (0,), 60),
        ({"Cache-Control": "max-age=60"}, (0, 10, 30), 30),
        ({"Cache-Control": "max-age=60"}, (100,), 100),
        ({"Cache-Control": "max-age=60"}, (10, 20, 300), 60),
        ({"Cache-Control": "max-age=60, s-maxage=90"}, (0,), 90),
        ({"Cache-Control": "s-maxage=90"}, (0, 10, 80), 80),
        ({"Expires": IN_AN_HOUR}, (0,), 3600),
        ({"Expires": IN_AN_HOUR}, (0, 10, 600), 600),
        ({"Expires": IN_AN_HOUR}, (7200,), 7200),
        ({"Expires": IN_AN_HOUR, "Cache-Control": "max-age=60"}, (0,), 60),
        ({}, (0,), 86_400),
        ({}, (0, 300), 300),
        ({}, (500, 300), 500),
        ({"Cache-Control": "public"}, (0, 300), 300),
        ({"Cache-Control": "no-cache"}, (0,), None),
        ({"Cache-Control": "no-store"}, (0,), None),
        ({"Cache-Control": "private"}, (0,), None),
        ({"Cache-Control": "private, max-age=60"}, (0,), None),
        ({"Cache-Control": "no-cache"}, (60,), 60),
        ({"Cache-Control": "no-store"}, (60,), 60),
        ({"Cache-Control": "private"}, (60,), 60),
        ({"Cache-Control": "max-age=0"}, (0,), 0),
        ({"Cache-Control": "max-age=0"}, (60,), 60),
        ({"Cache-Control": 'no-cache="Set-Cookie", max-age=60'}, (0,), 60),
        ({"Cache-Control": "max-age=60, must-revalidate, immutable"}, (0,), 60),
        ({"Pragma": "no-cache"}, (0, 300), 300),
    ],
)
def test_the_table_of_the_expiration_page(
    headers: dict[str, str], bounds: tuple[int, ...], expected: float | None
) -> None:
    """What the origin sends, within minimum, default and maximum TTL."""
    assert fresh_for(headers, *bounds) == expected


def test_trap_7_caching_optimized_keeps_no_cache_for_a_second() -> None:
    """Its minimum TTL is 1."""
    assert fresh_for({"Cache-Control": "no-cache"}, 1) == 1


def test_an_expires_in_the_past_is_not_fresh() -> None:
    """Zero seconds, and nobody else may have it."""
    verdict = ttl.freshness(Headers((("Expires", http_date.render(NOW - 10)),)), behavior(0), NOW)
    assert (verdict.ttl_s, verdict.shared) == (0, False)


def test_vary_star_asks_the_origin_each_time() -> None:
    """Stored with a minimum of 0, but never served without asking; with a minimum it is an ordinary Vary."""
    headers = Headers((("Vary", "*"), ("Cache-Control", "max-age=60")))
    assert ttl.freshness(headers, behavior(0), NOW).must_ask_origin
    assert not ttl.freshness(headers, behavior(1), NOW).must_ask_origin


@pytest.mark.parametrize(
    ("control", "while_revalidating", "if_error"),
    [
        ("max-age=60, stale-while-revalidate=30", 30, 31_535_940),
        ("max-age=31535990, stale-while-revalidate=30", 10, 10),
        ("max-age=60, stale-if-error=30", 0, 30),
        ("max-age=60, stale-if-error=0", 0, 0),
        ("max-age=60", 0, 31_535_940),
    ],
)
def test_stale_windows(control: str, while_revalidating: float, if_error: float) -> None:
    """Windows end when the object's age is the maximum TTL; stale-if-error=0 forbids standing in."""
    verdict = ttl.freshness(Headers((("Cache-Control", control),)), behavior(0), NOW)
    assert (verdict.stale_while_revalidate_s, verdict.stale_if_error_s) == (while_revalidating, if_error)


def test_an_object_kept_for_the_minimum_ttl_in_spite_of_no_cache_may_stand_in_too() -> None:
    """The page's footnote: whatever the origin said, unless it was stale-if-error=0."""
    for control, expected in (("no-cache", 31_535_940), ("no-cache, stale-if-error=0", 0)):
        verdict = ttl.freshness(Headers((("Cache-Control", control),)), behavior(60), NOW)
        assert (verdict.ttl_s, verdict.stale_if_error_s) == (60, expected)


def test_legacy_settings_have_the_same_bounds() -> None:
    """MinTTL, DefaultTTL and MaxTTL of a behavior without a cache policy."""
    legacy = Behavior("site", forwarded_values=ForwardedValues(min_ttl_s=5, default_ttl_s=10, max_ttl_s=20))
    assert ttl.freshness(Headers(), legacy, NOW).ttl_s == 10
    assert ttl.freshness(Headers((("Cache-Control", "max-age=60"),)), legacy, NOW).ttl_s == 20


@given(st.text(), st.integers(0, 100), st.integers(0, 100), st.integers(100, 1000))
def test_whatever_the_origin_says_the_ttl_is_within_its_bounds(
    control: str, minimum: int, default: int, maximum: int
) -> None:
    """Never below the minimum when stored, never above the maximum."""
    verdict = ttl.freshness(
        Headers((("Cache-Control", control),)), behavior(minimum, max(minimum, default), maximum), NOW
    )
    if verdict.storable:
        assert minimum <= verdict.ttl_s <= maximum
