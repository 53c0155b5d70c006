"""Which requests go round the caches behind an edge location."""

from __future__ import annotations

import pytest

from edge.model.origin import Origin, OriginKind, OriginTarget
from edge.model.request import Request
from edge.rules import regional_edge_caches

CUSTOM = Origin("site", "site.example.org")


def bucket(domain: str) -> Origin:
    return Origin("bucket", domain, OriginKind.S3)


@pytest.mark.parametrize(
    ("method", "passes_by"),
    [("GET", False), ("HEAD", False), *((method, True) for method in ("OPTIONS", "PUT", "POST", "PATCH", "DELETE"))],
)
def test_only_reads_go_through(method: str, passes_by: bool) -> None:
    """Neither a regional edge cache nor Origin Shield sees the other methods."""
    request = Request(method, "/")
    note = regional_edge_caches.passed_by(request, OriginTarget((CUSTOM,), frozenset()), "eu-west-1")
    assert (note is not None and note.rule == "regional_edge_caches.method") is passes_by
    assert regional_edge_caches.shields(request) is not passes_by


@pytest.mark.parametrize(
    ("origin", "passes_by"),
    [
        (bucket("b.s3.eu-west-1.amazonaws.com"), True),
        (bucket("b.s3-eu-west-1.amazonaws.com"), True),
        (bucket("b.s3.dualstack.eu-west-1.amazonaws.com"), True),
        (bucket("b.s3.eu-west-2.amazonaws.com"), False),
        (bucket("b.s3.amazonaws.com"), False),
        (Origin("site", "b.s3.eu-west-1.amazonaws.com"), False),
        (CUSTOM, False),
    ],
)
def test_a_bucket_in_the_same_region_is_asked_directly(origin: Origin, passes_by: bool) -> None:
    """Whatever form its domain name has; where the name does not tell the region, it goes through."""
    note = regional_edge_caches.passed_by(Request("GET", "/"), OriginTarget((origin,), frozenset()), "eu-west-1")
    assert (note is not None and note.rule == "regional_edge_caches.same_region") is passes_by
