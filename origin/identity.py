"""An issuer of JSON Web Tokens: keys that rotate, their public part as a JWKS, and tokens for the asking."""

from __future__ import annotations

import base64
import json
import secrets
import time
from dataclasses import dataclass, field

from aiohttp import hdrs, web
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

routes = web.RouteTableDef()
_LIFETIME_S = 3_600
_KEYS_KEPT = 2


@dataclass(slots=True)
class _Key:
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    private: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65_537, 2_048))


_keys: list[_Key] = []


def _signing() -> _Key:
    if not _keys:
        _keys.append(_Key())
    return _keys[0]


@routes.get("/.well-known/jwks.json")
async def jwks(request: web.Request) -> web.Response:
    """The public keys: the one that signs, and the one before it."""
    _signing()
    return web.json_response({"keys": [_public(key) for key in _keys]}, headers={hdrs.CACHE_CONTROL: "max-age=60"})


@routes.get("/.well-known/openid-configuration")
async def openid_configuration(request: web.Request) -> web.Response:
    """Who issues tokens here, and where the keys are."""
    issuer = f"http://{request.host}"
    return web.json_response({"issuer": issuer, "jwks_uri": f"{issuer}/.well-known/jwks.json"})


@routes.get("/token")
async def token(request: web.Request) -> web.Response:
    """A token (RS256) for ?sub=NAME, issued by this site, good for an hour; with ?aud= and ?scope= where given."""
    key, now = _signing(), int(time.time())
    header = {"alg": "RS256", "typ": "JWT", "kid": key.id}
    issuer = f"http://{request.host}"
    claims = {"iss": issuer, "sub": request.query.get("sub", "anna"), "iat": now, "exp": now + _LIFETIME_S}
    claims |= {name: request.query[name] for name in ("aud", "scope") if name in request.query}
    signed = f"{_part(json.dumps(header).encode())}.{_part(json.dumps(claims).encode())}"
    signature = key.private.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    return web.Response(text=f"{signed}.{_part(signature)}", headers={hdrs.CACHE_CONTROL: "no-store"})


@routes.post("/keys/rotate")
async def rotate(request: web.Request) -> web.Response:
    """A new key signs from now on."""
    _keys.insert(0, _Key())
    del _keys[_KEYS_KEPT:]
    return web.json_response({"kid": _keys[0].id})


def _public(key: _Key) -> dict[str, str]:
    numbers = key.private.public_key().public_numbers()
    return {
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": key.id,
        "n": _part(numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")),
        "e": _part(numbers.e.to_bytes(3, "big")),
    }


def _part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
