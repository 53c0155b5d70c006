"""Runs Lambda functions: the pool decides which environment handles an event, this file has it done.

Source: Lambda Developer Guide, "Understanding the Lambda execution environment lifecycle", "Understanding Lambda
function scaling". One choice is the laptop's own: no more environments start at once than there are processors, and an
event that waits for its turn takes an environment that becomes free meanwhile. The wait counts neither as INIT nor as
duration.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from edge.environments.pool import LAPTOP_LIMITS, Environment, Limits, Pool, Throttle
from edge.environments.states import Move, State
from edge.model import quotas
from edge.model.function import FunctionCall, FunctionOutcome, Invalid, LambdaFunction, LambdaReport, Throttled
from edge.runtimes.lambda_edge import failures, invocations, log_lines
from edge.runtimes.lambda_edge.environment import ExecutionEnvironment
from edge.runtimes.lambda_edge.failures import Exited, MemoryRanOut, TimeRanOut
from edge.runtimes.lambda_edge.providers.provider import Provider, Unavailable
from edge.runtimes.lambda_edge.runtime_api import InitFailed, Invocation, Ready, Stream


class Counts(NamedTuple):
    """What has happened, and what there is now."""

    cold: int
    warm: int
    restored: int
    throttled: int
    environments: int
    busy: int


@dataclass(eq=False, slots=True)
class _Waiting:
    """An event that waits for its turn to start environment `id`; it gets that turn, or one that has become free."""

    function: str
    id: int
    turn: asyncio.Future[int] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class LambdaRuntime:
    """One account's functions on this machine. `told` hears of each finished event: the function and its report.

    `folder` is where environments have theirs; `starts_max` how many environments start at once.
    """

    def __init__(
        self,
        provider: Provider,
        folder: Path,
        *,
        limits: Limits = LAPTOP_LIMITS,
        region: str = "us-east-1",
        starts_max: int | None = None,
        now: Callable[[], float] = time.monotonic,
        told: Callable[[LambdaFunction, LambdaReport], None] = lambda function, report: None,
    ) -> None:
        self.provider = provider
        self.pool = Pool(limits)
        self._folder = folder
        self._region = region
        self._starts_left = starts_max or os.cpu_count() or 1
        self._now = now
        self._told = told
        self._environments: dict[int, ExecutionEnvironment] = {}
        self._waiting: deque[_Waiting] = deque()
        self._tasks: set[asyncio.Task[object]] = set()
        self._sweeper: asyncio.TimerHandle | None = None
        self._outdated: set[int] = set()
        self._cold = self._warm = self._restored = self._throttled = 0

    @property
    def counts(self) -> Counts:
        """Cold and warm starts, restores, throttles, and live environments."""
        live = list(self.pool)
        busy = sum(each.state in (State.BUSY, State.RESTARTING, State.STARTING) for each in live)
        return Counts(self._cold, self._warm, self._restored, self._throttled, len(live), busy)

    async def run(self, call: FunctionCall, stream: Stream | None = None) -> FunctionOutcome:
        """Run one event to its end. A caller that leaves does not stop it: Lambda does not notice either. `stream`
        hears a response that comes as a stream; without it that is read to its end."""
        task = asyncio.create_task(self._run(call, stream))
        self._keep(task)
        return await asyncio.shield(task)

    async def prewarm(self, *functions: LambdaFunction) -> None:
        """Start what is missing of the provisioned concurrency, one environment after the other."""
        by_key = {_key(function): function for function in functions}
        for made in self.pool.prewarm(self._now()):
            if made.function in by_key:
                environment, _ = await self._initialise(by_key[made.function], made)
                environment.freeze()
            else:
                self.pool.move(made.id, Move.EXPIRE, self._now())
                self.pool.move(made.id, Move.STOPPED, self._now())

    async def warm(self, function: LambdaFunction) -> None:
        """Have an environment of a function that waits for an event, as after an earlier one."""
        key = _key(function)
        if any(each.function == key and each.state is State.FROZEN for each in self.pool):
            return
        admitted = self.pool.admit(key, self._now())
        if isinstance(admitted, Throttle) or admitted.state is not State.STARTING:
            return
        environment, _ = await self._cold_start(function, admitted)
        if environment.is_ready:
            self._settled(environment)
        else:
            self.pool.move(environment.id, Move.FAILED, self._now())
            self._freed(environment.id)

    def sweep(self) -> None:
        """End the environments that have had their time by now."""
        for stopping in self.pool.sweep(self._now()):
            self._retire(stopping)

    def refresh(self) -> None:
        """The code has changed: environments with the old code end, those that are busy after their event."""
        for each in self.pool:
            if each.state in (State.FROZEN, State.IN_RESET):
                self._retire(self.pool.move(each.id, Move.EXPIRE, self._now()))
            elif each.id in self._environments:  # one that waits for its turn to start will have the new code
                self._outdated.add(each.id)

    async def close(self) -> None:
        """End everything. Events that are under way fail."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(each.stop() for each in self._environments.values()))
        self._environments.clear()
        await self.provider.close()

    async def _run(self, call: FunctionCall, stream: Stream | None) -> FunctionOutcome:
        function = call.function
        assert isinstance(function, LambdaFunction)
        admitted = self.pool.admit(_key(function), self._now())
        if isinstance(admitted, Throttle):
            self._throttled += 1
            return Throttled(admitted.reason)
        event = invocations.invocation(call, function, self._region)
        try:
            if admitted.state is State.STARTING:
                environment, init_ms = await self._cold_start(function, admitted)
            else:
                environment, init_ms = self._environments[admitted.id], None
            return await self._handle(environment, event, init_ms, stream)
        except Unavailable as missing:
            return Invalid(str(missing))
        except OSError as error:
            return Invalid(f"this machine cannot start another environment: {error}")

    async def _handle(
        self, environment: ExecutionEnvironment, event: Invocation, init_ms: float | None, stream: Stream | None
    ) -> FunctionOutcome:
        """One event in an environment that is BUSY or RESTARTING."""
        id = environment.id
        if self.pool.get(id).state is State.BUSY and not environment.is_ready:  # it died in its sleep
            await environment.reset()
            self.pool.move(id, Move.FAILED, self._now())
            self.pool.begin(id, self._now())
        restart = self.pool.get(id).state is State.RESTARTING
        self._warm += init_ms is None and not restart
        environment.say(log_lines.start(event.request_id, environment.function.version))
        started = time.perf_counter()
        try:
            outcome = await invocations.run_one(environment, event, stream, restart=restart)
        except BaseException:
            await self._discard(environment)
            raise
        duration_ms = (time.perf_counter() - started) * 1000
        made = invocations.finished(
            environment, event, outcome, duration_ms, init_ms, lambda report: self._told(environment.function, report)
        )
        reset = invocations.is_reset_by(outcome)
        if restart and not reset:
            self.pool.move(id, Move.INIT_DONE, self._now())
        if reset:
            await environment.reset()
            self.pool.move(id, Move.FAILED, self._now())
            self._freed(id)
        elif environment.is_ready:
            self._settled(environment)
        else:
            self._keep(asyncio.create_task(self._settle(environment)))
        return made

    async def _settle(self, environment: ExecutionEnvironment) -> None:
        """The result is out, but the runtime does not ask for the next event yet."""
        if await environment.settle(environment.function.timeout_s):
            self._settled(environment)
        else:
            await environment.reset()
            self.pool.move(environment.id, Move.FAILED, self._now())
            self._freed(environment.id)

    def _settled(self, environment: ExecutionEnvironment) -> None:
        self.pool.move(environment.id, Move.DONE, self._now())
        environment.freeze()
        self._freed(environment.id)

    async def _cold_start(
        self, function: LambdaFunction, admitted: Environment
    ) -> tuple[ExecutionEnvironment, float | None]:
        """An environment for an event that found none: new, or one that became free while this one waited."""
        if self._starts_left == 0:
            waiting = _Waiting(admitted.function, admitted.id)
            self._waiting.append(waiting)
            taken = await waiting.turn
            if taken != admitted.id:
                return self._environments[taken], None
        else:
            self._starts_left -= 1
        try:
            return await self._initialise(function, admitted)
        finally:
            self._next_start()

    async def _initialise(
        self, function: LambdaFunction, admitted: Environment
    ) -> tuple[ExecutionEnvironment, float | None]:
        id = admitted.id
        environment = self._environments[id] = ExecutionEnvironment(
            id,
            function,
            self.provider,
            region=self._region,
            log_stream=invocations.log_stream(function.version),
            folder=self._folder / f"environment-{id}",
            provisioned=admitted.provisioned,
        )
        self._cold += 1
        environment.start_log()
        limit_s: float = quotas.LAMBDA_INIT_TIMEOUT_S
        if admitted.provisioned:
            limit_s = max(quotas.LAMBDA_PROVISIONED_INIT_TIMEOUT_S, function.timeout_s)
        try:
            what = await environment.initialise(limit_s)
        except BaseException:
            await self._discard(environment)
            raise
        self._restored += environment.restored
        init_ms = environment.init_ms or 0.0
        if isinstance(what, Ready):
            self.pool.move(id, Move.INIT_DONE, self._now())
        else:
            environment.say(_init_report(init_ms, what))
            await environment.reset()
            self.pool.move(id, Move.INIT_FAILED, self._now())
        if not admitted.provisioned:
            self.pool.begin(id, self._now())
        return environment, init_ms if isinstance(what, Ready) else None

    def _freed(self, id: int) -> None:
        """An environment has no event any more: somebody may wait for it, it may be old, or it sleeps."""
        free = self.pool.get(id)
        if id in self._outdated:
            self._outdated.discard(id)
            self._retire(self.pool.move(id, Move.EXPIRE, self._now()))
            return
        for waiting in self._waiting:
            if waiting.function == free.function:
                self._waiting.remove(waiting)
                self.pool.move(waiting.id, Move.EXPIRE, self._now())
                self.pool.move(waiting.id, Move.STOPPED, self._now())
                self.pool.begin(id, self._now())
                waiting.turn.set_result(id)
                return
        self._plan_sweep()

    def _next_start(self) -> None:
        if self._waiting:
            waiting = self._waiting.popleft()
            waiting.turn.set_result(waiting.id)
        else:
            self._starts_left += 1

    async def _discard(self, environment: ExecutionEnvironment) -> None:
        """An environment that cannot go on, whatever state it is in."""
        self.pool.move(environment.id, Move.EXPIRE, self._now())
        await self._stop(environment.id)

    def _retire(self, stopping: Environment) -> None:
        self._keep(asyncio.create_task(self._stop(stopping.id)))

    async def _stop(self, id: int) -> None:
        environment = self._environments.pop(id)
        await environment.stop()
        self.pool.move(id, Move.STOPPED, self._now())

    def _plan_sweep(self) -> None:
        at = self.pool.next_expiry()
        if at is not None and self._sweeper is None:
            self._sweeper = asyncio.get_running_loop().call_later(max(0.0, at - self._now()), self._sweep)

    def _sweep(self) -> None:
        self._sweeper = None
        self.sweep()
        self._plan_sweep()

    def _keep(self, task: asyncio.Task[object] | asyncio.Task[FunctionOutcome] | asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _key(function: LambdaFunction) -> str:
    return f"{function.name}:{function.version}"


def _init_report(init_ms: float, what: InitFailed | failures.Failure) -> str:
    match what:
        case TimeRanOut():
            return log_lines.init_report(init_ms, "timeout")
        case InitFailed(kind):
            return log_lines.init_report(init_ms, "error", kind)
        case Exited() | MemoryRanOut():
            return log_lines.init_report(init_ms, "error", failures.error_type(what))
