"""Making signed URLs and signed cookies, as a site would, for testing.

Source: CloudFront Developer Guide, "Create a signed URL using a canned policy" and "... using a custom policy", "Set
signed cookies". `edge/rules/signed_urls.py` checks what this makes.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Literal, NamedTuple

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from edge.rules import signed_policy

_ALPHABET = str.maketrans("+=/", "-_~")
"""CloudFront's base64 for URLs."""

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class Permission(NamedTuple):
    """What is allowed: `resource` (a URL, perhaps with wildcards) until `expires` and after `after` (epoch seconds),
    from `source_ip` (IPv4 CIDR)."""

    resource: str
    expires: int
    after: int | None = None
    source_ip: str | None = None


def load_private_key(pem: bytes) -> PrivateKey:
    """A private key in PEM form. Raises ValueError for anything but RSA and ECDSA."""
    try:
        key = load_pem_private_key(pem, password=None)
    except (TypeError, UnsupportedAlgorithm) as error:
        raise ValueError(str(error)) from None
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise ValueError("CloudFront takes RSA 2048 and ECDSA P-256 keys")
    return key


def new_key_pair(kind: Literal["rsa", "ecdsa"]) -> tuple[bytes, bytes]:
    """A private and a public key in PEM form, as CloudFront takes them: RSA 2048 or ECDSA P-256."""
    key: PrivateKey
    key = rsa.generate_private_key(65_537, 2_048) if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private, key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def sign(
    permission: Permission,
    url: str,
    key: PrivateKey,
    key_pair_id: str,
    hash_algorithm: Literal["SHA1", "SHA256"] = "SHA1",
    *,
    custom: bool = False,
) -> Mapping[str, str]:
    """The parameters by name: Expires or Policy, Signature, Key-Pair-Id, and Hash-Algorithm when it is not SHA1. The
    policy is canned when it says no more than a canned policy can, unless it is to be `custom`."""
    is_canned = not custom and permission == Permission(url, permission.expires)
    if is_canned:
        text = signed_policy.canned(url, str(permission.expires))
        found = {"Expires": str(permission.expires)}
    else:
        text = _custom(permission)
        found = {"Policy": _encoded(text.encode())}
    algorithm = hashes.SHA256() if hash_algorithm == "SHA256" else hashes.SHA1()  # CloudFront's default
    if isinstance(key, rsa.RSAPrivateKey):
        signature = key.sign(text.encode(), padding.PKCS1v15(), algorithm)
    else:
        signature = key.sign(text.encode(), ec.ECDSA(algorithm))
    found |= {"Signature": _encoded(signature), "Key-Pair-Id": key_pair_id}
    return found if hash_algorithm == "SHA1" else {**found, "Hash-Algorithm": hash_algorithm}


def _custom(permission: Permission) -> str:
    condition: dict[str, object] = {"DateLessThan": {"AWS:EpochTime": permission.expires}}
    if permission.after is not None:
        condition["DateGreaterThan"] = {"AWS:EpochTime": permission.after}
    if permission.source_ip is not None:
        condition["IpAddress"] = {"AWS:SourceIp": permission.source_ip}
    statement = {"Resource": permission.resource, "Condition": condition}
    return json.dumps({"Statement": [statement]}, separators=(",", ":"))


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii").translate(_ALPHABET)
