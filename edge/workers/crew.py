"""The workers of `edge serve --workers N` as their owner sees them: started, told what happens, replaced when they die.

Workers are new processes and no forks: one that takes the place of another begins in the same way as the first ones,
whatever threads, loops and engines the owner has by then.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from edge.app import App, Options
from edge.configuration import Configuration
from edge.logs.metrics import Counts
from edge.logs.whole_lines import whole_lines
from edge.reports import Reports
from edge.workers import CannotStart
from edge.workers.answering import Desk
from edge.workers.channel import Channel
from edge.workers.member import Member, Process, new_process, status
from edge.workers.messages import (
    Begin,
    FindTrail,
    Invalidate,
    Kind,
    Left,
    News,
    Stop,
    TakeCounts,
    TakeUp,
    Version,
)
from edge.workers.shared_listener import SharedListener
from edge.workers.versions import Versions

if TYPE_CHECKING:
    from edge.viewers.local_certificate import Certificate

READY_WITHIN_S = 60.0
ANSWERS_WITHIN_S = 30.0
"""A worker that has not done what it was told by then is ended, and replaced."""
_AGAIN_AFTER_S = 1.0


class Crew:
    """`count` workers that serve what `app` serves, at the listeners that were made here and started."""

    def __init__(
        self,
        app: App,
        count: int,
        configuration: Configuration,
        options: Options,
        reports: Reports,
        new_process: Callable[[socket.socket, Sequence[int]], Process] = new_process,
    ) -> None:
        self._app = app
        self._new_process = new_process
        self._count = count
        self._folder = TemporaryDirectory(prefix="edge-workers-")  # of this user's alone
        lock = Path(self._folder.name) / "lock"
        lock.touch()
        self._err = whole_lines(sys.stderr, lock)
        self._begin = Begin(
            Version(1, configuration, app.stores_file),
            options.engine,
            options.explain_header,
            reports,
            options.keep_trails,
            (),
            app.tiers.topology,
            Path(self._folder.name) / "owner",
            options.cache.memory_max_bytes // (2 * count),
            lock,
        )
        self._say = options.say
        self._versions = Versions()
        self._versions.add(1, configuration.distributions)
        self._invalidation = 0
        self.desk = Desk(
            app.driver, app.tiers, self._versions, app.clock.now, app.running_lambdas, lambda: self._invalidation
        )
        self._listeners: list[SharedListener] = []
        self._members: list[Member] = []
        self._tending: list[asyncio.Task[None]] = []
        self._telling: set[asyncio.Task[None]] = set()
        self._left: list[Counts] = []
        self._pending: set[asyncio.Future[Any]] = set()
        app.workers = self

    def say(self, text: str) -> None:
        """A line on stderr that does not get into one of a worker's."""
        click.echo(text, file=self._err)

    def listener(self, kind: Kind, host: str, port: int, certificate: Certificate | None = None) -> SharedListener:
        """A listener at which all of them will take viewers."""
        made = SharedListener(kind, host, port, self._count, certificate)
        self._listeners.append(made)
        return made

    async def start(self) -> None:
        """Start all workers, and wait until they serve. Raises CannotStart."""
        await self.desk.start(self._begin.owner)
        for number in range(self._count):
            self._members.append(await self._spawn(number))
        for member in self._members:
            await self._wait_until_ready(member)
            if not member.is_ready:
                raise CannotStart(f"worker {member.number + 1} ended before it could serve ({await status(member)})")
        self._tending = [asyncio.create_task(self._tend(number)) for number in range(self._count)]

    async def close(self) -> None:
        """Stop them, and wait for that."""
        for task in (*self._tending, *self._telling):
            task.cancel()
        await asyncio.gather(*self._tending, *self._telling, return_exceptions=True)
        for member in self._members:
            member.tell(Stop())
        await asyncio.gather(*(member.end() for member in self._members))
        await self.desk.close()
        self._folder.cleanup()

    # What the app has them told.

    def take_up(self, configuration: Configuration, then: Callable[[], None]) -> None:
        """Have them serve another configuration, and call `then` when all do."""
        version = Version(self._begin.version.number + 1, configuration, self._app.stores_file)
        self._versions.add(version.number, configuration.distributions)
        self._begin = self._begin._replace(version=version)  # for those that start from now on
        self._tell(TakeUp(version))

        async def wait() -> None:
            await self.settled()
            then()

        task = asyncio.create_task(wait())
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    def invalidate(self, paths: tuple[str, ...], tags: tuple[str, ...], tag_headers: dict[str, str]) -> None:
        """Have them forget what was just removed from the caches."""
        self._invalidation += 1
        self._tell(Invalidate(self._invalidation, paths, tags, tag_headers))

    # What the admin listener asks.

    async def settled(self) -> None:
        """Wait until all of them have done what they were told so far. One that does not is ended."""
        pending = set(self._pending)
        while pending:
            done, pending = await asyncio.wait(pending, timeout=ANSWERS_WITHIN_S)
            if not done:
                for member in self._members:
                    if member.is_silent:
                        self._say(f"worker {member.number + 1} does not answer, and is ended")
                        member.process.kill()

    async def counts(self) -> Sequence[Counts]:
        """What each has counted since the last time."""
        told = await self._ask(TakeCounts())
        left, self._left = self._left, []
        return [*left, *(one for one in told if one is not None)]

    async def find_trail(self, request_id: str) -> dict[str, Any] | None:
        """The trail of a request as JSON; None when nobody knows it (any more)."""
        return next((one for one in await self._ask(FindTrail(request_id)) if one is not None), None)

    def _hear(self, teller: Member, said: News | Left) -> None:
        """What a worker says without being asked."""
        if isinstance(said, Left):
            self._left.append(said.counts)
            return
        for member in self._members:
            if member is not teller:
                member.tell(said)

    def _tell(self, command: object) -> list[asyncio.Future[Any]]:
        told = [member.tell(command) for member in self._members]
        for one in told:
            self._pending.add(one)
            one.add_done_callback(self._pending.discard)
        return told

    async def _ask(self, command: object) -> list[Any]:
        told = self._tell(command)
        await self.settled()
        return [one.result() for one in told]

    # Their lives.

    async def _tend(self, number: int) -> None:
        """Have another take the place of a worker that ends."""
        while True:
            member = self._members[number]
            await member.gone
            how = await status(member)
            self._say(f"worker {number + 1} ended ({how}); another takes its place")
            if not member.is_ready:
                await asyncio.sleep(_AGAIN_AFTER_S)  # it will hardly do better at once
            self._members[number] = await self._spawn(number)
            await self._wait_until_ready(self._members[number])

    async def _wait_until_ready(self, member: Member) -> None:
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                await asyncio.wait((member.ready, member.gone), return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            member.process.kill()
            await member.gone

    async def _spawn(self, number: int) -> Member:
        """Start a worker and tell it what to do."""
        ours, theirs = socket.socketpair()
        listening = tuple(one.of(number) for one in self._listeners)
        files = [file for one in listening for file in (*one.tcp, *one.udp)]
        process = self._new_process(theirs, files)
        theirs.close()
        ours.setblocking(False)
        _, channel = await asyncio.get_running_loop().create_connection(Channel, sock=ours)
        member = Member(number, process, channel, self._hear)
        member.begin(self._begin._replace(listening=listening))
        return member
