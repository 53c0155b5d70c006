"""Public key signatures for signed URLs and cookies."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Literal

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from edge.asks import VerifySignature
from edge.signature_verifier import verify

Hash = Literal["SHA1", "SHA256"]
HASHES: dict[Hash, hashes.HashAlgorithm] = {"SHA1": hashes.SHA1(), "SHA256": hashes.SHA256()}
POLICY = b'{"Statement":[{"Resource":"https://d1.cloudfront.net/*"}]}'


@lru_cache
def key(kind: str) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    if kind == "RSA":
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ec.generate_private_key(ec.SECP256R1())


def pem(kind: str) -> str:
    return key(kind).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def signed(kind: str, algorithm: Hash = "SHA1") -> VerifySignature:
    private = key(kind)
    if isinstance(private, rsa.RSAPrivateKey):
        signature = private.sign(POLICY, padding.PKCS1v15(), HASHES[algorithm])
    else:
        signature = private.sign(POLICY, ec.ECDSA(HASHES[algorithm]))
    return VerifySignature(pem(kind), algorithm, signature, POLICY)


@pytest.mark.parametrize("kind", ["RSA", "ECDSA"])
@pytest.mark.parametrize("algorithm", ["SHA1", "SHA256"])
def test_a_genuine_signature_is_accepted(kind: str, algorithm: Hash) -> None:
    """RSA and ECDSA, by the key; SHA-1 and SHA-256, by what the URL says."""
    assert verify(signed(kind, algorithm))


@pytest.mark.parametrize("kind", ["RSA", "ECDSA"])
@pytest.mark.parametrize("signature", [b"", b"x", b"x" * 256], ids=["empty", "short", "as-long-as-one"])
def test_a_forged_signature_is_not(kind: str, signature: bytes) -> None:
    """Of whatever length."""
    assert not verify(replace(signed(kind), signature=signature))


@pytest.mark.parametrize("kind", ["RSA", "ECDSA"])
def test_one_byte_makes_the_difference(kind: str) -> None:
    """In the policy or in the signature."""
    genuine = signed(kind)
    flipped = bytes([*genuine.signature[:-1], genuine.signature[-1] ^ 1])
    assert not verify(replace(genuine, message=POLICY.replace(b"d1", b"d2")))
    assert not verify(replace(genuine, message=b""))
    assert not verify(replace(genuine, signature=flipped))


def test_keys_and_hashes_are_not_mixed_up() -> None:
    """A signature is good for the key and the algorithm that made it."""
    assert not verify(replace(signed("RSA", "SHA256"), hash_algorithm="SHA1"))
    assert not verify(replace(signed("RSA"), hash_algorithm="SHA256"))
    assert not verify(replace(signed("RSA"), pem=pem("ECDSA")))
    assert not verify(replace(signed("ECDSA"), pem=pem("RSA")))


def other_keys() -> dict[str, str]:
    edwards = ed25519.Ed25519PrivateKey.generate()
    private = key("RSA").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return {
        "empty": "",
        "words": "not a key",
        "not-latin": "\u20ac",
        "cut-off": pem("RSA")[:200],
        "private": private.decode(),
        "Ed25519": edwards.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
    }


@pytest.mark.parametrize("kind", ["empty", "words", "not-latin", "cut-off", "private", "Ed25519"])
def test_a_key_that_cannot_be_used_verifies_nothing(kind: str) -> None:
    """And breaks nothing: the viewer gets a 403 like any other."""
    assert not verify(replace(signed("RSA"), pem=other_keys()[kind]))
