"""A response on its way to the viewer."""

from __future__ import annotations

import pytest

from edge.model.response import Response, reason_phrase


@pytest.mark.parametrize(
    ("status", "phrase"),
    [
        (200, "OK"),
        (206, "Partial Content"),
        (301, "Moved Permanently"),
        (404, "Not Found"),
        (413, "Payload Too Large"),
        (414, "URI Too Long"),
        (494, "Request Header Too Large"),
        (504, "Gateway Timeout"),
        (299, ""),
        (999, ""),
    ],
)
def test_the_phrase_of_a_status(status: int, phrase: str) -> None:
    """The registry's, whichever Python runs; nothing for a status that has none."""
    assert reason_phrase(status) == Response(status).phrase == phrase


def test_an_origins_own_phrase_is_kept() -> None:
    """Even an empty one."""
    assert Response(200, reason="Fine").phrase == "Fine"
    assert Response(200, reason="").phrase == ""
