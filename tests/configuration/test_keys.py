"""Public keys and key groups."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.configuration import Configuration
from edge.model.distribution import PublicKey

Stack = Callable[..., Path]
Inspect = Callable[..., Configuration]

PEM = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"


@pytest.fixture
def with_group(stack: Stack, inspect: Inspect) -> Callable[..., Configuration]:
    """A template whose behavior trusts one key group."""

    def with_group(items: list[Any], pem: str = PEM) -> Configuration:
        key = {"CallerReference": "1", "Name": "mine", "EncodedKey": pem}
        resources = {
            "Key": {"Type": "AWS::CloudFront::PublicKey", "Properties": {"PublicKeyConfig": key}},
            "Group": {
                "Type": "AWS::CloudFront::KeyGroup",
                "Properties": {"KeyGroupConfig": {"Name": "g", "Items": items}},
            },
        }
        return inspect(stack(resources=resources, behavior={"TrustedKeyGroups": [{"Ref": "Group"}]}))

    return with_group


def test_a_behavior_has_the_keys_of_its_groups(with_group: Callable[..., Configuration]) -> None:
    made = with_group([{"Ref": "Key"}])
    assert made.findings == ()
    assert made.distributions[0].behaviors[0].trusted_keys == {"Key": PublicKey("Key", "mine", PEM)}


@pytest.mark.parametrize(
    ("items", "pem", "rule"),
    [
        ([{"Ref": "Key"}], "AAAA", "keys.pem"),
        (["K2JCJMDEHXQW5F"], PEM, "keys.unknown_public_key"),
        ([{"Ref": "Key"}] * 6, PEM, "quotas.keys_per_key_group"),
    ],
)
def test_keys_that_cannot_be_used_are_errors(
    with_group: Callable[..., Configuration], items: list[Any], pem: str, rule: str
) -> None:
    (finding,) = with_group(items, pem).findings
    assert (finding.level, finding.rule) == ("error", rule)
