"""Chance as a function of the request: the same request id draws the same lot, whenever it is replayed."""

from __future__ import annotations

from hashlib import blake2b

_BYTES = 8


def draw(request_id: str, purpose: str) -> float:
    """A number from 0 up to, not including, 1. Each purpose draws its own lot, independent of the others."""
    digest = blake2b(request_id.encode(), digest_size=_BYTES, person=purpose.encode()).digest()
    return int.from_bytes(digest, "big") / float(1 << 8 * _BYTES)
