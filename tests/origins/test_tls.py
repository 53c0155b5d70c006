"""Origins that speak TLS: which certificates are trusted, and what the others are called."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from edge.model.headers import Headers
from edge.model.origin import Origin as OriginSettings
from edge.model.origin import OriginAttempt, OriginFailureKind, OriginRequest
from edge.origins.address import tls_context

Fetcher = Any  # of conftest.py
Origin = Any  # a ScriptedOrigin
StartOrigin = Callable[..., Awaitable[Origin]]
HANDSHAKE = (("Connection", "Upgrade"), ("Upgrade", "websocket"))


class Authority:
    """Signs certificates; `file` is its own, for those who trust it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test Authority")])
        constraints = x509.BasicConstraints(ca=True, path_length=0)
        self._certificate = (
            self._builder(self._name, self._key)
            .add_extension(constraints, critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.file = folder / "authority.pem"
        self.file.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def server(self, *names: str, expired: bool = False, self_signed: bool = False) -> ssl.SSLContext:
        """A server's side, with a certificate for these names or addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "server")])
        builder = self._builder(name, key, issuer=name if self_signed else self._name, expired=expired)
        builder = builder.add_extension(x509.SubjectAlternativeName([general(one) for one in names]), critical=False)
        certificate = builder.sign(key if self_signed else self._key, hashes.SHA256())
        chain = self._folder / "server.pem"
        chain.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        return context

    def _builder(
        self,
        name: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        *,
        issuer: x509.Name | None = None,
        expired: bool = False,
    ) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(issuer or self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=30))
            .not_valid_after(now + timedelta(days=-1 if expired else 30))
        )


def general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    """The one authority that this machine trusts."""
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    tls_context.cache_clear()
    yield authority
    tls_context.cache_clear()


def attempt(port: int, *lines: tuple[str, str], host: str = "localhost", **settings: Any) -> OriginAttempt:
    """At the origin `localhost`, whose certificate counts because it has no local URL."""
    origin = OriginSettings("site", "localhost", https_port=port, **settings)
    return OriginAttempt(origin, OriginRequest("GET", "/", Headers((("Host", host), *lines)), b""), "https")


@pytest.mark.parametrize("lines", [(), HANDSHAKE], ids=["request", "upgrade"])
@pytest.mark.parametrize("host", ["localhost", "www.example.org", "www.example.org:8443"])
@pytest.mark.parametrize("named", ["localhost", "www.example.org"])
async def test_a_certificate_for_the_domain_or_the_host_is_trusted(
    fetcher: Fetcher, start_origin: StartOrigin, authority: Authority, lines: Any, host: str, named: str
) -> None:
    """The origin's domain, or the Host that CloudFront forwards."""
    origin = await start_origin(authority.server(named))
    outcome = await fetcher.origins.fetch(attempt(origin.port, *lines, host=host))
    if named == "localhost" or host != "localhost":
        assert outcome.status == 200, outcome
        assert await fetcher.everything(outcome.body) == b"hello"
    else:
        assert outcome.kind is OriginFailureKind.TLS
        assert "not valid for 'localhost'" in outcome.detail


@pytest.mark.parametrize("lines", [(), HANDSHAKE], ids=["request", "upgrade"])
@pytest.mark.parametrize(
    ("names", "flaws", "why"),
    [
        (["other.example.org"], {}, "certificate is not valid for 'localhost'"),
        (["localhost"], {"expired": True}, "certificate has expired"),
        (["localhost"], {"self_signed": True}, "self-signed certificate"),
    ],
    ids=["another name", "expired", "self-signed"],
)
async def test_a_certificate_that_is_not_trusted(
    fetcher: Fetcher,
    start_origin: StartOrigin,
    authority: Authority,
    lines: Any,
    names: list[str],
    flaws: Any,
    why: str,
) -> None:
    """The request does not reach the origin, and the message says what is wrong with the certificate."""
    origin = await start_origin(authority.server(*names, **flaws))
    outcome = await fetcher.origins.fetch(attempt(origin.port, *lines))
    assert outcome.kind is OriginFailureKind.TLS
    assert outcome.detail.startswith(f"https://localhost:{origin.port} has no certificate that can be trusted: ")
    assert why in outcome.detail.replace("Hostname mismatch, ", "")
    assert origin.requests == []


async def test_a_dev_server_may_sign_its_own_certificate(
    fetcher: Fetcher, start_origin: StartOrigin, authority: Authority
) -> None:
    """On this machine, under a local URL."""
    origin = await start_origin(authority.server("whatever", expired=True, self_signed=True))
    response = await fetcher.get(f"https://localhost:{origin.port}")
    assert (response.status, response.body) == (200, b"hello")


async def test_connections_in_tls_are_kept(fetcher: Fetcher, start_origin: StartOrigin, authority: Authority) -> None:
    """A handshake is dear."""
    origin = await start_origin(authority.server("localhost"))
    for _ in range(3):
        assert (await fetcher.origins.fetch(attempt(origin.port))).status == 200
    assert len(origin.connections) == 1


@pytest.mark.parametrize("lines", [(), HANDSHAKE], ids=["request", "upgrade"])
async def test_an_origin_that_speaks_plain_http(
    fetcher: Fetcher, origin: Origin, authority: Authority, lines: Any
) -> None:
    """HTTPS to a plain port."""

    @origin.plays
    async def play(connection: Any) -> None:
        await connection.reader.read(1)
        await connection.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    outcome = await fetcher.origins.fetch(attempt(origin.port, *lines))
    assert outcome.kind is OriginFailureKind.TLS
    assert "does not speak TLS" in outcome.detail


@pytest.mark.parametrize("lines", [(), HANDSHAKE], ids=["request", "upgrade"])
async def test_an_origin_that_closes_during_the_handshake(
    fetcher: Fetcher, origin: Origin, authority: Authority, lines: Any
) -> None:
    """It is there, but there is no TLS to be had from it."""

    @origin.plays
    async def play(connection: Any) -> None:
        await connection.reader.read(1)

    outcome = await fetcher.origins.fetch(attempt(origin.port, *lines))
    assert outcome.kind in (OriginFailureKind.TLS, OriginFailureKind.DROPPED)
    assert "is the site running" not in outcome.detail


@pytest.mark.parametrize("lines", [(), HANDSHAKE], ids=["request", "upgrade"])
async def test_an_origin_that_is_silent_during_the_handshake(
    fetcher: Fetcher, origin: Origin, authority: Authority, lines: Any
) -> None:
    """The connection timeout counts until TLS is spoken."""

    @origin.plays
    async def play(connection: Any) -> None:
        await connection.left()

    outcome = await fetcher.origins.fetch(attempt(origin.port, *lines, connection_timeout_s=0.05))
    assert outcome.kind is OriginFailureKind.CONNECT_TIMEOUT
