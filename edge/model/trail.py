"""What one request went through. It grows while the exchange runs; the log, `edge explain` and tests read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from edge.model.cache_key import CacheKey
from edge.model.distribution import Behavior, Distribution
from edge.model.function import EventType, FunctionOutcome
from edge.model.headers import Headers
from edge.model.note import Note
from edge.model.origin import OriginTimings
from edge.model.request import Request
from edge.model.response import Response
from edge.model.topology import Layer


class FunctionRun(NamedTuple):
    """One run of a function. `broken` is the rule that its result broke, and `lines` (from 1) are those of its source
    that may have done it, the likeliest first. `region` is the AWS region in which a Lambda@Edge function ran, "" for
    other functions."""

    name: str
    event_type: EventType
    outcome: FunctionOutcome
    broken: Note | None = None
    lines: tuple[int, ...] = ()
    region: str = ""


class OriginContact(NamedTuple):
    """One attempt: the status that came back, or 0 and the failure's kind and detail. `sent` and `received` are the
    header lines of both ways."""

    origin_id: str
    target: str
    status: int
    failure: str
    timings: OriginTimings
    sent: Headers
    received: Headers


@dataclass(slots=True)
class Trail:
    """Times are epoch seconds. `started` is when the request came. Notes stand in the order in which rules left them,
    with the facts that a log line needs. `ttl_s` is None when no freshness was worked out. `seen` is the request as the
    viewer request function left it, `found` the response before the rules and the function of the viewer's side.
    `answered` is when the answer was ready to go out. `layer` is the cache that had the object, or that asked the
    origin. `distribution` is the one that Host and a continuous deployment led to, `primary` the one that a staging
    distribution took the place of.
    """

    started: float = 0.0
    answered: float = 0.0
    notes: list[Note] = field(default_factory=list)
    behavior: Behavior | None = None
    cache_key: CacheKey | None = None
    functions: list[FunctionRun] = field(default_factory=list)
    origins: list[OriginContact] = field(default_factory=list)
    ttl_s: float | None = None
    detailed_result: str = ""
    seen: Request | None = None
    found: Response | None = None
    layer: Layer = Layer.EDGE
    distribution: Distribution | None = None
    primary: Distribution | None = None

    def go_on_from(self, before: Trail) -> None:
        """Take up where the trail of the same request ended in another process, which began with `begun_elsewhere`."""
        self.notes += before.notes
        self.functions += before.functions
        self.origins += before.origins
        self.ttl_s, self.detailed_result, self.layer = before.ttl_s, before.detailed_result, before.layer

    def begun_elsewhere(self) -> Trail:
        """A trail for the part of this request that another process does."""
        return Trail(self.started, ttl_s=self.ttl_s, detailed_result=self.detailed_result, layer=self.layer)
