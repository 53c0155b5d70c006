"""What a viewer got from a distribution under test, and why."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, NamedTuple

from edge.logs.explanation import Stage, stages
from edge.model.cache_key import CacheKey
from edge.model.function import CloudFrontFunction, FunctionCall, FunctionOutcome, Invalid, Returned, Throttled
from edge.model.served import Served
from edge.model.trail import Trail
from edge.testing.difference import difference
from edge.testing.function_result import AT_RESPONSE
from edge.testing.lambdas.result import cf_of, own_lines
from edge.testing.messages import SeenCookie, SeenHeaders, SeenResponse, seen_response
from edge.testing.verdict import Verdict

_OF_EVERY_ANSWER = "(edge_headers)"


class Run(NamedTuple):
    """One run of a function on the way of a request."""

    call: FunctionCall
    outcome: FunctionOutcome

    @property
    def message(self) -> Any:
        """The request or the response that went in."""
        event = self.call.event if isinstance(self.call.function, CloudFrontFunction) else cf_of(self.call.event)
        return event["response" if self.call.event_type in AT_RESPONSE else "request"]

    @property
    def logs(self) -> tuple[str, ...]:
        """The lines of console.log."""
        if isinstance(self.outcome, Invalid | Throttled):
            return ()
        logs = self.outcome.logs
        return logs if isinstance(self.call.function, CloudFrontFunction) else own_lines(logs)


class SiteResponse:
    """The answer to one request, all header lines of the edge included, with the trail of how it came about."""

    def __init__(self, served: Served, runs: tuple[Run, ...], fresh_for: Callable[[float], bool]) -> None:
        self.served = served
        self.runs = runs
        self._fresh_for = fresh_for

    @cached_property
    def _seen(self) -> SeenResponse:
        response = self.served.response
        return seen_response(response._replace(headers=response.headers.plus(self.served.edge_lines)))

    @property
    def status(self) -> int:
        """The status code."""
        return self.served.response.status

    @property
    def status_description(self) -> str:
        """The reason phrase."""
        return self.served.response.phrase

    @property
    def headers(self) -> SeenHeaders:
        """Header values by name, in any case."""
        return self._seen.headers

    @property
    def cookies(self) -> dict[str, SeenCookie]:
        """The cookies that are set, by name."""
        return self._seen.cookies

    @property
    def body(self) -> bytes:
        """What is on the wire, maybe compressed."""
        return self._seen.body

    @property
    def text(self) -> str:
        """The body as text, after Content-Encoding."""
        return self._seen.text

    def json(self) -> Any:
        """The body, read as JSON."""
        return self._seen.json()

    @property
    def x_cache(self) -> str:
        """X-Cache, such as "Hit from cloudfront"."""
        return self.headers["x-cache"]

    @property
    def age(self) -> int | None:
        """Age in seconds, None for what did not come from the cache."""
        value = self.headers.get("age")
        return None if value is None else int(value)

    @property
    def trail(self) -> Trail:
        """Everything that is known about how the answer came about."""
        return self.served.trail

    @property
    def stages(self) -> dict[str, Stage]:
        """Each stage of CloudFront's order of events by its name: "behavior", "checks", "viewer request", "cache",
        "origin", "ttl", "viewer response", "response headers"."""
        return {stage.name: stage for stage in stages(self.served)}

    def why(self, rule: str) -> str:
        """What a rule said, in words: `why("ttl")`, or exactly `why("ttl.minimum_wins")`. "" when it said nothing."""
        notes = self.trail.notes
        return "; ".join(note.sentence for note in notes if note.rule == rule or note.rule.startswith(f"{rule}."))

    @property
    def logs(self) -> tuple[str, ...]:
        """The lines of console.log, of all functions on the way."""
        return tuple(line for run in self.runs for line in run.logs)

    @property
    def cache_key(self) -> CacheKey | None:
        """The cache key, None for a request that the cache had no part in."""
        return self.trail.cache_key

    @property
    def ttl(self) -> float | None:
        """For how many seconds the answer was stored, None when this request stored nothing new."""
        return self.trail.ttl_s

    def cached_for(self, seconds: float) -> Verdict:
        """Whether the next viewers are served from the cache for at least this long, without asking the origin."""
        if self.cache_key is None:
            return Verdict(False, self.why("cache") or self.why("function") or "the cache has no part in this request")
        holds = self._fresh_for(seconds)
        said = self.why("ttl") or self.why("error_caching") or "as it was stored by a request before this one"
        return Verdict(holds, f"cached for {seconds:g} s" if holds else f"not cached for {seconds:g} s: {said}")

    def explain(self) -> str:
        """The request, the answer, each stage, and what functions changed."""
        request = self.served.request
        lines = [f"{request.method} {request.target}: {self.status}, {self.x_cache}"]
        for stage in self.stages.values():
            if stage.state != "none":
                lines.append(f"  {stage.name}: {stage.state}")
                lines += [f"    {sentence}" for sentence in stage.sentences if not sentence.endswith(_OF_EVERY_ANSWER)]
        for run in self.runs:
            if isinstance(run.outcome, Returned) and run.outcome.value != run.message:
                lines.append(f"  {run.call.function.name} at {run.call.event_type}, - as it went in, + as it came out:")
                lines += [f"    {line}" for line in difference(run.message, run.outcome.value).splitlines()]
        if self.logs:
            lines += ["  console.log:", *(f"    {line}" for line in self.logs)]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<{self.served.request.target} {self.status} {self.x_cache}>"
