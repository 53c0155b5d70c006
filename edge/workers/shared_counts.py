"""What workers count together: requests for rate-based rules of AWS WAF, and runs that throttling looks at.

Each counts for itself at once, and tells the others a moment later, in one message for many.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from edge.cache.request_rates import Counted, SharedRates
from edge.runtimes.throttling import Throttle
from edge.workers.messages import News

_TOLD_AFTER_S = 0.05


class SharedCounts:
    """The counts of one worker. `tell` is given what the others have to hear."""

    def __init__(self, tell: Callable[[News], None]) -> None:
        self.throttle = Throttle(self._ran)
        self._tell = tell
        self._rates: dict[str, SharedRates] = {}
        self._requests: list[tuple[str, Counted]] = []
        self._runs: list[tuple[str, bool]] = []
        self._telling: asyncio.TimerHandle | None = None

    def rates(self, edge: str) -> SharedRates:
        """How often addresses ask at the edge location of this code."""
        return self._rates.setdefault(edge, SharedRates(partial(self._asked, edge)))

    def hear(self, news: News, now: float) -> None:
        """Count what another worker has counted."""
        for edge, counted in news.requests:
            self.rates(edge).hear(counted, now)
        for name, failed in news.runs:
            self.throttle.hear(name, failed, now)

    def close(self) -> None:
        """Tell nobody any more."""
        if self._telling is not None:
            self._telling.cancel()

    def _asked(self, edge: str, counted: Counted) -> None:
        self._requests.append((edge, counted))
        self._tell_soon()

    def _ran(self, name: str, failed: bool) -> None:
        self._runs.append((name, failed))
        self._tell_soon()

    def _tell_soon(self) -> None:
        if self._telling is None:
            self._telling = asyncio.get_running_loop().call_later(_TOLD_AFTER_S, self._tell_now)

    def _tell_now(self) -> None:
        self._telling = None
        self._tell(News(tuple(self._requests), tuple(self._runs)))
        self._requests.clear()
        self._runs.clear()
