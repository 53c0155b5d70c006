"""Public key signatures for the VerifySignature ask, by the `cryptography` package."""

from __future__ import annotations

from functools import lru_cache

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from edge.asks import VerifySignature


@lru_cache(maxsize=64)
def _load(pem: str) -> rsa.RSAPublicKey | ec.EllipticCurvePublicKey | None:
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey) else None


def verify(ask: VerifySignature) -> bool:
    """Whether the signature is genuine. A key that cannot be read verifies nothing."""
    key = _load(ask.pem)
    # SHA-1 is what CloudFront's signed URLs use unless they say otherwise.
    algorithm = hashes.SHA1() if ask.hash_algorithm == "SHA1" else hashes.SHA256()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(ask.signature, ask.message, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(ask.signature, ask.message, ec.ECDSA(algorithm))
        else:
            return False
    except InvalidSignature:
        return False
    return True
