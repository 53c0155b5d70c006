"""Which execution environment handles an event: reuse, a new one, or a throttle; and which ones have had their time.

Source: Lambda Developer Guide, "Understanding Lambda function scaling", "Configuring reserved concurrency for a
function", "Configuring provisioned concurrency for a function", "Understanding the Lambda execution environment
lifecycle". An environment handles one event at a time. There is no queue: an event without a free environment starts a
new one, or is throttled. Choices where AWS is silent: of several free environments the one used last is taken, so that
the others can expire; the idle expiry.

`plan` decides and changes nothing. `Pool` keeps the environments and applies decisions. Time is given, in seconds of
any clock that does not go back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeAlias

from edge.environments.states import Move, State, moved
from edge.model import quotas

_RUNNING = frozenset({State.BUSY, State.RESTARTING, State.STARTING})
_FREE = frozenset({State.FROZEN, State.IN_RESET})


@dataclass(frozen=True, slots=True)
class Limits:
    """What an account allows. `reserved` is by the name of a function, `provisioned` by name and version (`name:3`); an
    expiry of None means never.

    `environment_rps` is how many events a second one environment may begin, None for as many as it can: AWS's 10 is for
    capacity planning, and on one machine it makes ten times the processes.
    """

    account_concurrency: int = quotas.LAMBDA_ACCOUNT_CONCURRENCY
    reserved: Mapping[str, int] = field(default_factory=dict)
    provisioned: Mapping[str, int] = field(default_factory=dict)
    environment_rps: int | None = quotas.LAMBDA_REQUESTS_PER_ENVIRONMENT_PER_S
    scaling_environments: int = quotas.LAMBDA_SCALING_ENVIRONMENTS
    scaling_period_s: float = quotas.LAMBDA_SCALING_PERIOD_S
    idle_expiry_s: float | None = quotas.LAMBDA_IDLE_EXPIRY_S
    lifetime_s: float | None = quotas.LAMBDA_LIFETIME_S

    @property
    def unreserved(self) -> int:
        """What is left of the account for functions without a reservation of their own."""
        return self.account_concurrency - sum(self.reserved.values())


AWS_LIMITS = Limits()
LAPTOP_LIMITS = Limits(environment_rps=None)


@dataclass(frozen=True, slots=True)
class Environment:
    """One environment. `function` names a version of a function (`name:3`), `since` is when its state began, `begun`
    when each of the events of the last second did. A provisioned one was started ahead of any event, and does not
    expire idle.
    """

    id: int
    function: str
    state: State
    born: float
    since: float
    provisioned: bool = False
    begun: tuple[float, ...] = ()


class Reuse(NamedTuple):
    """Give the event to this environment."""

    environment: Environment


class Start(NamedTuple):
    """Start an environment for the event."""


class Throttle(NamedTuple):
    """Refuse the event. `reason` is a word of the Lambda API's TooManyRequestsException."""

    reason: str


Decision: TypeAlias = Reuse | Start | Throttle


class Budget(NamedTuple):
    """New environments that a function may still have: `left` of them at the time `at`, refilled evenly."""

    left: float
    at: float

    def now(self, limits: Limits, now: float) -> float:
        """How many there are by now; what is not used does not add up."""
        refilled = (now - self.at) * limits.scaling_environments / limits.scaling_period_s
        return min(self.left + refilled, limits.scaling_environments)


def plan(
    environments: Iterable[Environment], function: str, limits: Limits, budget: Budget | None, now: float
) -> Decision:
    """What to do with an event for a function. `budget` None is one that is full."""
    everyone = tuple(environments)
    ours = [each for each in everyone if each.function == function]
    named = [each for each in everyone if _name(each.function) == _name(function)]
    reserved = limits.reserved.get(_name(function))
    if reserved is not None:
        cap, running = reserved, _running(named)
    else:
        cap = limits.unreserved
        running = _running(each for each in everyone if _name(each.function) not in limits.reserved)
    if running >= cap:
        return Throttle(_word("ConcurrentInvocationLimitExceeded", reserved))
    if _is_too_fast(everyone, named, cap, reserved, limits, now):
        return Throttle(_word("FunctionInvocationRateLimitExceeded", reserved))
    free = [each for each in ours if each.state in _FREE and _has_pace(each, limits, now)]
    if free:
        return Reuse(max(free, key=lambda each: (each.provisioned, each.state is State.FROZEN, each.since, each.id)))
    if budget is not None and budget.now(limits, now) < 1:
        return Throttle(_word("ConcurrentInvocationLimitExceeded", reserved))
    return Start()


def expired(environment: Environment, limits: Limits, now: float) -> bool:
    """Whether an environment has had its time: it was idle for too long, or it is free and too old."""
    if environment.state not in _FREE:
        return False
    if limits.lifetime_s is not None and now - environment.born >= limits.lifetime_s:
        return True
    idle = limits.idle_expiry_s
    return not environment.provisioned and idle is not None and now - environment.since >= idle


def _name(function: str) -> str:
    return function.partition(":")[0]


def _running(environments: Iterable[Environment]) -> int:
    return sum(
        each.state in _RUNNING and not (each.provisioned and each.state is State.STARTING) for each in environments
    )


def _has_pace(environment: Environment, limits: Limits, now: float) -> bool:
    return limits.environment_rps is None or len(_recent(environment, now)) < limits.environment_rps


def _is_too_fast(
    everyone: Iterable[Environment],
    ours: Iterable[Environment],
    cap: int,
    reserved: int | None,
    limits: Limits,
    now: float,
) -> bool:
    """Ten times the concurrency is the most events that may begin within a second."""
    if limits.environment_rps is None:
        return False
    counted = (
        ours if reserved is not None else (each for each in everyone if _name(each.function) not in limits.reserved)
    )
    return sum(len(_recent(each, now)) for each in counted) >= cap * limits.environment_rps


def _recent(environment: Environment, now: float) -> tuple[float, ...]:
    return tuple(at for at in environment.begun if now - at < 1)


def _word(reason: str, reserved: int | None) -> str:
    return reason if reserved is None else f"ReservedFunction{reason.removeprefix('Function')}"


class Pool:
    """The environments of one account on this machine."""

    def __init__(self, limits: Limits = AWS_LIMITS) -> None:
        if limits.unreserved < 0:
            raise ValueError(f"more concurrency is reserved than the account's {limits.account_concurrency}")
        self.limits = limits
        self._environments: dict[int, Environment] = {}
        self._budgets: dict[str, Budget] = {}
        self._last_id = 0

    def __iter__(self) -> Iterator[Environment]:
        return iter(tuple(self._environments.values()))

    def get(self, id: int) -> Environment:
        """The environment with this id. Raises KeyError when it is gone."""
        return self._environments[id]

    def admit(self, function: str, now: float) -> Environment | Throttle:
        """The environment for an event, as it is from now on: BUSY or RESTARTING when it was there, STARTING when it
        is new."""
        budget = self._budgets.get(function)
        decision = plan(self, function, self.limits, budget, now)
        match decision:
            case Throttle():
                return decision
            case Reuse(environment):
                return self.begin(environment.id, now)
            case Start():
                left = self.limits.scaling_environments if budget is None else budget.now(self.limits, now)
                self._budgets[function] = Budget(left - 1, now)
                return self._new(function, now, provisioned=False)

    def begin(self, id: int, now: float) -> Environment:
        """An event begins in a free environment."""
        environment = self.move(id, Move.EVENT, now)
        if self.limits.environment_rps is not None:
            environment = replace(environment, begun=(*_recent(environment, now), now))
            self._environments[id] = environment
        return environment

    def move(self, id: int, move: Move, now: float) -> Environment:
        """What happened to an environment. Raises IllegalMove for what cannot. One that is gone is forgotten."""
        before = self._environments[id]
        after = replace(before, state=moved(before.state, move), since=now)
        self._environments[id] = after
        if after.state is State.GONE:
            del self._environments[id]
        return after

    def prewarm(self, now: float) -> list[Environment]:
        """New environments, to be started ahead of any event, for the provisioned concurrency that is missing."""
        made: list[Environment] = []
        for function, wanted in self.limits.provisioned.items():
            alive = sum(
                each.function == function and each.provisioned and each.state is not State.STOPPING for each in self
            )
            made += [self._new(function, now, provisioned=True) for _ in range(wanted - alive)]
        return made

    def sweep(self, now: float) -> list[Environment]:
        """The environments that have had their time, to be stopped."""
        return [self.move(each.id, Move.EXPIRE, now) for each in self if expired(each, self.limits, now)]

    def next_expiry(self) -> float | None:
        """When `sweep` has something to do next, unless something happens before; None for never."""
        times: list[float] = []
        for each in self:
            if each.state not in _FREE:
                continue
            if self.limits.idle_expiry_s is not None and not each.provisioned:
                times.append(each.since + self.limits.idle_expiry_s)
            if self.limits.lifetime_s is not None:
                times.append(each.born + self.limits.lifetime_s)
        return min(times, default=None)

    def _new(self, function: str, now: float, *, provisioned: bool) -> Environment:
        self._last_id += 1
        made = Environment(self._last_id, function, State.STARTING, now, now, provisioned)
        self._environments[made.id] = made
        return made
