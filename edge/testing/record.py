"""What the running test did with the harness, so that a failure can show it."""

from __future__ import annotations

from collections import deque
from typing import Protocol

_KEPT = 3


class Explainable(Protocol):
    """One run of a function, or one answer of a distribution."""

    def explain(self) -> str:
        """What went in, what came out, and why, for a person."""
        ...


_done: deque[Explainable] = deque(maxlen=_KEPT)


def add(one: Explainable) -> None:
    """Remember it until the test ends, the last few at least."""
    _done.append(one)


def add_once(one: Explainable) -> None:
    """Remember it, if it is not remembered yet: it goes on."""
    if one not in _done:
        _done.append(one)


def clear() -> None:
    """A new test begins."""
    _done.clear()


def explained() -> list[str]:
    """The last things that were done, in order, each for a person to read."""
    return [one.explain() for one in _done]


def places() -> list[tuple[str, int, str]]:
    """Where functions of users went wrong: file, line and what was said, each once."""
    found = ((one, getattr(one, "place", None)) for one in _done)
    return list(dict.fromkeys((*place, str(getattr(one, "error", ""))) for one, place in found if place is not None))
