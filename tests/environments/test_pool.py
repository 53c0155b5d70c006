"""Reuse, starts, throttles and expiry, with a virtual clock."""

from __future__ import annotations

import pytest

from edge.environments.pool import Budget, Environment, Limits, Pool, Reuse, Start, Throttle, plan
from edge.environments.states import Move, State

LIMITS = Limits(environment_rps=None)


def cold(pool: Pool, now: float, function: str = "f") -> Environment:
    """An event that starts a new environment, brought to where it handles the event."""
    environment = pool.admit(function, now)
    assert isinstance(environment, Environment)
    assert environment.state is State.STARTING
    pool.move(environment.id, Move.INIT_DONE, now)
    return pool.begin(environment.id, now)


def warm(pool: Pool, now: float, function: str = "f") -> Environment:
    """An event that finds a free environment."""
    environment = pool.admit(function, now)
    assert isinstance(environment, Environment)
    assert environment.state is State.BUSY
    return environment


def throttled(pool: Pool, now: float, function: str = "f") -> str:
    verdict = pool.admit(function, now)
    assert isinstance(verdict, Throttle), verdict
    return verdict.reason


def test_the_first_event_is_a_cold_start_the_next_is_warm() -> None:
    pool = Pool(LIMITS)
    first = cold(pool, 0)
    pool.move(first.id, Move.DONE, 1)
    assert warm(pool, 2).id == first.id


def test_an_environment_handles_one_event_at_a_time() -> None:
    """No queue: a second event starts a second environment."""
    pool = Pool(LIMITS)
    assert cold(pool, 0).id != cold(pool, 0).id


def test_the_environment_used_last_is_taken() -> None:
    """So that the others can expire."""
    pool = Pool(LIMITS)
    early, late = cold(pool, 0), cold(pool, 0)
    pool.move(late.id, Move.DONE, 1)
    pool.move(early.id, Move.DONE, 2)
    assert warm(pool, 3).id == early.id


def test_versions_do_not_share_environments() -> None:
    pool = Pool(LIMITS)
    pool.move(cold(pool, 0, "f:1").id, Move.DONE, 1)
    assert isinstance(made := pool.admit("f:2", 2), Environment)
    assert made.state is State.STARTING


def test_a_reset_environment_is_taken_only_where_no_warm_one_is_free() -> None:
    """It keeps /tmp, and initialises again."""
    pool = Pool(LIMITS)
    crashed, good = cold(pool, 0), cold(pool, 0)
    pool.move(good.id, Move.DONE, 1)
    pool.move(crashed.id, Move.FAILED, 2)
    assert warm(pool, 3).id == good.id
    assert isinstance(again := pool.admit("f", 4), Environment)
    assert (again.id, again.state) == (crashed.id, State.RESTARTING)


def test_trap_18_more_events_at_once_than_the_account_allows_are_throttled() -> None:
    """Whatever the function: concurrency is shared by all of an account's functions."""
    pool = Pool(Limits(account_concurrency=2, environment_rps=None))
    busy = cold(pool, 0, "f")
    cold(pool, 0, "g")
    assert throttled(pool, 0, "h") == "ConcurrentInvocationLimitExceeded"
    pool.move(busy.id, Move.DONE, 1)
    assert cold(pool, 1, "h").state is State.BUSY


def test_reserved_concurrency_is_a_cap_and_a_floor() -> None:
    """The function has it for itself and gets no more; the others share the rest."""
    pool = Pool(Limits(account_concurrency=3, reserved={"mine": 1}, environment_rps=None))
    cold(pool, 0, "other")
    cold(pool, 0, "other")
    assert throttled(pool, 0, "other") == "ConcurrentInvocationLimitExceeded"
    cold(pool, 0, "mine")
    assert throttled(pool, 0, "mine") == "ReservedFunctionConcurrentInvocationLimitExceeded"


def test_versions_of_a_function_share_its_reservation() -> None:
    pool = Pool(Limits(reserved={"mine": 1}, environment_rps=None))
    cold(pool, 0, "mine:1")
    assert throttled(pool, 0, "mine:2") == "ReservedFunctionConcurrentInvocationLimitExceeded"


def test_a_reservation_of_nothing_switches_a_function_off() -> None:
    assert throttled(Pool(Limits(reserved={"f": 0})), 0) == "ReservedFunctionConcurrentInvocationLimitExceeded"


def test_an_environment_begins_ten_events_a_second() -> None:
    """The eleventh goes to another one; a second later the first may again."""
    pool = Pool(Limits())
    first = cold(pool, 0)
    for turn in range(9):
        pool.move(first.id, Move.DONE, turn / 100)
        assert warm(pool, turn / 100).id == first.id
    pool.move(first.id, Move.DONE, 0.1)
    second = cold(pool, 0.1)
    assert second.id != first.id
    pool.move(second.id, Move.DONE, 0.2)
    assert warm(pool, 0.3).id == second.id
    assert warm(pool, 1.1).id == first.id


def test_ten_times_the_concurrency_is_the_most_events_in_a_second() -> None:
    """Even when each takes no time at all."""
    pool = Pool(Limits(account_concurrency=1))
    only = cold(pool, 0)
    for _ in range(9):
        pool.move(only.id, Move.DONE, 0)
        warm(pool, 0)
    pool.move(only.id, Move.DONE, 0)
    assert throttled(pool, 0.5) == "FunctionInvocationRateLimitExceeded"
    assert warm(pool, 1).id == only.id


def test_a_function_gets_a_thousand_new_environments_in_ten_seconds() -> None:
    """Refilled evenly, not saved up; another function has its own."""
    limits = Limits(account_concurrency=10_000, environment_rps=None)
    pool = Pool(limits)
    for _ in range(1_000):
        cold(pool, 0)
    assert throttled(pool, 0) == "ConcurrentInvocationLimitExceeded"
    cold(pool, 0, "other")
    for _ in range(100):
        cold(pool, 1)
    assert throttled(pool, 1) == "ConcurrentInvocationLimitExceeded"
    assert Budget(5, 0).now(limits, 1_000) == 1_000


def test_idle_environments_expire() -> None:
    """Busy ones do not; `next_expiry` says when to look again."""
    pool = Pool(Limits(idle_expiry_s=300, environment_rps=None))
    idle, busy = cold(pool, 0), cold(pool, 0)
    assert pool.next_expiry() is None
    pool.move(idle.id, Move.DONE, 10)
    assert pool.next_expiry() == 310
    assert pool.sweep(309) == []
    assert [each.id for each in pool.sweep(310)] == [idle.id]
    pool.move(idle.id, Move.STOPPED, 311)
    assert [each.id for each in pool] == [busy.id]


def test_an_environment_ends_after_some_hours_however_busy_it_is() -> None:
    """Between two events."""
    pool = Pool(Limits(lifetime_s=100, idle_expiry_s=None, environment_rps=None))
    old = cold(pool, 0)
    assert pool.sweep(100) == []
    pool.move(old.id, Move.DONE, 101)
    assert pool.next_expiry() == 100
    assert [each.state for each in pool.sweep(101)] == [State.STOPPING]


def test_an_environment_that_stops_is_not_taken() -> None:
    pool = Pool(Limits(idle_expiry_s=1, environment_rps=None))
    stopping = cold(pool, 0)
    pool.move(stopping.id, Move.DONE, 0)
    pool.sweep(5)
    assert cold(pool, 5).id != stopping.id


def test_provisioned_environments_are_started_ahead_and_stay() -> None:
    """They are taken first, do not expire idle, and are replaced when they are gone."""
    pool = Pool(Limits(provisioned={"f": 2}, idle_expiry_s=10, environment_rps=None))
    one, two = pool.prewarm(0)
    assert pool.prewarm(0) == []
    for each in (one, two):
        pool.move(each.id, Move.INIT_DONE, 1)
    assert {warm(pool, 2).id, warm(pool, 2).id} == {one.id, two.id}
    more = cold(pool, 2)
    for each in (one, two, more):
        pool.move(each.id, Move.DONE, 3)
    assert warm(pool, 4).id in {one.id, two.id}
    assert [each.id for each in pool.sweep(100)] == [more.id]
    pool.move(one.id if pool.get(one.id).state is State.FROZEN else two.id, Move.FAILED, 101)
    assert len(pool.prewarm(102)) == 1


def test_more_reserved_than_there_is_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="more concurrency is reserved than the account's 10"):
        Pool(Limits(account_concurrency=10, reserved={"f": 11}))


def test_a_plan_changes_nothing() -> None:
    """The same question gets the same answer."""
    free = Environment(1, "f", State.FROZEN, 0, 0)
    for _ in range(2):
        assert plan([free], "f", LIMITS, None, 1) == Reuse(free)
        assert plan([free], "g", LIMITS, None, 1) == Start()
        assert isinstance(plan([], "g", LIMITS, Budget(0, 1), 1), Throttle)
