"""Whether two variants are the same logic: they must make the same of the same requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from edge.bench.edge_under_test import EdgeUnderTest
from edge.bench.workload import Asked
from edge.model.headers import Headers
from edge.model.served import Served

_NOT_COMPARED = frozenset({"date", "age", "server"})


class Agreement(NamedTuple):
    """How many of the requests came out alike, and what differed in the first that did not, "" when all did."""

    alike: int
    requests: int
    first_difference: str = ""


async def compare(one: EdgeUnderTest, other: EdgeUnderTest, asked: Sequence[Asked]) -> Agreement:
    """Send the same requests to both. A function that draws by lot differs, and rightly so."""
    alike, first = 0, ""
    for request in asked:
        ours, theirs = await one.serve(request), await other.serve(request)
        difference = _difference(ours, theirs)
        alike += not difference
        if difference and not first:
            first = f"{request.request.target}: {difference}"
    one.take_runs()
    other.take_runs()
    return Agreement(alike, len(asked), first)


def _difference(ours: Served, theirs: Served) -> str:
    if ours.response.status != theirs.response.status:
        return f"status {ours.response.status} and {theirs.response.status}"
    if ours.trail.seen is not None and theirs.trail.seen is not None:
        if ours.trail.seen.target != theirs.trail.seen.target:
            return f"goes on as {ours.trail.seen.target} and {theirs.trail.seen.target}"
        difference = _headers(ours.trail.seen.headers, theirs.trail.seen.headers)
        if difference:
            return f"request header {difference}"
    difference = _headers(ours.response.headers, theirs.response.headers)
    return f"response header {difference}" if difference else ""


def _headers(ours: Headers, theirs: Headers) -> str:
    for name in sorted((ours.names() | theirs.names()) - _NOT_COMPARED):
        if ours.joined(name) != theirs.joined(name):
            return f"{name}: {ours.joined(name)!r} and {theirs.joined(name)!r}"
    return ""
