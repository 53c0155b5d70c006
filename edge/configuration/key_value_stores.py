"""Seeds of key value stores, from edge.toml.

Source: CloudFront Developer Guide, "Create a key value store" (import file: {"data": [{"key", "value"}...]}, UTF-8,
no duplicate keys), "Quotas on key value stores".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edge.configuration import document
from edge.configuration.configuration import StoreFacts
from edge.configuration.declared import Declared
from edge.configuration.finding import ConfigurationError, Finding, error, nearest, warning
from edge.configuration.local import Local
from edge.model import quotas

_QUOTAS = 'CloudFront Developer Guide, "Quotas on key value stores"'


def seeds(local: Local) -> tuple[dict[str, dict[str, str]], tuple[Path, ...]]:
    """The pairs of each store by the name that edge.toml gives it, and the files they came from. Raises
    ConfigurationError."""
    stores: dict[str, dict[str, str]] = {}
    files: list[Path] = []
    for name, seed in local.kvs.items():
        where = f"{local.name} kvs.{name}"
        pairs: dict[str, str] = {}
        if seed.file is not None:
            files.append(seed.file)
            pairs = read_file(seed.file)
        pairs |= seed.values
        check(pairs, where)
        stores[name] = pairs
    return stores, tuple(files)


def stores(
    declared: Declared, local: Local, seeds: Mapping[str, Mapping[str, str]], found: list[Finding]
) -> dict[str, Mapping[str, str]]:
    """The pairs of each store that a source declares, by its name. edge.toml may call a store by its name, or by the
    last part of its ARN: its id, in a template its logical id."""
    made: dict[str, Mapping[str, str]] = {}
    names = {name: (name, arn.rpartition("/")[2]) for arn, name in declared.stores.items()}
    for name, (_, id) in names.items():
        seeded = next((one for one in (name, id) if one in seeds), None)
        made[name] = {} if seeded is None else seeds[seeded]
        if seeded is None:
            lines = f'[kvs.{_key(name)}], and below it file = "{name}.json"'
            message = f"the key value store {name} is empty here; to fill it, add to {local.name}: {lines}"
            found.append(warning("kvs.empty", declared.store_places[name].at(), message))
    known = {one for both in names.values() for one in both}
    for name in seeds:
        if name not in known:
            message = f"there is no key value store {name}; {nearest(name, known)}"
            found.append(warning("kvs.unknown_name", f"{local.name} kvs.{name}", message))
    return made


def facts(declared: Declared, local: Local) -> dict[str, StoreFacts]:
    """The ids of stores, which end their ARNs, and how fast updates reach functions, by name."""
    made = {name: arn.rpartition("/")[2] for arn, name in declared.stores.items()}
    return {name: StoreFacts(id, _propagation_s(local, name, id)) for name, id in made.items()}


def facts_of_seeds(local: Local) -> dict[str, StoreFacts]:
    """The same for stores that only edge.toml knows."""
    return {name: StoreFacts("", seed.propagation_s) for name, seed in local.kvs.items()}


def _propagation_s(local: Local, *names: str) -> float:
    return next((local.kvs[name].propagation_s for name in names if name in local.kvs), 0.0)


def _key(name: str) -> str:
    return name if re.fullmatch("[A-Za-z0-9_-]+", name) else f'"{name}"'


def read_file(path: Path) -> dict[str, str]:
    """The pairs of an import file, or of a plain JSON object of strings. Raises ConfigurationError."""
    where = str(path)
    try:
        data: Any = json.loads(document.read_text(path))
    except json.JSONDecodeError as problem:
        message = f"not JSON: {problem.msg}"
        raise ConfigurationError(error("kvs.syntax", f"{where}:{problem.lineno}", message)) from None
    if not isinstance(data, dict):
        message = 'must be an object: {"data": [{"key": ..., "value": ...}]}, or plain keys with their values'
        raise ConfigurationError(error("kvs.shape", where, message))
    listed = data.get("data")
    items = listed if isinstance(listed, list) else [{"key": key, "value": value} for key, value in data.items()]
    pairs: dict[str, str] = {}
    for number, item in enumerate(items):
        key, value = (item.get("key"), item.get("value")) if isinstance(item, dict) else (None, None)
        at = f"{where} data[{number}]"
        if not isinstance(key, str) or not isinstance(value, str):
            raise ConfigurationError(error("kvs.shape", at, 'each item must be {"key": string, "value": string}'))
        if key in pairs:
            raise ConfigurationError(error("kvs.duplicate", at, f"the key {key!r} is there twice"))
        pairs[key] = value
    return pairs


def check(pairs: Mapping[str, str], where: str) -> None:
    """The quotas of a store. Raises ConfigurationError, which begins with `where`."""
    size = 0
    for key, value in pairs.items():
        key_bytes, value_bytes = len(key.encode()), len(value.encode())
        size += key_bytes + value_bytes
        if key_bytes > quotas.KVS_KEY_MAX_BYTES or value_bytes > quotas.KVS_VALUE_MAX_BYTES:
            limits = f"a key has at most {quotas.KVS_KEY_MAX_BYTES} bytes, a value {quotas.KVS_VALUE_MAX_BYTES}"
            raise ConfigurationError(error("kvs.quota", where, f"{key[:40]!r}: {limits}", _QUOTAS))
    if size > quotas.KVS_STORE_MAX_BYTES:
        message = f"the store has {size} bytes, and at most {quotas.KVS_STORE_MAX_BYTES} fit"
        raise ConfigurationError(error("kvs.quota", where, message, _QUOTAS))
