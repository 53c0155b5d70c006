"""What is asked for, and when: requests with their times, and a synthetic mix of them.

Source: popularity on the web follows Zipf's law (Breslau et al., "Web Caching and Zipf-like Distributions", 1999): the
object at rank r is asked for in proportion to 1 / r^s, with s near 1.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from edge.model.headers import Headers
from edge.model.request import Request

TYPICAL_BYTES = 16_384
_HOST = "www.example.com"


class Asked(NamedTuple):
    """One request: `at_s` since the first one, and the size of the body that the origin has for it."""

    at_s: float
    request: Request
    body_bytes: int = TYPICAL_BYTES


@dataclass(frozen=True, slots=True)
class Workload:
    """Requests in the order of their times. `told` says in a sentence what they are; `times_are_real` whether the times
    were recorded, not drawn."""

    asked: tuple[Asked, ...]
    told: str
    times_are_real: bool = False

    @property
    def seconds(self) -> float:
        """From the first request to the last."""
        return self.asked[-1].at_s

    @property
    def urls(self) -> int:
        """How many different URLs are asked for."""
        return len({one.request.target for one in self.asked})

    @property
    def mean_body_bytes(self) -> float:
        """Of the bodies, over requests."""
        return sum(one.body_bytes for one in self.asked) / len(self.asked)


@dataclass(frozen=True, slots=True)
class Mix:
    """A synthetic mix. `exponent` is Zipf's s; arrivals are Poisson's at `rate` a second, with a pause of `gap_s`
    after every `gap_every` requests (0: never), in which execution environments grow cold. Sizes of bodies spread
    around `median_bytes` as on the web (lognormal); `sigma` 0 makes them all alike."""

    requests: int = 2_000
    urls: int = 500
    exponent: float = 1.0
    rate: float = 50.0
    median_bytes: int = TYPICAL_BYTES
    sigma: float = 1.0
    gap_every: int = 0
    gap_s: float = 900.0
    seed: int = 1


def synthetic(mix: Mix, template: Request | None = None) -> Workload:
    """A mix, the same for the same seed. Each request has the headers and the query string of `template`."""
    chance = random.Random(mix.seed)
    weights = itertools.accumulate(1 / rank**mix.exponent for rank in range(1, mix.urls + 1))
    pages = [f"/pages/{rank}" for rank in range(1, mix.urls + 1)]
    sizes = [max(1, round(mix.median_bytes * chance.lognormvariate(0, mix.sigma))) for _ in pages]
    drawn = chance.choices(range(mix.urls), cum_weights=list(weights), k=mix.requests)
    times = arrivals(mix, chance)
    asked = tuple(
        Asked(at_s, request("GET", pages[page], template), sizes[page])
        for at_s, page in zip(times, drawn, strict=False)
    )
    told = f"synthetic: {mix.requests:,} requests for {mix.urls:,} URLs, Zipf {mix.exponent:g}, {mix.rate:g} a second"
    gaps = f", a pause of {mix.gap_s:g} s after every {mix.gap_every:,}" if mix.gap_every else ""
    return Workload(asked, f"{told}{gaps}, seed {mix.seed}")


def arrivals(mix: Mix, chance: random.Random) -> Iterator[float]:
    """Times in seconds, without end: Poisson's, with the mix's pauses."""
    now = 0.0
    for number in itertools.count(1):
        yield now
        now += chance.expovariate(mix.rate)
        if mix.gap_every and number % mix.gap_every == 0:
            now += mix.gap_s


def request(method: str, target: str, template: Request | None) -> Request:
    """A request for a path and query, with all else as in `template`."""
    path, mark, query = target.partition("?")
    if template is None:
        return Request(method, path or "/", query if mark else None, Headers((("Host", _HOST),)))
    return template._replace(method=method, path=path or "/", query=query if mark else template.query)
