"""Compute utilization: how fuel, which the guest burns the same on every run, becomes CloudFront's 0-100.

Source: CloudFront Developer Guide, "Test functions" (what the number means); the figures that AWS publishes for its
own samples. To be calibrated.
"""

from __future__ import annotations

FLOOR = 9.0
FUEL_PER_PERCENT = 250_000
FUEL_LIMIT = 25_000_000


def utilization(fuel: int) -> int:
    """Percent of the time that a function may take."""
    return round(FLOOR + fuel / FUEL_PER_PERCENT)


def duration_us(fuel: int) -> float:
    """Microseconds of CloudFront's time."""
    return fuel / FUEL_PER_PERCENT * 10
