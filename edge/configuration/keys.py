"""Public keys, key groups and origin access controls.

Source: CloudFront API Reference, PublicKeyConfig, KeyGroupConfig, OriginAccessControlConfig; CloudFront Developer
Guide, "Specify signers that can create signed URLs and signed cookies".
"""

from __future__ import annotations

from collections.abc import Mapping

from edge.configuration.declared import Declared
from edge.configuration.finding import Finding, error
from edge.configuration.positions import Unresolved
from edge.configuration.shapes.resource_configs import (
    KeyGroupConfigShape,
    OriginAccessControlConfigShape,
    PublicKeyConfigShape,
)
from edge.configuration.shapes.shape import parse
from edge.model import quotas
from edge.model.distribution import PublicKey
from edge.model.origin import OriginAccessControl

_SIGNERS = 'CloudFront Developer Guide, "Specify signers that can create signed URLs and signed cookies"'


def key_groups(declared: Declared, found: list[Finding]) -> dict[str, Mapping[str, PublicKey]]:
    """The keys of each key group, by the id of the group and of the key."""
    keys = _public_keys(declared, found)
    groups: dict[str, Mapping[str, PublicKey]] = {}
    for id, place in declared.resources.get("key group", {}).items():
        config = parse(KeyGroupConfigShape, place, declared.form, found)
        if config is None:
            continue
        if len(config.Items) > quotas.KEYS_PER_KEY_GROUP_MAX:
            message = (
                f"the key group has {len(config.Items)} keys, and at most {quotas.KEYS_PER_KEY_GROUP_MAX} are allowed"
            )
            found.append(error("quotas.keys_per_key_group", place.at("Items"), message, _SIGNERS))
        for index, key in enumerate(config.Items):
            unknown = isinstance(place.child("Items", index).tree, Unresolved)
            if key not in declared.public_keys and not unknown:
                message = f"the public key {key} is not here; {declared.how_to_get('public key', key)}"
                found.append(error("keys.unknown_public_key", place.at("Items", index), message, _SIGNERS))
        groups[id] = {key: keys[key] for key in config.Items if key in keys}
    return groups


def _public_keys(declared: Declared, found: list[Finding]) -> dict[str, PublicKey]:
    keys: dict[str, PublicKey] = {}
    for id, place in declared.public_keys.items():
        config = parse(PublicKeyConfigShape, place, declared.form, found)
        if config is None:
            continue
        if not config.EncodedKey.strip().startswith("-----BEGIN PUBLIC KEY-----"):
            message = "must be a public key in PEM form, from -----BEGIN PUBLIC KEY----- to -----END PUBLIC KEY-----"
            found.append(error("keys.pem", place.at("EncodedKey"), message, _SIGNERS))
        keys[id] = PublicKey(id, config.Name, config.EncodedKey)
    return keys


def origin_access_controls(declared: Declared, found: list[Finding]) -> dict[str, OriginAccessControl]:
    """Origin access controls by id."""
    controls: dict[str, OriginAccessControl] = {}
    for id, place in declared.resources.get("origin access control", {}).items():
        config = parse(OriginAccessControlConfigShape, place, declared.form, found)
        if config is not None:
            controls[id] = OriginAccessControl(id, config.OriginAccessControlOriginType, config.SigningBehavior)
    return controls
