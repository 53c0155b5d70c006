"""Which methods a behavior takes."""

from __future__ import annotations

import pytest

from edge.model.distribution import ALL_METHODS, READ_METHODS, READ_METHODS_AND_OPTIONS, Behavior
from edge.model.headers import Headers
from edge.model.path_pattern import PathPattern
from edge.model.request import Request
from edge.rules import allowed_methods


@pytest.mark.parametrize("allowed", [READ_METHODS, READ_METHODS_AND_OPTIONS, ALL_METHODS], ids=len)
@pytest.mark.parametrize("method", sorted(ALL_METHODS))
def test_the_three_sets_of_methods(allowed: frozenset[str], method: str) -> None:
    """A method passes if it is in the behavior's set, and gets 403 if not."""
    refusal = allowed_methods.check(Request(method, "/"), Behavior("site", allowed_methods=allowed))
    assert (refusal is None) == (method in allowed)


def test_trap_1_a_post_to_a_read_only_behavior_gets_the_method_page() -> None:
    """AWS's sentence on the page, its word in the log, and the set in the note."""
    behavior = Behavior("site", PathPattern("/static/*"))
    refusal = allowed_methods.check(Request("POST", "/static/a", body=b"x"), behavior)
    assert refusal is not None
    assert refusal.status == 403
    assert refusal.message == (
        "This distribution is not configured to allow the HTTP request method that was used for this request. "
        "The distribution supports only cachable requests."
    )
    assert refusal.detailed == "InvalidRequestMethod"
    assert refusal.note.rule == "allowed_methods.refused"
    assert refusal.note.sentence == "POST is not allowed by the behavior /static/*: AllowedMethods is GET, HEAD"


def test_trap_15_a_preflight_needs_options_among_the_allowed_methods() -> None:
    """OPTIONS to a behavior of GET and HEAD gets 403, whatever its CORS settings."""
    preflight = Request("OPTIONS", "/", None, Headers((("Origin", "https://a.example"),)))
    refusal = allowed_methods.check(preflight, Behavior("site"))
    assert refusal is not None
    assert refusal.status == 403


class Arriving:
    """A body of unknown length."""

    length = None

    def __aiter__(self) -> object:
        raise AssertionError("nobody reads it")

    def close(self) -> None:
        raise AssertionError("nobody closes it")


@pytest.mark.parametrize("body", [b"x", Arriving()], ids=["bytes", "stream"])
def test_a_get_with_a_body_is_refused(body: bytes) -> None:
    """Even where every method is allowed."""
    refusal = allowed_methods.check(Request("GET", "/", body=body), Behavior("site", allowed_methods=ALL_METHODS))
    assert refusal is not None
    assert (refusal.status, refusal.note.rule) == (403, "allowed_methods.get_with_body")


def test_a_websocket_handshake_is_a_get() -> None:
    """It passes a behavior that allows no more than GET and HEAD."""
    lines = (("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="))
    assert allowed_methods.check(Request("GET", "/chat", None, Headers(lines)), Behavior("site")) is None
