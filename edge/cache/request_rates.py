"""How often each address has asked lately: what rate-based rules of AWS WAF count.

Source: AWS WAF Developer Guide, "Using rate-based rule statements in AWS WAF". Near: AWS looks every few seconds and
its counts are estimates; here each request counts at once, at each edge location by itself; one at another worker of
the same edge location (`--workers`) a moment later.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from edge.model import quotas


class RequestRates:
    """Times of requests by rule and address. What it holds is bounded: it never needs more times than the limit."""

    def __init__(self) -> None:
        self._times: dict[tuple[str, str], deque[float]] = {}

    def exceeds(self, rule: str, ip: str, limit: int, window_s: float, now: float) -> bool:
        """Count a request; whether there were more than `limit` within the window, this one included."""
        times = self._times.pop((rule, ip), None)
        if times is None or times.maxlen != limit + 1:
            times = deque(times or (), limit + 1)
        self._times[rule, ip] = times
        times.append(now)
        while times[0] <= now - window_s:
            times.popleft()
        if len(self._times) > quotas.RATE_ADDRESSES_MAX:
            del self._times[next(iter(self._times))]  # who has been quiet the longest
        return len(times) > limit

    def counted(self, rule: str, ip: str) -> int:
        """How many requests of an address a rule knows of, as of its last one."""
        return len(self._times.get((rule, ip), ()))


class Counted(NamedTuple):
    """A request that one process has counted, for the others."""

    rule: str
    ip: str
    limit: int
    window_s: float


class SharedRates(RequestRates):
    """The rates of one of several processes that count together. `told` is called for each request counted here, with
    what the others have to hear."""

    def __init__(self, told: Callable[[Counted], None]) -> None:
        super().__init__()
        self._told = told

    def exceeds(self, rule: str, ip: str, limit: int, window_s: float, now: float) -> bool:
        """Count a request; whether there were more than `limit` within the window, this one included."""
        self._told(Counted(rule, ip, limit, window_s))
        return super().exceeds(rule, ip, limit, window_s, now)

    def hear(self, counted: Counted, now: float) -> None:
        """Count a request that another process had, as if it came now."""
        super().exceeds(counted.rule, counted.ip, counted.limit, counted.window_s, now)
