"""Query strings, raw: split at `&` only, order and case kept, nothing decoded.

Source: CloudFront Developer Guide, "Cache content based on query string parameters".
"""

from __future__ import annotations

from collections.abc import Iterable

Parameter = tuple[str, str | None]
"""A name and the text after its first `=`; None when the parameter has no `=`."""


def parse(query: str | None) -> tuple[Parameter, ...]:
    """The parameters in order; empty pieces (`a=1&&b=2`) are skipped."""
    if not query:
        return ()
    return tuple(_split(piece) for piece in query.split("&") if piece)


def _split(piece: str) -> Parameter:
    name, equals, value = piece.partition("=")
    return (name, value if equals else None)


def render(parameters: Iterable[Parameter]) -> str:
    """Parameters as a query string without `?`; what `parse` gave comes back as it was."""
    return "&".join(name if value is None else f"{name}={value}" for name, value in parameters)
