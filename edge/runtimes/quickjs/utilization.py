"""Compute utilization: how fuel, which the guest burns the same on every run, becomes CloudFront's 0-100.

A run has a floor, which AWS's own figures show even for one-line functions, and its work on top. How the two numbers
were found, and how far they may be off: docs/compute-utilization.md.
Source: CloudFront Developer Guide, "Test functions" (what the number means).
"""

from __future__ import annotations

from edge.model.function import Usage

FLOOR_PERCENT = 13.15
FUEL_PER_PERCENT = 174_000

FUEL_LIMIT = round((100 - FLOOR_PERCENT) * FUEL_PER_PERCENT)
"""What a run may burn. It is stopped there."""

READ_FUEL = 58_000
"""What one read of a key value store costs, apart from what the function does with it."""

OVER_THE_LIMIT = 101

_US_PER_PERCENT = 10.0  # "less than 1 millisecond"


def utilization(fuel: int) -> int:
    """Percent of the time that a function may take, for a run that burnt so much and came to its end."""
    return round(FLOOR_PERCENT + fuel / FUEL_PER_PERCENT)


def usage_of(fuel: int, memory_bytes: int) -> Usage:
    """What such a run would have consumed at CloudFront."""
    percent = FLOOR_PERCENT + fuel / FUEL_PER_PERCENT
    return Usage(round(percent), percent * _US_PER_PERCENT, memory_bytes)
