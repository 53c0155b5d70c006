"""Promises of edge/cache/request_rates.py."""

from __future__ import annotations

import pytest

from edge.cache.request_rates import Counted, RequestRates, SharedRates
from edge.model import quotas


def test_more_than_the_limit_within_the_window() -> None:
    rates = RequestRates()
    assert [rates.exceeds("r", "192.0.2.1", 2, 10, now) for now in (0.0, 1.0, 2.0, 9.0)] == [False, False, True, True]
    # At 12 only those of 9 and 12 are within ten seconds.
    assert not rates.exceeds("r", "192.0.2.1", 2, 10, 12.0)


def test_addresses_and_rules_count_for_themselves() -> None:
    rates = RequestRates()
    assert not rates.exceeds("r", "192.0.2.1", 1, 10, 0.0)
    assert not rates.exceeds("r", "192.0.2.2", 1, 10, 0.0)
    assert not rates.exceeds("other", "192.0.2.1", 1, 10, 0.0)
    assert rates.exceeds("r", "192.0.2.1", 1, 10, 1.0)


def test_the_addresses_that_it_holds_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotas, "RATE_ADDRESSES_MAX", 2)
    rates = RequestRates()
    for ip in ("192.0.2.1", "192.0.2.2", "192.0.2.3"):
        rates.exceeds("r", ip, 1, 10, 0.0)
    assert not rates.exceeds("r", "192.0.2.1", 1, 10, 1.0)  # forgotten
    assert rates.exceeds("r", "192.0.2.3", 1, 10, 1.0)


def test_a_limit_that_changes_keeps_what_was_counted() -> None:
    rates = RequestRates()
    for now in (0.0, 1.0):
        rates.exceeds("r", "192.0.2.1", 5, 10, now)
    assert rates.exceeds("r", "192.0.2.1", 2, 10, 2.0)


def test_several_processes_count_together() -> None:
    """What one has counted counts at the other from when that hears of it, and is told to nobody again."""
    told: list[Counted] = []
    here, there = SharedRates(told.append), SharedRates(told.append)
    assert not here.exceeds("r", "192.0.2.1", 2, 10, 0.0)
    assert not here.exceeds("r", "192.0.2.1", 2, 10, 1.0)
    for one in told.copy():
        there.hear(one, 2.0)
    assert len(told) == 2
    assert there.exceeds("r", "192.0.2.1", 2, 10, 11.0)
    assert not there.exceeds("r", "192.0.2.1", 2, 10, 12.5)
