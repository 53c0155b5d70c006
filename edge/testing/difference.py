"""A function's event against what it returned, line by line, as a person reads it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from difflib import ndiff
from typing import Any

from edge.model.json_value import JsonValue

_TEXT_MAX_CHARS = 200


def difference(before: JsonValue, after: JsonValue) -> str:
    """What a function changed: `-` lines went in, `+` lines came out, the others stayed."""
    lines = ndiff(list(_lines(before)), list(_lines(after)))
    return "\n".join(line.rstrip() for line in lines if not line.startswith("?"))


def listed(message: JsonValue) -> str:
    """A request or response, one line for each member."""
    return "\n".join(f"  {line}" for line in _lines(message))


def _lines(message: JsonValue) -> Iterator[str]:
    if not isinstance(message, Mapping):
        yield _text(message)
        return
    for name, value in message.items():
        if name in ("headers", "cookies", "querystring") and isinstance(value, Mapping):
            for key, entry in value.items():
                for one in entry if isinstance(entry, list) else (entry,):
                    yield f"{name}.{key}: {_entry(one)}"
        elif name == "origin" and isinstance(value, Mapping):
            yield from _flat(name, value)
        else:
            yield f"{name}: {_text(value)}"


def _flat(name: str, value: Any) -> Iterator[str]:
    """`origin.custom.domainName: www.example.com`."""
    if isinstance(value, Mapping) and value and "value" not in value:
        for key, inner in value.items():
            yield from _flat(f"{name}.{key}", inner)
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        yield from (f"{name}: {_entry(one)}" for one in value)
    else:
        yield f"{name}: {_text(value)}"


def _entry(entry: Any) -> str:
    """`{"value": "a"}` as `a`. What is not such an entry is shown as it is, for that may be the mistake."""
    if not isinstance(entry, Mapping) or not isinstance(entry.get("value"), str):
        return _text(entry) if not isinstance(entry, str) else json.dumps(entry)
    if "multiValue" in entry:
        many = entry["multiValue"]
        return f"[{', '.join(_entry(one) for one in many)}]" if isinstance(many, list) else _text(entry)
    value: str = entry["value"]
    return f"{value}; {entry['attributes']}" if entry.get("attributes") else value


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _TEXT_MAX_CHARS else f"{text[:_TEXT_MAX_CHARS]}... ({len(text)} characters)"
