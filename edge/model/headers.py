"""HTTP header lines as they stand on the wire: ordered, case kept, repeated names allowed, never changed in place.

Text is ISO-8859-1 (one character per byte), so that a value nobody touches reaches the other side byte for byte.
The lines are the value; where each name stands and the wire bytes are found on first use and kept, which is why a
stored object's headers cost nothing on a cache hit. Headers with the same names in the same order share what says where
each name stands: to ask whether a name is there touches no memory that belongs to one object alone. A connection that
sends the same lines again has the same object.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from sys import intern
from typing import TypeVar, cast

T = TypeVar("T")
Line = tuple[str, str]

_PLACES_MAX = 1_024
_places: dict[tuple[str, ...], dict[str, int]] = {}
"""By the names as they are written: the place of the first line of each, by its name in lower case."""


class Headers:
    """Immutable header lines. Names are looked up in lower case; `lines` keeps the case and order of the wire."""

    __slots__ = ("_kept", "_places", "_unframed", "_wire", "lines")

    lines: tuple[Line, ...]

    def __init__(self, lines: Iterable[Line] = ()) -> None:
        self.lines = tuple(lines)
        self._places: dict[str, int] | None = None
        self._wire: bytes | None = None
        self._unframed: bytes | None = None
        self._kept: tuple[object, object] | None = None

    def _first_places(self) -> dict[str, int]:
        places = self._places
        if places is None:
            names = tuple([name for name, _ in self.lines])
            known = _places.get(names)
            places = self._places = _found(names) if known is None else known
        return places

    def get(self, name: str) -> str | None:
        """The value of the first line with this name (given in lower case), None without such a line."""
        places = self._places
        if places is None:
            places = self._first_places()
        place = places.get(name)
        return None if place is None else self.lines[place][1]

    def all(self, name: str) -> tuple[str, ...]:
        """The values of every line with this name (given in lower case), in order."""
        if name not in self._first_places():
            return ()
        return tuple(value for key, value in self.lines if key.lower() == name)

    def joined(self, name: str) -> str | None:
        """All values of this name in one, separated by ", " as RFC 9110 allows; None without such a line."""
        values = self.all(name)
        return ", ".join(values) if values else None

    def names(self) -> frozenset[str]:
        """The names present, in lower case."""
        return frozenset(self._first_places())

    def has_any(self, names: frozenset[str]) -> bool:
        """Whether any of these names (in lower case) is present."""
        return not names.isdisjoint(self._first_places())

    def plus(self, lines: Iterable[Line]) -> Headers:
        """These lines and then those."""
        return Headers((*self.lines, *lines))

    def replaced(self, name: str, value: str) -> Headers:
        """One line of this name (written as given) in place of every present one; at the end when it is new."""
        lower = name.lower()
        if lower not in self._first_places():
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
        places = self._first_places()
        if not any(name in places for name in names):
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

    def kept(self, make: Callable[[Headers], T]) -> T:
        """What `make` says of these lines, worked out once for as long as nobody else asks. Not to be changed."""
        kept = self._kept
        if kept is None or kept[0] is not make:
            kept = self._kept = (make, make(self))
        return cast("T", kept[1])

    def __contains__(self, name: str) -> bool:
        return name in self._first_places()

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


def _found(names: tuple[str, ...]) -> dict[str, int]:
    """Where each name stands, kept for the next headers with these names. Viewers send names too: the memory has a
    bound."""
    if len(_places) == _PLACES_MAX:
        _places.clear()
    # Reversed, so that the first of several lines with one name is the one that stays.
    places = _places[names] = {names[place].lower(): place for place in reversed(range(len(names)))}
    return places


def encoded(lines: Iterable[Line]) -> bytes:
    """Header lines as bytes, each with its CRLF."""
    return "".join([f"{name}: {value}\r\n" for name, value in lines]).encode("iso-8859-1", "replace")


NO_HEADERS = Headers()
