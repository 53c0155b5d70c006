"""Promises of edge/logs/cmcd.py."""

from __future__ import annotations

import pytest

from edge.logs import cmcd
from edge.model.headers import Headers
from edge.model.request import Request


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("cmcd-encoded-bitrate", "3200"),
        ("cmcd-session-id", "6e2fb550"),
        ("cmcd-buffer-starvation", "true"),
        ("cmcd-top-bitrate", None),
    ],
)
def test_what_a_player_says_in_the_query_or_in_headers(field: str, expected: str | None) -> None:
    query = "a=1&CMCD=br%3D3200%2Cbs%2Csid%3D%226e2fb550%22"
    headers = Headers((("CMCD-Object", "br=3200"), ("CMCD-Session", 'sid="6e2fb550"'), ("CMCD-Status", "bs")))
    assert cmcd.value(Request("GET", "/a", query), field) == expected
    assert cmcd.value(Request("GET", "/a", None, headers), field) == expected
