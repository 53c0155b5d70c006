"""Cold starts, concurrency and throttles, for arrivals that can be worked out by hand."""

from __future__ import annotations

import pytest

from edge.bench.cold_starts import ColdStarts, simulate
from edge.environments.pool import Limits


def test_one_event_after_another_needs_one_environment() -> None:
    assert simulate([0, 1, 2, 3], duration_s=0.5, init_s=0.1) == ColdStarts(4, 1, 0, 1)


def test_events_at_once_need_an_environment_each() -> None:
    assert simulate([0, 0.01, 0.02], duration_s=0.5, init_s=0.1) == ColdStarts(3, 3, 0, 3)


def test_an_event_that_comes_during_a_cold_start_starts_another() -> None:
    assert simulate([0, 0.09], duration_s=0.001, init_s=0.1).cold == 2
    assert simulate([0, 0.11], duration_s=0.001, init_s=0.1).cold == 1


def test_a_pause_that_is_long_enough_makes_the_next_run_cold() -> None:
    limits = Limits(idle_expiry_s=600)
    assert simulate([0, 599, 1_300], duration_s=0.1, init_s=0.1, limits=limits).cold == 2


def test_events_over_the_accounts_concurrency_are_throttled() -> None:
    found = simulate([0, 0, 0], duration_s=1, init_s=0, limits=Limits(account_concurrency=2))
    assert (found.runs, found.throttled, found.environments_peak) == (2, 1, 2)


def test_one_environment_begins_at_most_ten_events_a_second() -> None:
    arrivals = [0.02 * number for number in range(25)]
    found = simulate(arrivals, duration_s=0.001, init_s=0.001)
    assert found.environments_peak == 3


def test_traffic_from_many_regions_finds_fewer_environments_warm() -> None:
    arrivals = [10.0 * number for number in range(200)]
    one = simulate(arrivals, duration_s=0.1, init_s=0.1)
    many = simulate(arrivals, duration_s=0.1, init_s=0.1, regions=10)
    assert one.cold == 1
    assert many.cold >= 10


def test_the_share_is_of_the_events_that_ran() -> None:
    assert ColdStarts(200, 3, 50, 3).cold_share == pytest.approx(0.015)
    assert ColdStarts(0, 0, 5, 0).cold_share == 0
