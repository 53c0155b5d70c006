"""Seeds of key value stores, from edge.toml.

Source: CloudFront Developer Guide, "Create a key value store" (import file: {"data": [{"key", "value"}...]}, UTF-8,
no duplicate keys).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from edge.configuration.finding import ConfigurationError, error
from edge.configuration.local import Local
from edge.model import quotas


def seeds(local: Local, folder: Path) -> tuple[dict[str, dict[str, str]], tuple[Path, ...]]:
    """The pairs of each store by name, and the files they came from. Raises ConfigurationError."""
    stores: dict[str, dict[str, str]] = {}
    files: list[Path] = []
    for name, table in local.kvs.items():
        pairs = dict(table.data)
        if table.file is not None:
            path = folder / table.file
            files.append(path)
            pairs |= read_file(path)
        stores[name] = pairs
    return stores, tuple(files)


def read_file(path: Path) -> dict[str, str]:
    """The pairs of an import file, or of a plain JSON object of strings. Raises ConfigurationError."""
    where = str(path)
    try:
        data: Any = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as problem:
        raise ConfigurationError(error("kvs.unreadable", where, f"cannot be read as JSON: {problem}")) from None
    pairs: dict[str, str] = {}
    listed = data.get("data") if isinstance(data, dict) else None
    items = listed if isinstance(listed, list) else [{"key": k, "value": v} for k, v in dict(data).items()]
    for item in items:
        key, value = (item.get("key"), item.get("value")) if isinstance(item, dict) else (None, None)
        if not isinstance(key, str) or not isinstance(value, str):
            raise ConfigurationError(error("kvs.shape", where, 'each item must be {"key": string, "value": string}'))
        if key in pairs:
            raise ConfigurationError(error("kvs.duplicate", where, f"the key {key!r} is there twice"))
        if len(key.encode()) > quotas.KVS_KEY_MAX_BYTES or len(value.encode()) > quotas.KVS_VALUE_MAX_BYTES:
            limits = f"a key has at most {quotas.KVS_KEY_MAX_BYTES} bytes, a value {quotas.KVS_VALUE_MAX_BYTES}"
            message = f"{key[:40]!r}: {limits}"
            raise ConfigurationError(error("kvs.quota", where, message))
        pairs[key] = value
    return pairs
