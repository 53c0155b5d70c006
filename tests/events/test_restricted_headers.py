"""Header names that functions may not touch."""

from __future__ import annotations

import pytest

from edge.events.restricted_headers import is_disallowed


@pytest.mark.parametrize(
    ("name", "disallowed"),
    [
        ("connection", True),
        ("x-amz-cf-anything", True),
        ("x-edge-anything", True),
        ("x-cache", True),
        ("x-forwarded-proto", True),
        ("x-forwarded-host", False),
        ("x-forwarded-for", False),
        ("x-amzn-trace-id", False),
        ("via", False),
    ],
)
def test_disallowed_names(name: str, disallowed: bool) -> None:
    """The documented list and its two prefixes, and nothing else."""
    assert is_disallowed(name) is disallowed
