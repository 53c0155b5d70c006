"""`X-Edge-Viewer`: one request says who its viewer is to be taken for.

curl -H 'X-Edge-Viewer: country=JP; city=Tokyo; device=ios; address=203.0.113.9' ...

It is for tests on this machine, and counts for viewers who are on it; CloudFront has nothing like it, and neither
functions nor the origin see it. What it does not name stays what it is.
"""

from __future__ import annotations

from dataclasses import fields
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import unquote

from edge.model.device import NAMED
from edge.model.viewer import Location

NAME = "x-edge-viewer"
_PLACE = {field.name for field in fields(Location)}


class Override(NamedTuple):
    """What the header names: "" and an empty mapping for what it does not. `wrong` holds what it cannot name."""

    address: str = ""
    device: str = ""
    place: dict[str, str] = {}  # noqa: RUF012 -- never changed
    wrong: tuple[str, ...] = ()


def parse(value: str) -> Override:
    """`name=value` pairs separated by semicolons; values may be percent-encoded."""
    address = device = ""
    place: dict[str, str] = {}
    wrong: list[str] = []
    for piece in filter(None, (one.strip() for one in value.split(";"))):
        name, _, text = piece.partition("=")
        name, text = name.strip().lower().replace("-", "_"), unquote(text.strip())
        if name == "address" and _is_address(text):
            address = text
        elif name == "device" and text in NAMED:
            device = text
        elif name in _PLACE:
            place[name] = text.upper() if name == "country" else text
        else:
            wrong.append(piece)
    return Override(address, device, place, tuple(wrong))


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
