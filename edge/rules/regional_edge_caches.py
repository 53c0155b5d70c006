"""Which requests go round the caches behind an edge location.

Source: CloudFront Developer Guide, "How CloudFront delivers content" (regional edge caches), "Use Amazon CloudFront
Origin Shield": PUT, POST, PATCH, OPTIONS and DELETE go from the edge location straight to the origin, and so does what
is not cached at all; so may what comes from an S3 bucket in the region of the regional edge cache (choice: it does).
Near: Origin Shield is gone round by the same methods.
"""

from __future__ import annotations

import re

from edge.model.note import Note
from edge.model.origin import OriginKind, OriginTarget
from edge.model.request import Request

_READS = frozenset({"GET", "HEAD"})
_BUCKET_REGION = re.compile(r"\.s3(?:\.dualstack)?[.-]([a-z0-9-]+)\.amazonaws\.com", re.IGNORECASE)


def passed_by(request: Request, target: OriginTarget, region: str) -> Note | None:
    """Why a request that the edge location does not have goes round the regional edge cache of a region; None when it
    goes through."""
    if not shields(request):
        template = "{} goes from the edge location to the origin, not through the regional edge cache"
        return Note("regional_edge_caches.method", template, (request.method,))
    origin = target.origins[0]
    bucket = _BUCKET_REGION.search(origin.domain_name) if origin.kind is OriginKind.S3 else None
    if bucket is not None and bucket.group(1).lower() == region:
        template = "the bucket is in {} like the regional edge cache, so the edge location asks it directly"
        return Note("regional_edge_caches.same_region", template, (region,))
    return None


def shields(request: Request) -> bool:
    """Whether Origin Shield stands between this request and the origin."""
    return request.method in _READS
