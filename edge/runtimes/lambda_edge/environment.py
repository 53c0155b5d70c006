"""One execution environment: its machine, its log, and one event at a time.

Source: Lambda Developer Guide, "Understanding the Lambda execution environment lifecycle". Which environment handles an
event, and the states it goes through, are `edge/environments/`; this file carries them out.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections import deque
from pathlib import Path
from typing import NamedTuple, TypeAlias

from edge.model import quotas
from edge.model.function import LambdaFunction
from edge.runtimes.lambda_edge import log_lines
from edge.runtimes.lambda_edge.failures import Exited, Failure, MemoryRanOut, TimeRanOut
from edge.runtimes.lambda_edge.providers.provider import BootOrder, Machine, Provider
from edge.runtimes.lambda_edge.runtime_api import (
    Failed,
    InitFailed,
    Invocation,
    Ready,
    Responded,
    RuntimeApi,
    RuntimeState,
    Said,
    Stream,
)

_MEMORY_WATCH_S = 0.05
_LOG_KEEP_MAX_BYTES = quotas.MIB


class _Gone(NamedTuple):
    exited: Exited | MemoryRanOut | None


_Happening: TypeAlias = Said | _Gone | TimeRanOut | MemoryRanOut
InitOutcome: TypeAlias = Ready | InitFailed | Failure
Outcome: TypeAlias = Responded | Failed | Failure


class ExecutionEnvironment:
    """One environment of one version of a function. Times are in seconds of `time.perf_counter`."""

    def __init__(
        self,
        id: int,
        function: LambdaFunction,
        provider: Provider,
        *,
        region: str,
        log_stream: str,
        folder: Path,
        provisioned: bool = False,
    ) -> None:
        self.id = id
        self.function = function
        self.init_ms: float | None = None
        self.restored = False
        self.memory_peak_bytes = 0
        self._provider = provider
        self._region = region
        self._log_stream = log_stream
        self._folder = folder
        self._provisioned = provisioned
        self._machine: Machine | None = None
        self._api = RuntimeApi(self._happened)
        self._happenings: deque[_Happening] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._log: list[bytes] = []
        self._log_bytes = 0
        self._watch: asyncio.TimerHandle | None = None
        self._is_idle = False
        self._end: asyncio.Event = asyncio.Event()
        self._end.set()

    @property
    def is_ready(self) -> bool:
        """Whether the runtime waits for an event."""
        machine = self._machine
        return machine is not None and self._api.state is RuntimeState.READY and machine.is_alive

    async def initialise(self, limit_s: float) -> InitOutcome:
        """The INIT phase. Raises Unavailable. After anything but Ready, `reset` is due."""
        self._happenings.clear()
        self._folder.mkdir(parents=True, exist_ok=True)
        api = self._api = RuntimeApi(self._happened)
        self._end.clear()
        order = BootOrder(
            self.function,
            self._log_stream,
            self._region,
            api,
            self._wrote,
            self._gone,
            str(self._folder),
            self._provisioned,
        )
        started = time.perf_counter()
        try:
            machine = await self._provider.boot(order)
        except BaseException:
            self._end.set()
            raise
        self._machine = None if self._end.is_set() else machine
        self.restored = machine.restored
        what = await self._within(limit_s + self._provider.gives.boot_max_s - (time.perf_counter() - started))
        self.init_ms = (time.perf_counter() - started) * 1000
        self.memory_peak_bytes = machine.memory_peak_bytes()
        match what:
            case Ready() | InitFailed() | TimeRanOut() | MemoryRanOut():
                return what if not isinstance(what, TimeRanOut) else TimeRanOut(limit_s)
            case _Gone(exited):
                return Exited(0) if exited is None else exited
            case Responded() | Failed():
                return Exited(0)

    async def handle(self, invocation: Invocation, limit_s: float, stream: Stream | None = None) -> Outcome:
        """One event for a runtime that is ready. After a Failure, `reset` is due; else `settle`."""
        machine = self._machine
        assert machine is not None
        self._happenings.clear()
        self._is_idle = False
        machine.thaw()
        self._api.offer(invocation, stream)
        what = await self._within(limit_s)
        machine.drain()
        self.memory_peak_bytes = max(self.memory_peak_bytes, machine.memory_peak_bytes())
        if isinstance(what, Responded | Failed) and self.memory_peak_bytes > self.function.memory_mb * quotas.MIB:
            return MemoryRanOut()  # between two looks
        match what:
            case Responded() | Failed() | TimeRanOut() | MemoryRanOut():
                return what
            case _Gone(exited):
                return Exited(0) if exited is None else exited
            case Ready() | InitFailed():
                return Exited(0)

    async def settle(self, limit_s: float) -> bool:
        """Wait until the runtime asks for the next event, and freeze it. False when it does not come to that."""
        if not self.is_ready:
            what = await self._within(limit_s)
            if not isinstance(what, Ready):
                return False
        self.freeze()
        return True

    def freeze(self) -> None:
        """Stop timers and everything else until the next event. The answer goes out first, which takes the loop two
        turns: the processor that stops a process is not there for it."""
        self._is_idle = True
        loop = asyncio.get_running_loop()
        loop.call_soon(loop.call_soon, self._freeze_if_idle)

    def _freeze_if_idle(self) -> None:
        if self._is_idle and self._machine is not None:
            self._machine.freeze()

    async def reset(self) -> None:
        """End the runtime and all it started; /tmp stays."""
        if self._machine is not None:
            self._machine.kill()
        await self._end.wait()

    async def stop(self) -> None:
        """End everything."""
        await self.reset()
        shutil.rmtree(self._folder, ignore_errors=True)

    def take_log(self) -> tuple[str, ...]:
        """What was written since the last time, one entry for each event of the log."""
        text = b"".join(self._log).decode("utf-8", "replace")
        if self._log_bytes > _LOG_KEEP_MAX_BYTES:
            text += f"\n[{self._log_bytes - _LOG_KEEP_MAX_BYTES} more bytes of output are not shown]"
        self._log.clear()
        self._log_bytes = 0
        return tuple(line.replace("\r", "\n") for line in text.split("\n") if line)

    def say(self, line: str) -> None:
        """A line of the platform's."""
        self._log.append(f"{line}\n".encode())

    def start_log(self) -> None:
        """The first line of a cold start."""
        self.say(log_lines.init_start(self.function, self._region))

    def _wrote(self, data: bytes) -> None:
        self._log_bytes += len(data)
        if self._log_bytes <= _LOG_KEEP_MAX_BYTES:
            self._log.append(data)

    def _gone(self, exited: Exited | MemoryRanOut | None) -> None:
        self._machine = None
        self._end.set()
        self._happened(_Gone(exited))

    def _happened(self, what: _Happening) -> None:
        self._happenings.append(what)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _within(self, limit_s: float) -> _Happening:
        """What happens next, the time's end and memory's included."""
        if self._happenings:
            return self._happenings.popleft()
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        timer = loop.call_later(max(0.0, limit_s), self._happened, TimeRanOut(limit_s))
        self._watch = loop.call_later(_MEMORY_WATCH_S, self._watch_memory)
        try:
            await self._waiter
        finally:
            timer.cancel()
            self._watch.cancel()
            self._waiter = None
        return self._happenings.popleft()

    def _watch_memory(self) -> None:
        if self._machine is None:
            return
        used = self._machine.memory_bytes()
        self.memory_peak_bytes = max(self.memory_peak_bytes, used)
        if used > self.function.memory_mb * quotas.MIB:
            self._happened(MemoryRanOut())
        else:
            self._watch = asyncio.get_running_loop().call_later(_MEMORY_WATCH_S, self._watch_memory)
