"""How often each address has asked lately: what rate-based rules of AWS WAF count.

Source: AWS WAF Developer Guide, "Using rate-based rule statements in AWS WAF". Near: AWS looks every few seconds and
its counts are estimates; here each request counts at once, at each edge location by itself.
"""

from __future__ import annotations

from collections import deque

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
