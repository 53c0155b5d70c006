"""Tokens against keys of the tests' own making: what is signed by the issuer, and what only looks like it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any

import jwt
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from edge.jwt_authorizers import KEYS_KEPT_S, JwtAuthorizers
from edge.model.http_api import JwtAuthorizer
from edge.rules.http_api_tokens import Denied

NOW = 1_700_000_000.0
CLAIMS = {"iss": "https://id.example.com", "aud": "web", "sub": 7, "exp": int(NOW) - 1}
"""Expired, with a subject that is a number: what claims say is not looked at here."""


class Issuer:
    """An issuer of tokens on this machine. `asked` counts requests for its keys."""

    def __init__(self) -> None:
        self.keys = {"one": rsa.generate_private_key(65_537, 2_048)}
        self.more: list[Any] = []
        self.asked = 0
        self.url = ""
        self.fails = False

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/.well-known/openid-configuration", self._about)
        app.router.add_get("/keys", self._keys)
        return app

    def token(self, kid: str = "one", algorithm: str = "RS256", **changed: Any) -> str:
        return jwt.encode({**CLAIMS, **changed}, self.keys[kid], algorithm, {"kid": kid})

    @property
    def authorizer(self) -> JwtAuthorizer:
        return JwtAuthorizer("https://id.example.com", ("web",), local_issuer=self.url)

    async def _about(self, request: web.Request) -> web.Response:
        return web.json_response({"issuer": "https://id.example.com", "jwks_uri": f"{self.url}/keys"})

    async def _keys(self, request: web.Request) -> web.Response:
        self.asked += 1
        if self.fails:
            return web.Response(status=500)
        listed = [
            {**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())), "kid": kid, "use": "sig"}
            for kid, key in self.keys.items()
        ]
        return web.json_response({"keys": [*listed, *self.more]})


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    issuer = Issuer()
    async with TestServer(issuer.app()) as server:
        issuer.url = str(server.make_url("")).rstrip("/")
        yield issuer


def part(value: Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512"])
async def test_a_token_of_the_issuer(issuer: Issuer, algorithm: str) -> None:
    claims = await JwtAuthorizers().claims(issuer.authorizer, issuer.token(algorithm=algorithm), NOW)
    assert claims == CLAIMS


async def test_keys_are_kept_for_two_hours(issuer: Issuer) -> None:
    authorizers = JwtAuthorizers()
    for later, asked in ((0.0, 1), (KEYS_KEPT_S - 1, 1), (KEYS_KEPT_S, 2)):
        assert await authorizers.claims(issuer.authorizer, issuer.token(), NOW + later) == CLAIMS
        assert issuer.asked == asked


async def test_a_rotation_is_seen_at_once(issuer: Issuer) -> None:
    """A key that is not known is asked for, at most once a second; the old key is good as long as it is listed."""
    authorizers = JwtAuthorizers()
    old = issuer.token()
    assert await authorizers.claims(issuer.authorizer, old, NOW) == CLAIMS
    issuer.keys["two"] = rsa.generate_private_key(65_537, 2_048)
    assert isinstance(await authorizers.claims(issuer.authorizer, issuer.token("two"), NOW + 0.5), Denied)
    assert issuer.asked == 1
    assert await authorizers.claims(issuer.authorizer, issuer.token("two"), NOW + 1) == CLAIMS
    assert await authorizers.claims(issuer.authorizer, old, NOW + 1) == CLAIMS
    del issuer.keys["one"]
    issuer.keys["three"] = rsa.generate_private_key(65_537, 2_048)
    assert await authorizers.claims(issuer.authorizer, issuer.token("three"), NOW + 2) == CLAIMS
    assert isinstance(await authorizers.claims(issuer.authorizer, old, NOW + 2), Denied)


def forged_by_secret(issuer: Issuer) -> str:
    """HS256, with the public key as the secret."""
    public = issuer.keys["one"].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signed = f"{part({'alg': 'HS256', 'kid': 'one'})}.{part(CLAIMS)}"
    return f"{signed}.{part(hmac.digest(public, signed.encode(), hashlib.sha256))}"


def of_another_key(issuer: Issuer) -> str:
    return jwt.encode(CLAIMS, rsa.generate_private_key(65_537, 2_048), "RS256", {"kid": "one"})


def with_other_claims(issuer: Issuer) -> str:
    head, _, signature = issuer.token().split(".")
    return f"{head}.{part({**CLAIMS, 'sub': 'root'})}.{signature}"


def of_an_elliptic_curve(issuer: Issuer) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    issuer.more.append({**json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key())), "kid": "curve"})
    return jwt.encode(CLAIMS, key, "ES256", {"kid": "curve"})


FORGED = {
    "HS256 with the public key": (forged_by_secret, "signing method HS256 is invalid"),
    "alg none": (
        lambda issuer: f"{part({'alg': 'none', 'kid': 'one'})}.{part(CLAIMS)}.",
        "signing method none is invalid",
    ),
    "ES256": (of_an_elliptic_curve, "signing method ES256 is invalid"),
    "another key": (of_another_key, "the signature of the token is invalid"),
    "other claims": (with_other_claims, "the signature of the token is invalid"),
    "no key id": (lambda issuer: jwt.encode(CLAIMS, issuer.keys["one"], "RS256"), "the token has no key id"),
    "unknown key id": (
        lambda issuer: jwt.encode(CLAIMS, issuer.keys["one"], "RS256", {"kid": "x"}),
        "the key of the token is not one of its issuer",
    ),
    "no token": (lambda issuer: "hello", "the token cannot be decoded"),
    "two parts": (lambda issuer: "a.b", "the token cannot be decoded"),
}


@pytest.mark.parametrize(("forged", "why"), FORGED.values(), ids=FORGED)
async def test_what_is_not_signed_by_the_issuer(issuer: Issuer, forged: Any, why: str) -> None:
    denied = await JwtAuthorizers().claims(issuer.authorizer, forged(issuer), NOW)
    assert denied == Denied(401, f'Bearer scope="" error="invalid_token" error_description="{why}"')


async def test_an_issuer_that_cannot_be_asked_lets_nobody_in(issuer: Issuer) -> None:
    """Who runs the proxy hears why. The next token asks again."""
    said: list[str] = []
    authorizers = JwtAuthorizers(said.append)
    issuer.fails = True
    denied = await authorizers.claims(issuer.authorizer, issuer.token(), NOW)
    assert isinstance(denied, Denied)
    assert "OIDC discovery endpoint communication error" in denied.authenticate
    assert said == [f"tokens of {issuer.url} cannot be verified: {issuer.url}/keys answers 500"]
    issuer.fails = False
    assert await authorizers.claims(issuer.authorizer, issuer.token(), NOW) == CLAIMS


async def test_nobody_there_lets_nobody_in() -> None:
    said: list[str] = []
    token = jwt.encode(CLAIMS, rsa.generate_private_key(65_537, 2_048), "RS256", {"kid": "one"})
    authorizer = JwtAuthorizer("http://127.0.0.1:9", ("web",))
    assert isinstance(await JwtAuthorizers(said.append).claims(authorizer, token, NOW), Denied)
    assert said[0].startswith("tokens of http://127.0.0.1:9 cannot be verified: ")
