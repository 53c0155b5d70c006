"""Tokens that real verifiers accept."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from edge.testing import HarnessError, OutboundScript, token
from edge.testing.clock import VirtualClock


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def number(part: str) -> int:
    return int.from_bytes(decoded(part), "big")


def key_of(jwk: dict[str, Any]) -> rsa.RSAPublicKey:
    return rsa.RSAPublicNumbers(number(jwk["e"]), number(jwk["n"])).public_key()


def test_a_token_with_a_shared_secret() -> None:
    """HS256 over head and claims."""
    head, claims, signature = token({"sub": "anna"}, "s3cret", kid="k1").split(".")
    assert json.loads(decoded(head)) == {"alg": "HS256", "typ": "JWT", "kid": "k1"}
    assert json.loads(decoded(claims)) == {"sub": "anna"}
    check = hmac.HMAC(b"s3cret", hashes.SHA256())
    check.update(f"{head}.{claims}".encode())
    check.verify(decoded(signature))
    with pytest.raises(HarnessError, match="HS256, HS384, HS512"):
        token({}, "s3cret", algorithm="RS256")


def test_an_issuer_publishes_the_key_of_its_tokens(clock: VirtualClock) -> None:
    """RS256, valid from now on by the test's clock; after a rotation with another key."""
    issuer = OutboundScript(clock).issuer("https://idp.example.com")
    head, claims, signature = issuer.token(sub="anna", expires_in=60).split(".")
    (jwk,) = issuer.jwks["keys"]
    assert json.loads(decoded(head))["kid"] == jwk["kid"]
    assert json.loads(decoded(claims)) == {
        "iss": "https://idp.example.com",
        "iat": 1767225600,
        "exp": 1767225660,
        "sub": "anna",
    }
    key_of(jwk).verify(decoded(signature), f"{head}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256())
    issuer.rotates()
    assert issuer.jwks["keys"][0]["kid"] != jwk["kid"]
    assert issuer.jwks["keys"][0]["n"] != jwk["n"]
