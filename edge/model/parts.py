"""Byte ranges of an object of which not all is here.

Source: CloudFront Developer Guide, "How CloudFront processes partial requests for an object (range GETs)".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Piece(NamedTuple):
    """A run of bytes; `first` is the offset of its first byte in the object."""

    first: int
    data: bytes

    @property
    def end(self) -> int:
        """The offset after its last byte."""
        return self.first + len(self.data)


class Parts(NamedTuple):
    """The pieces, in order, that neither overlap nor touch; `total_bytes` is how long the whole object is."""

    total_bytes: int
    pieces: tuple[Piece, ...] = ()

    def plus(self, pieces: Iterable[Piece]) -> Parts:
        """With more pieces of the same object; what overlaps or touches becomes one."""
        joined: list[Piece] = []
        for piece in sorted((*self.pieces, *pieces), key=lambda one: one.first):
            if not piece.data:
                continue
            if not joined or piece.first > joined[-1].end:
                joined.append(piece)
            elif piece.end > joined[-1].end:
                before = joined[-1]
                joined[-1] = Piece(before.first, before.data + piece.data[before.end - piece.first :])
        return Parts(self.total_bytes, tuple(joined))

    def cut(self, first: int, last: int) -> bytes | None:
        """The bytes from `first` to `last`, both included; None when some of them are not here."""
        for piece in self.pieces:
            if piece.first <= first and last < piece.end:
                return piece.data[first - piece.first : last + 1 - piece.first]
        return None

    @property
    def whole(self) -> bytes | None:
        """All of the object, once all of it is here."""
        if len(self.pieces) == 1 and len(self.pieces[0].data) == self.total_bytes:
            return self.pieces[0].data
        return None

    @property
    def size_bytes(self) -> int:
        """How many bytes are here."""
        return sum(len(piece.data) for piece in self.pieces)
