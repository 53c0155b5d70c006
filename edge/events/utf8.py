"""Text between the wire and user code.

Source: CloudFront Developer Guide, "Restrictions on all edge functions", Encoding: functions see UTF-8; bytes that
are not UTF-8 are taken for ISO-8859-1; a value that a function leaves alone goes on as the bytes it was, a changed
one as UTF-8. The core keeps wire text as ISO-8859-1, one character per byte.
"""

from __future__ import annotations


def to_user(wire: str) -> str:
    """Wire text as user code sees it."""
    if wire.isascii():
        return wire
    try:
        return wire.encode("iso-8859-1").decode("utf-8")
    except UnicodeDecodeError:
        return wire


def to_wire(text: str) -> str:
    """Text that user code wrote, as wire text. Lone surrogates, which UTF-8 does not have, become `?`."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("iso-8859-1")
