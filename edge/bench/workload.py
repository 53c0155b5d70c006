"""What is asked for, and when: requests with their times, and a synthetic mix of them.

Source: popularity on the web follows Zipf's law (Breslau et al., "Web Caching and Zipf-like Distributions", 1999): the
object at rank r is asked for in proportion to 1 / r^s, with s near 1.
"""

from __future__ import annotations

import heapq
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


@dataclass(frozen=True, slots=True)
class Mix:
    """A synthetic mix. `exponent` is Zipf's s. Viewers come as Poisson's arrivals, so that there are `rate` requests a
    second in the long run; each asks `session` times and thinks between, `think_s` in the mean (exponential). A pause
    of `gap_s` follows every `gap_every` requests (0: never), in which execution environments grow cold. Sizes of bodies
    spread around `median_bytes` as on the web (lognormal); `sigma` 0 makes them all alike."""

    requests: int = 2_000
    urls: int = 500
    exponent: float = 1.0
    rate: float = 50.0
    session: int = 1
    think_s: float = 5.0
    median_bytes: int = TYPICAL_BYTES
    sigma: float = 1.0
    gap_every: int = 0
    gap_s: float = 900.0
    seed: int = 1

    def __post_init__(self) -> None:
        for name in ("requests", "urls", "rate", "session", "median_bytes"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} is more than 0")
        for name in ("exponent", "think_s", "sigma", "gap_every", "gap_s"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} is not negative")


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
    if mix.session > 1:
        told += f", {mix.session:,} from each viewer with {mix.think_s:g} s of thought between"
    gaps = f", a pause of {mix.gap_s:g} s after every {mix.gap_every:,}" if mix.gap_every else ""
    return Workload(asked, f"{told}{gaps}, seed {mix.seed}")


def arrivals(mix: Mix, chance: random.Random) -> Iterator[float]:
    """Times in seconds, without end and in order, with the mix's pauses."""
    paused_s = 0.0
    for number, at_s in enumerate(_asking(mix, chance), 1):
        yield at_s + paused_s
        if mix.gap_every and number % mix.gap_every == 0:
            paused_s += mix.gap_s


def _asking(mix: Mix, chance: random.Random) -> Iterator[float]:
    """Every viewer's times, merged: `thinking` holds when each will ask next, and how often from then on."""
    thinking: list[tuple[float, int]] = []
    comes_at_s = 0.0
    while True:
        if thinking and thinking[0][0] <= comes_at_s:
            now, left = heapq.heappop(thinking)
        else:
            now, left = comes_at_s, mix.session
            comes_at_s += chance.expovariate(mix.rate / mix.session)
        yield now
        if left > 1:
            pause_s = chance.expovariate(1 / mix.think_s) if mix.think_s else 0.0
            heapq.heappush(thinking, (now + pause_s, left - 1))


def request(method: str, target: str, template: Request | None) -> Request:
    """A request for a path and query, with all else as in `template`."""
    path, mark, query = target.partition("?")
    if template is None:
        return Request(method, path or "/", query if mark else None, Headers((("Host", _HOST),)))
    return template._replace(method=method, path=path or "/", query=query if mark else template.query)
