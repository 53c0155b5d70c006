"""One difference between two distributions, as far as a viewer, an origin or the cache sees it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple, TypeVar

from edge.model.policies import Names, Selection

Concern = Literal["routing", "access", "cache", "origin", "response", "function", "other"]


class Change(NamedTuple):
    """`where` is the distribution, a behavior or an origin; `sentence` says what is different. `empties_cache`: what is
    in the cache under the keys of before is not found again, and the origin is asked for all of it."""

    where: str
    concern: Concern
    sentence: str
    empties_cache: bool = False


K = TypeVar("K")
V = TypeVar("V")


def values(where: str, concern: Concern, compared: Iterable[tuple[str, object, object]]) -> Iterator[Change]:
    """A change for each (words, old, new) that differs."""
    for words, old, new in compared:
        if old != new:
            yield Change(where, concern, f"{words}: {shown(old)} -> {shown(new)}")


def gained_and_lost(old: Mapping[K, V], new: Mapping[K, V]) -> tuple[list[K], list[K], list[K]]:
    """The names that are new, those that are gone, and those whose values differ."""
    gained = [name for name in new if name not in old]
    lost = [name for name in old if name not in new]
    return gained, lost, [name for name in new if name in old and old[name] != new[name]]


def selection(names: Names) -> str:
    """A choice of headers, cookies or query strings in words."""
    listed = ", ".join(names.names)
    match names.selection:
        case Selection.NONE:
            return "none"
        case Selection.WHITELIST:
            return f"only {listed}"
        case Selection.ALL_EXCEPT:
            return f"all but {listed}"
        case Selection.ALL_VIEWER_AND_WHITELIST_CLOUDFRONT:
            return f"all of the viewer, and {listed}"
        case _:
            return "all"


def shown(value: object) -> str:
    """A value of a configuration as a person writes it."""
    if isinstance(value, Names):
        return selection(value)
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, frozenset | tuple | list):
        listed = [str(one) for one in value]
        return ", ".join(sorted(listed) if isinstance(value, frozenset) else listed) or "none"
    if isinstance(value, float):
        return f"{value:g}"
    return "none" if value is None or value == "" else str(value)
