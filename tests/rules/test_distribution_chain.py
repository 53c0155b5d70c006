"""Distributions in front of distributions."""

from __future__ import annotations

import pytest

from edge.model.headers import Headers
from edge.model.request import Request
from edge.rules import distribution_chain

FIRST = "2.0 0123456789abcdef0123456789abcdef.cloudfront.net (CloudFront)"
SECOND = "1.1 fedcba9876543210fedcba9876543210.cloudfront.net (CloudFront)"


def request(*via: str) -> Request:
    return Request("GET", "/", None, Headers(("Via", line) for line in via))


@pytest.mark.parametrize(
    ("via", "refused"),
    [
        ((), False),
        (("1.1 proxy.example.org",), False),
        ((FIRST,), False),
        ((FIRST, "1.1 proxy.example.org (squid)"), False),
        ((f"{FIRST}, {SECOND}",), True),
        ((FIRST, SECOND), True),
    ],
)
def test_trap_31_the_third_distribution_of_a_chain_refuses(via: tuple[str, ...], refused: bool) -> None:
    """Two have left their lines in Via, in one or in several; other proxies do not count."""
    found = distribution_chain.check(request(*via))
    assert (found is not None) is refused
    if found is not None:
        assert (found.status, found.note.rule) == (403, "distribution_chain.too_long")
