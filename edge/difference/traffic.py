"""What becomes of requests: each is matched in both distributions, and compared where it ends.

Functions do not run here: a request is matched, refused and keyed as the viewer sends it. What a function makes of it
is a matter for `edge explain`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from edge.model.distribution import Behavior, Distribution
from edge.model.headers import Headers
from edge.model.redirect import Redirect
from edge.model.request import Request
from edge.model.viewer import Viewer
from edge.rules import (
    allowed_methods,
    alternate_domain_names,
    behaviors,
    cache_key,
    request_limits,
    viewer_protocol,
)


@dataclass(frozen=True, slots=True)
class Visit:
    """A request, how the viewer speaks, and how often it came (1 for one that was given by hand)."""

    request: Request
    scheme: Literal["http", "https"] = "https"
    count: int = 1


class Fate(NamedTuple):
    """What one distribution makes of a request: the behavior, where it goes, and whether it gets there ("passes", or
    the status with which the edge answers by itself). `key` is what tells its object from others, "" when it is not
    looked for in the cache."""

    pattern: str
    origin: str
    verdict: str
    key: str


@dataclass(frozen=True, slots=True)
class Moved:
    """Requests that fare differently: an example of them, how many there are, and both fates."""

    example: str
    count: int
    old: Fate
    new: Fate

    @property
    def sentences(self) -> list[str]:
        """What is different, in words."""
        said: list[str] = []
        if self.old.pattern != self.new.pattern:
            said.append(f"behavior {self.old.pattern} -> {self.new.pattern}")
        if self.old.origin != self.new.origin:
            said.append(f"origin {self.old.origin} -> {self.new.origin}")
        if self.old.verdict != self.new.verdict:
            said.append(f"{self.old.verdict} -> {self.new.verdict}")
        if self.empties_cache:
            said.append("is another object: what is in the cache is not found")
        return said

    @property
    def empties_cache(self) -> bool:
        """Whether an object that the cache holds is not found again."""
        return self.old.key != self.new.key and "" not in (self.old.key, self.new.key)


def moved(old: Distribution, new: Distribution, visits: Iterable[Visit]) -> list[Moved]:
    """The requests that fare differently, those that do so alike together, the most frequent first."""
    groups: dict[tuple[object, ...], Moved] = {}
    for visit in visits:
        was, now = fate(old, visit), fate(new, visit)
        if was == now:
            continue
        one = Moved(f"{visit.request.method} {visit.scheme}://{visit.request.host}{visit.request.target}", 0, was, now)
        # Requests for other objects are alike, if the same becomes of them.
        alike = (was._replace(key=""), now._replace(key=""), one.empties_cache)
        known = groups.get(alike, one)
        groups[alike] = replace(known, count=known.count + visit.count)
    return sorted(groups.values(), key=lambda one: -one.count)


def fate(distribution: Distribution, visit: Visit) -> Fate:
    """What becomes of one request at the edge."""
    request, viewer = visit.request, Viewer("192.0.2.1", scheme=visit.scheme)
    behavior = behaviors.match(distribution.behaviors, request.path)
    verdict = (
        request_limits.check(request)
        or alternate_domain_names.check(request, distribution)
        or allowed_methods.check(request, behavior)
        or viewer_protocol.check(request, viewer, behavior)
    )
    if verdict is not None:
        words = "redirected to HTTPS" if isinstance(verdict, Redirect) else f"refused with {verdict.status}"
        return Fate(behavior.path_pattern.text, behavior.target_origin_id, words, "")
    words = "passes with a signature only" if behavior.trusted_keys else "passes"
    return Fate(behavior.path_pattern.text, behavior.target_origin_id, words, _key(behavior, request))


def _key(behavior: Behavior, request: Request) -> str:
    """The key in one line, without the distribution: the cache stays that of the distribution that is changed."""
    policy = behavior.cache_policy
    if request.method not in behavior.cached_methods or (policy is not None and policy.disables_caching):
        return ""
    key = cache_key.build("", behavior, request)
    parts = [f"{key.method} {key.path}" + (f"?{key.query}" if key.query else "")]
    parts += [f"{name}: {value}" for name, value in key.headers]
    parts += [f"cookie {name}={value}" for name, value in key.cookies]
    return "; ".join((*parts, f"encodings {key.accept_encoding or 'none'}"))


def examples(*distributions: Distribution) -> list[Visit]:
    """A request for each path pattern of some distributions, where nobody says which requests come."""
    patterns = dict.fromkeys(behavior.path_pattern.text for one in distributions for behavior in one.behaviors)
    host = next((alias for one in distributions for alias in one.aliases), distributions[0].domain_name)
    headers = Headers([("Host", host.replace("*", "www")), ("Accept-Encoding", "gzip, deflate, br")])
    paths = [pattern.replace("*", "example").replace("?", "x") for pattern in patterns]
    return [Visit(Request("GET", path if path.startswith("/") else f"/{path}", None, headers)) for path in paths]
