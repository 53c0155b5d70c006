"""What a signed URL or signed cookies claim, ready for its signature to be checked."""

from __future__ import annotations

from typing import Literal, NamedTuple

from edge.model.distribution import PublicKey


class Claim(NamedTuple):
    """`message` is the exact policy text that was signed."""

    key: PublicKey
    hash_algorithm: Literal["SHA1", "SHA256"]
    signature: bytes
    message: bytes
