"""The JSON values that cross the border between the core and user code.

Events go out and results come back as plain Python objects that `json` can write: the core never sees text,
and a runtime never sees a Request or a Response.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

JsonValue: TypeAlias = "bool | int | float | str | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
JsonObject: TypeAlias = "Mapping[str, JsonValue]"
