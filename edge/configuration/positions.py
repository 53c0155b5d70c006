"""Trees that remember their lines: what the YAML and JSON readers make, and what intrinsic functions leave.

A Block is a dict and Items a list, so everything that takes plain data takes them. Scalars stay plain; their line is
kept by the container that holds them. A Place is a tree with the file and the path that lead to it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Key = str | int


class Block(dict[str, Any]):
    """A mapping; `lines` has the line (from 1) of each key."""

    __slots__ = ("lines",)

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, int] = {}

    def put(self, key: str, value: Any, line: int) -> None:
        """Set a key, and its line."""
        self[key] = value
        self.lines[key] = line


class Items(list[Any]):
    """A sequence; `lines` has the line (from 1) of each element."""

    __slots__ = ("lines",)

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[int] = []

    def put(self, value: Any, line: int) -> None:
        """Append an element, and its line."""
        self.append(value)
        self.lines.append(line)

    def mapped(self, change: Callable[[Any], Any]) -> Items:
        """The elements as `change` makes them, in their lines."""
        made = Items()
        for value, line in zip(self, self.lines, strict=True):
            made.put(change(value), line)
        return made


class Unresolved(str):
    """Text in the place of a value that cannot be had, because what it refers to is not there. `reason` says why, and
    what to do."""

    __slots__ = ("reason",)

    reason: str

    def __new__(cls, text: str, reason: str) -> Unresolved:
        made = super().__new__(cls, text)
        made.reason = reason
        return made

    def with_text(self, text: str) -> Unresolved:
        """Another text that is not known for the same reason."""
        return type(self)(text, self.reason)


class Ungiven(Unresolved):
    """A value that is known elsewhere, and nobody has given here: where it has no effect, that is no fault."""

    __slots__ = ()


class Undeployed(Ungiven):
    """What AWS knows once a resource, `logical_id`, is deployed."""

    __slots__ = ("logical_id",)

    logical_id: str

    def __new__(cls, text: str, reason: str, logical_id: str) -> Undeployed:
        made = super().__new__(cls, text, reason)
        assert isinstance(made, Undeployed)
        made.logical_id = logical_id
        return made

    def with_text(self, text: str) -> Undeployed:
        return Undeployed(text, self.reason, self.logical_id)


def first_unresolved(tree: Any) -> Unresolved | None:
    """The first value of an evaluated tree that is not known."""
    if isinstance(tree, Unresolved):
        return tree
    children = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    return next((found for child in children if (found := first_unresolved(child)) is not None), None)


SPELLINGS = {
    "ACMCertificateArn": "AcmCertificateArn",
    "CustomHeaders": "OriginCustomHeaders",
    "IAMCertificateId": "IamCertificateId",
    "IsIPV6Enabled": "IPV6Enabled",
    "Items": "Locations",
    "OriginSslProtocols": "OriginSSLProtocols",
    "SSLSupportMethod": "SslSupportMethod",
}
"""Properties by their names in the API, and what CloudFormation calls them."""


@dataclass(frozen=True, slots=True)
class Place:
    """A piece of a source. `path` is where it stands in the file, `line` where it begins."""

    file: str
    path: str
    tree: Any
    line: int = 1

    def child(self, *keys: Key) -> Place:
        """A piece of this piece. Keys are the API's names: CloudFormation's spelling of them is found too, and an
        index goes through `Items`. A key that is not there leaves the line where it is."""
        node, line, path = self.tree, self.line, self.path
        for key in keys:
            if isinstance(key, int) and isinstance(node, dict):
                node, path = node.get("Items"), f"{path}.Items"
            if key == "Items" and isinstance(node, Items):
                continue
            if isinstance(node, Block) and isinstance(key, str):
                if key not in node and SPELLINGS.get(key) in node:
                    key = SPELLINGS[key]
                line = node.lines.get(key, line)
                node = node.get(key)
            elif isinstance(node, Items) and isinstance(key, int) and key < len(node):
                line = node.lines[key]
                node = node[key]
            else:
                node = None
            path = f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}" if path else key
        return Place(self.file, path, node, line)

    def at(self, *keys: Key) -> str:
        """`file:line path` of a piece, as findings say it."""
        place = self.child(*keys)
        return f"{place.file}:{place.line} {place.path}".rstrip()
