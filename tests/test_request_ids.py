"""The X-Amz-Cf-Id of each request."""

from __future__ import annotations

import base64

from edge.request_ids import request_ids


def test_an_id_is_forty_bytes_of_chance_in_url_safe_base64() -> None:
    next_id = request_ids()
    for made in (next_id() for _ in range(250)):
        assert len(made) == 56
        decoded = base64.b64decode(made, altchars=b"-_", validate=True)
        assert len(decoded) == 40
        assert base64.urlsafe_b64encode(decoded).decode() == made  # the last character has no stray bits


def test_no_two_are_the_same() -> None:
    one, other = request_ids(), request_ids()
    assert len({one() for _ in range(500)} | {other() for _ in range(500)}) == 1_000
