"""Values of the model as bytes, for the other processes of the same edge, which run the same code. Nothing that comes
from anywhere else is ever read here: pickles are programs.

Constants that code compares by identity stay what they are.
"""

from __future__ import annotations

import io
import pickle
from types import MappingProxyType
from typing import Any

from edge.model.policies import NO_NAMES
from edge.model.topology import ONE_LOCATION

_CONSTANTS = {"NO_NAMES": NO_NAMES, "ONE_LOCATION": ONE_LOCATION}
_NAMES = {id(value): name for name, value in _CONSTANTS.items()}


class _Pickler(pickle.Pickler):
    def persistent_id(self, value: object) -> str | None:
        return _NAMES.get(id(value))

    def reducer_override(self, value: object) -> Any:
        if type(value) is MappingProxyType:
            return _read_only, (dict(value),)
        return NotImplemented


class _Unpickler(pickle.Unpickler):
    def persistent_load(self, name: str) -> object:
        return _CONSTANTS[name]


def _read_only(pairs: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(pairs)


def dumps(value: object) -> bytes:
    """A value as bytes."""
    out = io.BytesIO()
    _Pickler(out, pickle.HIGHEST_PROTOCOL).dump(value)
    return out.getvalue()


def loads(data: bytes) -> Any:
    """The value of bytes that `dumps` made."""
    return _Unpickler(io.BytesIO(data)).load()
