"""Promises of edge/signer.py: what it signs, CloudFront's rules let in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from edge.model.distribution import Behavior, Distribution, PublicKey
from edge.model.managed_policies import cache_policy
from edge.model.origin import Origin
from edge.signer import Permission, PrivateKey, load_private_key, sign
from edge.testing import Playbook

URL = "https://localhost/film.mp4?part=1"


@pytest.fixture(params=["rsa", "ecdsa"])
def key(request: Any) -> PrivateKey:
    return rsa.generate_private_key(65_537, 2048) if request.param == "rsa" else ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def play(key: PrivateKey) -> Playbook:
    """A distribution that trusts the key."""
    pem = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    behavior = Behavior(
        "site",
        cache_policy=cache_policy("CachingOptimized"),
        trusted_keys={"K1": PublicKey("K1", "test", pem.decode())},
    )
    return Playbook(Distribution("E1", "d1.cloudfront.net", {"site": Origin("site", "o.example.org")}, (behavior,)))


Ask = Callable[[Permission], bool]


@pytest.fixture(params=["SHA1", "SHA256"])
def lets_in(play: Playbook, key: PrivateKey, request: Any) -> Ask:
    """Whether the request with the signed URL gets to the origin."""

    def ask(permission: Permission) -> bool:
        parameters = sign(permission, URL, key, "K1", request.param)
        target = urlsplit(URL + "".join(f"&{name}={value}" for name, value in parameters.items()))
        return play.get(f"{target.path}?{target.query}").asked is not None

    return ask


def test_a_canned_policy_lets_in_until_it_expires(lets_in: Ask, play: Playbook) -> None:
    permission = Permission(URL, int(play.now) + 60)
    assert lets_in(permission)
    play.advance(seconds=61)
    assert not lets_in(permission)


def test_a_custom_policy_may_name_a_pattern_a_beginning_and_a_network(lets_in: Ask, play: Playbook) -> None:
    soon = int(play.now) + 60
    assert lets_in(Permission("https://localhost/*", soon))
    assert not lets_in(Permission("https://localhost/other*", soon))
    assert not lets_in(Permission(URL, soon, after=int(play.now) + 30))
    assert not lets_in(Permission(URL, soon, source_ip="192.0.2.0/24"))


def test_parameters_have_awss_names_and_alphabet(key: PrivateKey) -> None:
    canned = sign(Permission(URL, 99), URL, key, "K1")
    assert list(canned) == ["Expires", "Signature", "Key-Pair-Id"]
    custom = sign(Permission(URL, 99, source_ip="10.0.0.0/8"), URL, key, "K1", "SHA256")
    assert list(custom) == ["Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"]
    assert not set("+/=") & set("".join(custom.values()))


def test_a_file_that_is_no_private_key_is_refused() -> None:
    with pytest.raises(ValueError, match=r"."):
        load_private_key(b"-----BEGIN NONSENSE-----")


def test_what_the_aws_command_line_signs_is_the_same(play: Playbook, key: PrivateKey) -> None:
    """botocore's CloudFrontSigner is what `aws cloudfront sign` runs."""
    if not isinstance(key, rsa.RSAPrivateKey):
        pytest.skip("a signature by ECDSA is another one each time")
    signer = CloudFrontSigner("K1", lambda message: key.sign(message, padding.PKCS1v15(), hashes.SHA1()))
    expires = int(play.now) + 60
    canned = signer.generate_presigned_url(URL, date_less_than=datetime.fromtimestamp(expires, UTC))
    ours = sign(Permission(URL, expires), URL, key, "K1")
    assert canned == URL + "".join(f"&{name}={value}" for name, value in ours.items())
    policy = signer.build_policy(
        "https://localhost/*", datetime.fromtimestamp(expires, UTC), date_greater_than=None, ip_address="0.0.0.0/0"
    )
    custom = urlsplit(signer.generate_presigned_url(URL, policy=policy))
    assert play.get(f"{custom.path}?{custom.query}").asked is not None
