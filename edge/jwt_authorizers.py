"""Verifies tokens for the JWT authorizers of HTTP APIs, with the keys of their issuers.

Source: API Gateway Developer Guide, "Control access to HTTP APIs with JWT authorizers"; OpenID Connect Discovery 1.0,
RFC 7517 (key sets). Keys are kept for two hours, as API Gateway may. Near: a key that is not known yet is looked for at
the issuer, at most once a second, so that a rotation on this machine is seen at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm
from jwt.types import Options

from edge.model.http_api import JwtAuthorizer
from edge.model.json_value import JsonObject
from edge.rules.http_api_tokens import ALGORITHMS, Denied, invalid

KEYS_KEPT_S: Final = 7_200.0
_ASKED_AGAIN_AFTER_S: Final = 1.0
_TIMEOUT: Final = aiohttp.ClientTimeout(total=5)
_SIGNATURE_ONLY: Final[Options] = {
    "verify_signature": True,
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}
"""The claims are a rule of their own, for which time is an argument."""


class _NoKeys(Exception):  # noqa: N818 -- it is what an issuer is like
    """The keys of an issuer cannot be had. The text says why."""


@dataclass(slots=True)
class _Issuer:
    """What is known of an issuer: its keys by id, and when (epoch seconds) they were fetched."""

    keys: dict[str, RSAPublicKey] = field(default_factory=dict)
    fetched_at: float | None = None
    fetching: asyncio.Lock = field(default_factory=asyncio.Lock)


class JwtAuthorizers:
    """Knows the keys of issuers. `say` hears, in a sentence, why those of one cannot be had."""

    def __init__(self, say: Callable[[str], None] = lambda text: None) -> None:
        self._issuers: dict[str, _Issuer] = {}
        self._say = say

    async def claims(self, authorizer: JwtAuthorizer, token: str, now: float) -> JsonObject | Denied:
        """The claims of a token whose signature is good. `now` is epoch seconds."""
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError:
            return invalid("the token cannot be decoded")
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm not in ALGORITHMS:
            return invalid(f"signing method {_printable(algorithm)} is invalid")
        if not isinstance(kid, str):
            return invalid("the token has no key id")
        url = authorizer.local_issuer or authorizer.issuer
        try:
            key = await self._key(url, kid, now)
        except _NoKeys as why:
            self._say(f"tokens of {url} cannot be verified: {why}")
            return invalid("OIDC discovery endpoint communication error")
        if key is None:
            return invalid("the key of the token is not one of its issuer")
        try:
            claims: dict[str, Any] = jwt.decode(token, key, algorithms=list(ALGORITHMS), options=_SIGNATURE_ONLY)
        except (jwt.PyJWTError, TypeError, ValueError):
            return invalid("the signature of the token is invalid")
        return claims

    async def _key(self, url: str, kid: str, now: float) -> RSAPublicKey | None:
        issuer = self._issuers.setdefault(url, _Issuer())
        async with issuer.fetching:
            age = KEYS_KEPT_S if issuer.fetched_at is None else now - issuer.fetched_at
            if age >= KEYS_KEPT_S or (kid not in issuer.keys and age >= _ASKED_AGAIN_AFTER_S):
                issuer.keys = await _fetched(url)
                issuer.fetched_at = now
        return issuer.keys.get(kid)


async def _fetched(url: str) -> dict[str, RSAPublicKey]:
    """The RSA keys of an issuer, by id. Raises _NoKeys."""
    async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
        about = await _json(session, f"{url.rstrip('/')}/.well-known/openid-configuration")
        where = about.get("jwks_uri")
        if not isinstance(where, str):
            raise _NoKeys("its OpenID configuration has no jwks_uri")
        listed = (await _json(session, where)).get("keys")
    keys: dict[str, RSAPublicKey] = {}
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, dict) and one.get("kty") == "RSA" and isinstance(one.get("kid"), str):
            try:
                key = RSAAlgorithm.from_jwk(one)
            except (jwt.PyJWTError, ValueError):
                continue
            if isinstance(key, RSAPublicKey):
                keys[one["kid"]] = key
    return keys


async def _json(session: aiohttp.ClientSession, url: str) -> dict[str, Any]:
    try:
        async with session.get(url) as answer:
            if answer.status != 200:
                raise _NoKeys(f"{url} answers {answer.status}")
            said = await answer.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError) as problem:
        raise _NoKeys(f"{url}: {problem or type(problem).__name__}") from None
    if not isinstance(said, dict):
        raise _NoKeys(f"{url} is no JSON object")
    return said


def _printable(text: object) -> str:
    """A text of a token, fit for a header."""
    return "".join(each for each in str(text)[:20] if each.isalnum())
