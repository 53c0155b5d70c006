"""A certificate for this machine: a local authority that the user may trust once, and a leaf for the names in use.

Both live in the user's data directory, private keys readable by the user alone. The authority lasts ten years, the
leaf a year (Safari takes no more than 825 days from such an authority); each is made anew before it expires, the leaf
also when the names change. Whoever holds the authority's key can vouch for any site to whoever trusts it: it never
leaves the directory.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_AUTHORITY_LASTS = timedelta(days=3650)
_LEAF_LASTS = timedelta(days=365)
_RENEWED_BEFORE = timedelta(days=30)
_CLOCKS_DIFFER = timedelta(hours=1)
_ALWAYS = ("localhost", "127.0.0.1", "::1")

_TRUST = """\
A local certificate authority was made: {authority}
  once        curl --cacert '{authority}' https://localhost:PORT/
  Linux       sudo cp '{authority}' /usr/local/share/ca-certificates/edge-on-a-laptop.crt && sudo update-ca-certificates
              (Fedora: sudo trust anchor '{authority}')
  macOS       security add-trusted-cert -r trustRoot -k ~/Library/Keychains/login.keychain-db '{authority}'
  browsers    Chrome and Firefox on Linux keep their own list: Settings, Certificates, Authorities, Import
Until then browsers warn. Keep the key beside it to yourself."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """`file` holds the leaf and its private key, PEM. `authority` is what clients must trust; `created` says that it
    is new, so that nobody can trust it yet."""

    file: Path
    authority: Path
    created: bool


def local_certificate(
    names: Iterable[str], *, directory: Path | None = None, now: datetime | None = None
) -> Certificate:
    """A certificate for localhost, the loopback addresses and these names (wildcards allowed), made if need be."""
    directory = data_directory() if directory is None else directory
    now = datetime.now(UTC) if now is None else now
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    authority_file, leaf_file = directory / "authority.pem", directory / "localhost.pem"
    authority = _load(authority_file, directory / "authority-key.pem")
    created = False
    if authority is None or _expires(authority.certificate, now):
        created = True
        authority = make_authority(now)
        _write(directory / "authority-key.pem", authority.key_pem())
        _write(authority_file, authority.certificate_pem(), mode=0o644)
    wanted = [*dict.fromkeys((*_ALWAYS, *(name.lower() for name in names)))]
    leaf = _load(leaf_file, leaf_file)
    if leaf is None or not _fits(leaf.certificate, authority.certificate, wanted, now):
        leaf = make_leaf(authority, wanted, now)
        _write(leaf_file, leaf.certificate_pem() + leaf.key_pem())
    return Certificate(leaf_file, authority_file, created)


def how_to_trust(authority: Path) -> str:
    """What to type so that clients believe the certificate."""
    return _TRUST.format(authority=authority)


def data_directory() -> Path:
    """Where this user's programs keep their data."""
    if given := os.environ.get("XDG_DATA_HOME"):
        return Path(given) / "edge-on-a-laptop"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "edge-on-a-laptop"
    return Path.home() / ".local" / "share" / "edge-on-a-laptop"


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def certificate_pem(self) -> bytes:
        """The certificate in PEM form."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def key_pem(self) -> bytes:
        """The key in PEM form, without a password."""
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


def _load(certificate_file: Path, key_file: Path) -> Pair | None:
    """What an earlier run has left; None when there is nothing, or nothing that belongs together."""
    try:
        certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
    except (OSError, ValueError):
        return None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or certificate.public_key() != key.public_key():
        return None
    return Pair(certificate, key)


def _fits(leaf: x509.Certificate, authority: x509.Certificate, names: list[str], now: datetime) -> bool:
    try:
        leaf.verify_directly_issued_by(authority)
        held = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except Exception:  # whatever is wrong with it, a new one is right
        return False
    return not _expires(leaf, now) and set(held) == set(_general_names(names))


def _expires(certificate: x509.Certificate, now: datetime) -> bool:
    return certificate.not_valid_after_utc - _RENEWED_BEFORE <= now or now < certificate.not_valid_before_utc


def make_authority(now: datetime) -> Pair:
    """A new authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"Edge on a laptop, {now:%Y-%m-%d}")
    certificate = (
        _unsigned(name, name, key, now, _AUTHORITY_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Pair(certificate, key)


def make_leaf(authority: Pair, names: list[str], now: datetime) -> Pair:
    """A certificate for a server of these names, by an authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = authority.certificate
    identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    certificate = (
        _unsigned(_name("localhost"), issuer.subject, key, now, _LEAF_LASTS)
        .add_extension(x509.SubjectAlternativeName(_general_names(names)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    return Pair(certificate, key)


def _unsigned(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, lasts: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(now + lasts)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _general_names(names: list[str]) -> list[x509.GeneralName]:
    found: list[x509.GeneralName] = []
    for name in names:
        try:
            found.append(x509.IPAddress(ip_address(name)))
        except ValueError:
            found.append(x509.DNSName(name))
    return found


def _write(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Put a file in place as a whole, never readable by others for a moment."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent)  # 0600
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    os.chmod(temporary, mode)
    os.replace(temporary, path)
