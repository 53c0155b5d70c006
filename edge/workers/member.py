"""One worker as its owner sees it: a process, and a channel for commands, each of which is answered in its turn."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from edge.workers.channel import Channel, Gone
from edge.workers.messages import Begin, Done, Left, News

_STOPS_WITHIN_S = 2.0


class Process(Protocol):
    """A worker's process, as `subprocess.Popen` has it."""

    def wait(self, timeout: float | None = None) -> int: ...

    def kill(self) -> None: ...


def new_process(control: socket.socket, files: Sequence[int]) -> Process:
    """A worker with its owner at the other end of `control`, which inherits these files. Its process group is its own:
    Ctrl-C is for the owner."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "edge.workers", str(control.fileno())],
        stdin=subprocess.DEVNULL,
        pass_fds=(control.fileno(), *files),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)},
        process_group=0,
    )


class Member:
    """One worker. `gone` is done when it has ended, and then all that was asked of it is done too. `heard` is told
    what it says without being asked."""

    def __init__(
        self, number: int, process: Process, channel: Channel, heard: Callable[[Member, News | Left], None]
    ) -> None:
        self.number = number
        self.process = process
        self._channel = channel
        self._heard = heard
        self._asked: deque[asyncio.Future[Any]] = deque()
        channel.lost = self._lost
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.ready: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._listening = asyncio.create_task(self._listen())

    def begin(self, begin: Begin) -> None:
        """Tell it the first thing."""
        self.ready = self.tell(begin)

    @property
    def is_ready(self) -> bool:
        """Whether it has come so far as to serve viewers."""
        return self.ready.done() and self.ready.result() is not None

    @property
    def is_silent(self) -> bool:
        """Whether it has something left to do, other than to begin."""
        return self.is_ready and bool(self._asked)

    def tell(self, command: object) -> asyncio.Future[Any]:
        """Have it do something. Done with what it answers, or with None when it has ended."""
        answered: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if self._channel.closed:
            answered.set_result(None)
        else:
            self._asked.append(answered)
            self._channel.send(command)
        return answered

    async def _listen(self) -> None:
        try:
            while True:
                said = await self._channel.value()
                if isinstance(said, Done):
                    _answer(self._asked.popleft(), said.result)
                elif isinstance(said, News | Left):
                    self._heard(self, said)
        except Gone:
            return

    def _lost(self) -> None:
        while self._asked:
            _answer(self._asked.popleft(), None)
        if not self.gone.done():
            self.gone.set_result(None)

    async def end(self) -> int:
        """Wait until the process is no longer there, and see to it that it goes. Its exit status."""
        try:
            status = await asyncio.to_thread(self.process.wait, _STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = await asyncio.to_thread(self.process.wait)
        self._channel.close()
        await asyncio.gather(self._listening, return_exceptions=True)
        return status


def _answer(asked: asyncio.Future[Any], result: Any) -> None:
    if not asked.done():
        asked.set_result(result)


async def status(member: Member) -> str:
    """How it ended."""
    status = await member.end()
    return f"status {status}" if status >= 0 else signal.Signals(-status).name
