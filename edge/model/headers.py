"""HTTP header lines as they stand on the wire: ordered, case kept, repeated names allowed, never changed in place.

Text is ISO-8859-1 (one character per byte), so that a value nobody touches reaches the other side byte for byte.
The lines are the value; the index by lower-case name and the wire bytes are made on first use and kept, which is why
a stored object's headers cost nothing on a cache hit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from sys import intern

Line = tuple[str, str]


class Headers:
    """Immutable header lines. Names are looked up in lower case; `lines` keeps the case and order of the wire."""

    __slots__ = ("_index", "_unframed", "_wire", "lines")

    lines: tuple[Line, ...]

    def __init__(self, lines: Iterable[Line] = ()) -> None:
        self.lines = tuple(lines)
        self._index: dict[str, str] | None = None
        self._wire: bytes | None = None
        self._unframed: bytes | None = None

    def _first_values(self) -> dict[str, str]:
        index = self._index
        if index is None:
            # Reversed, so that the first of several lines with one name is the one that stays. Names are interned: a
            # million stored objects share them.
            index = self._index = {intern(name.lower()): value for name, value in reversed(self.lines)}
        return index

    def get(self, name: str) -> str | None:
        """The value of the first line with this name (given in lower case), None without such a line."""
        index = self._index
        if index is None:
            index = self._first_values()
        return index.get(name)

    def all(self, name: str) -> tuple[str, ...]:
        """The values of every line with this name (given in lower case), in order."""
        if name not in self._first_values():
            return ()
        return tuple(value for key, value in self.lines if key.lower() == name)

    def joined(self, name: str) -> str | None:
        """All values of this name in one, separated by ", " as RFC 9110 allows; None without such a line."""
        values = self.all(name)
        return ", ".join(values) if values else None

    def names(self) -> frozenset[str]:
        """The names present, in lower case."""
        return frozenset(self._first_values())

    def has_any(self, names: frozenset[str]) -> bool:
        """Whether any of these names (in lower case) is present."""
        return not names.isdisjoint(self._first_values())

    def plus(self, lines: Iterable[Line]) -> Headers:
        """These lines and then those."""
        return Headers((*self.lines, *lines))

    def replaced(self, name: str, value: str) -> Headers:
        """One line of this name (written as given) in place of every present one; at the end when it is new."""
        lower = name.lower()
        if lower not in self._first_values():
            return self.plus(((name, value),))
        lines: list[Line] = []
        done = False
        for line in self.lines:
            if line[0].lower() != lower:
                lines.append(line)
            elif not done:
                lines.append((name, value))
                done = True
        return Headers(lines)

    def without(self, *names: str) -> Headers:
        """The lines whose names (given in lower case) are not among these; itself when nothing goes."""
        index = self._first_values()
        if not any(name in index for name in names):
            return self
        return Headers(line for line in self.lines if line[0].lower() not in names)

    def where(self, keep: Callable[[str], bool]) -> Headers:
        """The lines whose lower-case name passes the test."""
        return Headers(line for line in self.lines if keep(line[0].lower()))

    def wire(self) -> bytes:
        """`Name: value CRLF` for each line, without the empty line at the end."""
        wire = self._wire
        if wire is None:
            wire = self._wire = encoded(self.lines)
        return wire

    def unframed(self) -> bytes:
        """`wire` without Content-Length, Transfer-Encoding and Connection: whoever sends a message frames it."""
        unframed = self._unframed
        if unframed is None:
            unframed = self._unframed = encoded(self.without("content-length", "transfer-encoding", "connection").lines)
        return unframed

    def __contains__(self, name: str) -> bool:
        return name in self._first_values()

    def __iter__(self) -> Iterator[Line]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self.lines == other.lines

    def __hash__(self) -> int:
        return hash(self.lines)

    def __reduce__(self) -> tuple[Callable[[tuple[Line, ...]], Headers], tuple[tuple[Line, ...]]]:
        return _arrived, (self.lines,)

    def __repr__(self) -> str:
        return f"Headers({list(self.lines)!r})"


def _arrived(lines: tuple[Line, ...]) -> Headers:
    """Lines that come from another process, their names shared as they are there."""
    return Headers([(intern(name), value) for name, value in lines])


def encoded(lines: Iterable[Line]) -> bytes:
    """Header lines as bytes, each with its CRLF."""
    return "".join([f"{name}: {value}\r\n" for name, value in lines]).encode("iso-8859-1", "replace")


NO_HEADERS = Headers()
