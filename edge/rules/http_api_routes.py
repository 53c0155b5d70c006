"""Which route of an HTTP API a request takes: the most specific one that matches.

Source: API Gateway Developer Guide, "Create routes for HTTP APIs" (full match, then greedy path, then $default),
"Stages for HTTP APIs". Near: between two paths with variables the one that is literal for longer wins, and a method of
its own wins over ANY only for the same path; a slash at the end counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote

from edge.model.http_api import DEFAULT, HttpApi, Route, Stage


class Choice(NamedTuple):
    """The route that a request takes. `parameters` are the variables of its path, decoded."""

    route: Route
    stage: Stage
    parameters: Mapping[str, str]


_Rank = tuple[tuple[int, ...], bool]
_LITERAL, _VARIABLE, _GREEDY = 0, 1, 2


def stage_and_path(api: HttpApi, path: str) -> tuple[Stage, str] | None:
    """The stage that a path (as it stands in the request line, without its query) is for, and the rest of the path.
    None where there is no such stage."""
    first, slash, rest = path.removeprefix("/").partition("/")
    by_name = {stage.name: stage for stage in api.stages}
    if first in by_name and first != DEFAULT:
        return by_name[first], f"{slash}{rest}" or "/"
    return (by_name[DEFAULT], path) if DEFAULT in by_name else None


def choose(api: HttpApi, method: str, path: str) -> Choice | None:
    """The route for a method and a path; None where API Gateway answers 404."""
    found = stage_and_path(api, path)
    if found is None:
        return None
    stage, rest = found
    best: tuple[_Rank, Route, Mapping[str, str]] | None = None
    for route in api.routes:
        if route.key == DEFAULT or route.method not in ("ANY", method):
            continue
        parameters = _matched(route.path, rest)
        rank = (_kinds(route.path), route.method == "ANY")
        if parameters is not None and (best is None or rank < best[0]):
            best = rank, route, parameters
    if best is not None:
        return Choice(best[1], stage, best[2])
    default = next((route for route in api.routes if route.key == DEFAULT), None)
    return None if default is None else Choice(default, stage, {})


def _kinds(template: str) -> tuple[int, ...]:
    """What each segment of a template is: the smaller, the more specific."""
    return tuple(
        _GREEDY if part.endswith("+}") else _VARIABLE if part.startswith("{") else _LITERAL
        for part in template.removeprefix("/").split("/")
    )


def _matched(template: str, path: str) -> dict[str, str] | None:
    """The variables, where the path is one of the template's; else None. No variable is empty."""
    wanted, given = template.removeprefix("/").split("/"), path.removeprefix("/").split("/")
    parameters: dict[str, str] = {}
    for index, part in enumerate(wanted):
        if part.startswith("{") and part.endswith("+}"):
            rest = "/".join(given[index:])
            return {**parameters, part[1:-2]: unquote(rest)} if rest else None
        if index >= len(given):
            return None
        if part.startswith("{") and part.endswith("}"):
            if not given[index]:
                return None
            parameters[part[1:-1]] = unquote(given[index])
        elif part != unquote(given[index]):
            return None
    return parameters if len(wanted) == len(given) else None
