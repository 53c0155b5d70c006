"""When an expired object is served all the same."""

from __future__ import annotations

import pytest

from edge.model.headers import Headers
from edge.model.stored_object import StoredObject
from edge.rules import stale


def expired(**changes: float) -> StoredObject:
    """Fresh until 100; usable while revalidating until 130, on errors until 200."""
    fields: dict[str, float] = {"stale_while_revalidate_until": 130, "stale_if_error_until": 200}
    return StoredObject(200, Headers(), b"", stored_at=0, fresh_until=100, **(fields | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(("now", "served"), [(110, True), (130, False)])
def test_while_revalidating(now: float, served: bool) -> None:
    """Within stale-while-revalidate."""
    assert stale.while_revalidating(expired(), now) is served


def test_what_every_request_asks_the_origin_for_is_not_served_meanwhile() -> None:
    """`Vary: *`: fresh or not, the origin is asked first."""
    assert not stale.while_revalidating(expired(must_ask_origin=True), 50)


@pytest.mark.parametrize(
    ("status", "now", "served"),
    [(502, 150, True), (504, 150, True), (504, 200, False), (500, 150, True), (404, 150, False), (200, 150, False)],
)
def test_trap_22_standing_in_for_an_origin_that_fails(status: int, now: float, served: bool) -> None:
    """Unreachable and 5xx, within the window; a 4xx is passed on ."""
    assert stale.stands_in(expired(), status, now) is served


def test_trap_21_stale_if_error_zero_forbids_it() -> None:
    """Then the window ends with freshness."""
    closed = expired(stale_if_error_until=100)
    assert not stale.stands_in(closed, 504, 101)


def test_the_origin_is_left_alone_for_a_while() -> None:
    """Until the error caching minimum TTL has passed."""
    held = expired(retry_at=160)
    assert stale.holds_off(held, 159)
    assert not stale.holds_off(held, 160)
