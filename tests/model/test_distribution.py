"""A distribution as one value."""

from __future__ import annotations

from typing import Literal

import pytest

from edge.model.distribution import ALL_METHODS, READ_METHODS, READ_METHODS_AND_OPTIONS, Behavior, Distribution


@pytest.mark.parametrize(
    ("version", "told"), [("http1.1", False), ("http2", False), ("http3", True), ("http2and3", True)]
)
def test_viewers_are_told_of_http_3_where_it_is_on(
    version: Literal["http1.1", "http2", "http3", "http2and3"], told: bool
) -> None:
    """Two of the four settings."""
    assert Distribution("E1", "d1.cloudfront.net", {}, (), http_version=version).http3 is told


def test_there_are_three_sets_of_methods() -> None:
    """Each holds the one before."""
    assert set(READ_METHODS) == {"GET", "HEAD"}
    assert set(READ_METHODS_AND_OPTIONS - READ_METHODS) == {"OPTIONS"}
    assert set(ALL_METHODS - READ_METHODS_AND_OPTIONS) == {"PUT", "POST", "PATCH", "DELETE"}


def test_a_behavior_reads_unless_told_otherwise() -> None:
    """GET and HEAD, allowed and cached; no function, no signature."""
    behavior = Behavior("site")
    assert behavior.allowed_methods == behavior.cached_methods == READ_METHODS
    assert (dict(behavior.functions), dict(behavior.trusted_keys)) == ({}, {})
