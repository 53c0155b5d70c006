"""JSON Web Tokens for tests: `token({"sub": "anna"}, "s3cret")`, and an issuer with keys of its own.

Source: RFC 7515 (JWS), RFC 7517 (JWK), RFC 7518 (HS256, RS256, ES256), RFC 7519 (JWT); OpenID Connect Discovery 1.0.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from edge.testing.clock import VirtualClock
from edge.testing.errors import HarnessError

_HASHES = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}
_LIFETIME_S = 3600
_RSA_BITS = 2048


def token(claims: Mapping[str, Any], secret: str | bytes, *, algorithm: str = "HS256", **header: Any) -> str:
    """A token that is signed with a shared secret. `algorithm` is "HS256", "HS384" or "HS512"; `header` is added to
    `alg` and `typ`."""
    if algorithm not in _HASHES:
        raise HarnessError(f"a shared secret does not sign by {algorithm!r}; there are {', '.join(_HASHES)}")
    signed = _signed({"alg": algorithm, "typ": "JWT", **header}, claims)
    key = secret.encode() if isinstance(secret, str) else secret
    return f"{signed}.{_part(hmac.digest(key, signed.encode(), _HASHES[algorithm]))}"


class Issuer:
    """Signs tokens by RS256, and publishes its keys. `url` is the `iss` of its tokens."""

    def __init__(self, url: str, clock: VirtualClock) -> None:
        self.url = url
        self._clock = clock
        self._number = 0

    @property
    def jwks_url(self) -> str:
        """Where its keys are."""
        return f"{self.url.rstrip('/')}/.well-known/jwks.json"

    @property
    def configuration_url(self) -> str:
        """Where OpenID Connect has a description of it."""
        return f"{self.url.rstrip('/')}/.well-known/openid-configuration"

    @property
    def configuration(self) -> dict[str, Any]:
        """That description."""
        return {
            "issuer": self.url,
            "jwks_uri": self.jwks_url,
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    @property
    def key_id(self) -> str:
        """The `kid` of the key that signs now."""
        return hashlib.sha256(f"{self.url} {self._number}".encode()).hexdigest()[:16]

    @property
    def jwks(self) -> dict[str, Any]:
        """The public keys that are valid now, as a JSON Web Key Set."""
        numbers = _key(self._number).public_key().public_numbers()
        modulus, exponent = (_part(each.to_bytes(-(-each.bit_length() // 8), "big")) for each in (numbers.n, numbers.e))
        return {
            "keys": [
                {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.key_id, "n": modulus, "e": exponent},
            ]
        }

    def token(self, *, expires_in: float = _LIFETIME_S, header: Mapping[str, Any] | None = None, **claims: Any) -> str:
        """A token that is valid from now on, for `expires_in` seconds of the test's clock. `claims` are added to `iss`,
        `iat` and `exp`, or replace them."""
        now = int(self._clock.now())
        times = {"iss": self.url, "iat": now, "exp": int(now + expires_in)}
        signed = _signed({"alg": "RS256", "typ": "JWT", "kid": self.key_id, **(header or {})}, {**times, **claims})
        signature = _key(self._number).sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{_part(signature)}"

    def rotates(self) -> None:
        """Go over to a new key. Tokens of the old one are worth nothing for whoever reads the keys anew."""
        self._number += 1


@lru_cache
def _key(number: int) -> rsa.RSAPrivateKey:
    """A key of the test run's own. To make one takes time, so all issuers share them."""
    return rsa.generate_private_key(65537, _RSA_BITS)


def _signed(header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    return f"{_json(header)}.{_json(claims)}"


def _json(value: Mapping[str, Any]) -> str:
    return _part(json.dumps(value, separators=(",", ":")).encode())


def _part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
