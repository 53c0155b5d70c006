"""Distributions in front of distributions: two are allowed, the third refuses.

Source: CloudFront Developer Guide, "Quotas", distributions chained together. Near: how CloudFront counts is not
documented; here each CloudFront on the way has left its line in Via. The 403 says "Bad request.".
"""

from __future__ import annotations

from edge.model import quotas
from edge.model.note import Note
from edge.model.refusal import Refusal
from edge.model.request import Request

_MARK = ".cloudfront.net (cloudfront)"


def check(request: Request) -> Refusal | None:
    """Refuse a request that has come through as many distributions as there may be."""
    if "via" not in request.headers:
        return None
    passed = (request.headers.joined("via") or "").lower().count(_MARK)
    if passed < quotas.DISTRIBUTION_CHAIN_MAX:
        return None
    template = "the request came through {} distributions, and {} in a chain are the most that CloudFront allows"
    note = Note("distribution_chain.too_long", template, (passed, quotas.DISTRIBUTION_CHAIN_MAX))
    return Refusal(403, "Bad request.", note, "InvalidRequest")
