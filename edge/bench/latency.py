"""A distribution of durations: HdrHistogram, so that the tail is kept as exactly as the middle.

Source: HdrHistogram (Gil Tene), with three significant digits from a nanosecond to a minute. `encoded` is its own
compressed form, which its other tools read.
"""

from __future__ import annotations

from collections.abc import Iterable

from hdrh.histogram import HdrHistogram

_LONGEST_NS = 60_000_000_000
_DIGITS = 3
PERCENTILES = (50.0, 90.0, 99.0)
_PLOTTED = (0.0, *range(1, 100), 99.5, 99.9, 99.99, 100.0)


class Latencies:
    """Durations in nanoseconds, recorded; asked for in seconds."""

    def __init__(self, durations_ns: Iterable[int] = ()) -> None:
        self._histogram = HdrHistogram(1, _LONGEST_NS, _DIGITS)
        self._highest_ns = 0
        for duration_ns in durations_ns:
            self.record(duration_ns)

    def record(self, duration_ns: int) -> None:
        """One more. What is longer than a minute counts as a minute."""
        self._histogram.record_value(max(1, min(duration_ns, _LONGEST_NS)))
        self._highest_ns = max(self._highest_ns, duration_ns)

    def add(self, other: Latencies) -> None:
        """All of another one's."""
        self._histogram.add(other._histogram)
        self._highest_ns = max(self._highest_ns, other._highest_ns)

    @property
    def count(self) -> int:
        """How many there are."""
        return int(self._histogram.get_total_count())

    @property
    def mean_s(self) -> float:
        """The mean."""
        return float(self._histogram.get_mean_value()) / 1e9 if self.count else 0.0

    @property
    def max_s(self) -> float:
        """The longest."""
        return self._highest_ns / 1e9

    def percentile_s(self, percent: float) -> float:
        """The duration that `percent` of all do not exceed; 0 of nothing."""
        found: int = self._histogram.get_value_at_percentile(percent) if self.count else 0
        return min(found, self._highest_ns) / 1e9

    def curve(self) -> list[tuple[float, float]]:
        """(seconds, share of all that took no longer) for a plot of the distribution."""
        return [(self.percentile_s(percent), percent / 100) for percent in _PLOTTED]

    def encoded(self) -> str:
        """HdrHistogram's compressed form, in base64, of nanoseconds."""
        return bytes(self._histogram.encode()).decode("ascii")
