"""A worker: a process that serves viewers, with copies of what is in its owner's cache.

It is what `app.py` builds, without the cache, the files and the admin listener: those are the owner's. It begins with
what the owner tells it, and ends when the owner does.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edge import functions, viewer_knowledge
from edge.about_viewers.about import AboutViewers
from edge.all_origins import all_origins
from edge.cache.copies import Copies
from edge.cache.tiers import Tiers
from edge.clock import SystemClock
from edge.driver import Driver
from edge.logs.metrics import Counts, Metrics
from edge.logs.trails import RecentTrails
from edge.logs.whole_lines import whole_lines
from edge.model import deployment
from edge.model.served import Served
from edge.request_ids import request_ids
from edge.rules import invalidation
from edge.runtimes.key_value_stores import MemoryStores, SqliteStores
from edge.runtimes.runtime import FunctionRuntime, KeyValueStores
from edge.viewers.listener import Http1Listener
from edge.workers.asking import Owner
from edge.workers.channel import Channel, Gone
from edge.workers.messages import (
    Begin,
    Done,
    FindTrail,
    Invalidate,
    Left,
    Listening,
    News,
    Stop,
    TakeCounts,
    TakeUp,
    Version,
)
from edge.workers.shared_counts import SharedCounts
from edge.workers.versions import Versions

if TYPE_CHECKING:
    from edge.viewers.hypercorn_listener import HypercornListener


class Worker:
    """Serves viewers as `begin` says. `tell` is given what other workers have to hear; `loggers` are told of each
    answer after its last byte."""

    def __init__(self, begin: Begin, tell: Callable[[News], None]) -> None:
        configuration = begin.version.configuration
        self._begin = begin
        self._err = whole_lines(sys.stderr, begin.lock)
        self._is_ready = False
        self._clock = SystemClock()
        self._versions = Versions()
        self.owner = Owner(begin.owner, self._versions)
        self.tiers = Tiers(begin.topology, begin.copies_bytes, of_a_worker=True)
        self._trails = RecentTrails()
        self.counts = SharedCounts(tell)
        for store in self.tiers.stores:
            store.rates = self.counts.rates(store.name)
        self._stores: SqliteStores | None = None
        self._metrics = Metrics(lambda: (self.driver.distribution.id, self.driver.distribution.domain_name))
        self._at_the_end: list[Callable[[], None]] = []
        self._beside: asyncio.Task[None] | None = None
        self._origins = all_origins(lambda: self.owner, self._clock.now, self._say)
        self.driver = Driver(
            configuration.distributions[0],
            distributions=deployment.choices(configuration.distributions),
            store=self.tiers.first.store,
            origins=self._origins,
            functions=self._functions(begin.version),
            lambdas=self.owner,
            owner=self.owner,
            clock=self._clock,
            request_ids=request_ids(),
            edge=self.tiers.first.edge,
            tiers=self.tiers,
            location=configuration.local.viewer.location(),
            about_viewers=viewer_knowledge.about_viewers(configuration, self._say),
            explain_header=begin.explain_header,
            finished=self._finished,
        )
        self._versions.add(begin.version.number, configuration.distributions)
        out = whole_lines(sys.stdout, begin.lock) if begin.reports.json else self._err
        self.loggers = begin.reports.loggers(
            lambda: self.driver.distribution,
            self._clock.now,
            say=self._say,
            at_the_end=self._at_the_end.append,
            stream=out,
        )
        self._listeners = [_listener(self.driver, one) for one in begin.listening]

    async def start(self) -> None:
        """Take viewers in."""
        for listener in self._listeners:
            await listener.start()
        self._beside = asyncio.create_task(viewer_knowledge.warm_up(self._begin.version.configuration))
        self._is_ready = True

    async def do(self, command: object) -> Any:
        """Carry out a command of the owner's: what it is done with."""
        match command:
            case Invalidate(number, paths, tags, tag_headers):
                doomed = invalidation.named(paths, tags, tag_headers)
                for store in self.tiers.stores:
                    assert isinstance(store, Copies), "a worker has nothing else"
                    store.invalidate(number, doomed)
            case TakeUp(version):
                self._take_up(version)
            case News():
                self.counts.hear(command, self._clock.now())
            case TakeCounts():
                return self._metrics.take()
            case FindTrail(request_id):
                return self._trails.get(request_id)
            case _:
                raise ValueError(f"an owner says nothing like {command!r}")
        return None

    async def close(self) -> Counts:
        """Stop: listeners first, so that answers that have begun come to their end. What was counted until then."""
        await asyncio.gather(*(listener.close() for listener in self._listeners))
        self.counts.close()
        if self._beside is not None:
            self._beside.cancel()
            await asyncio.gather(self._beside, return_exceptions=True)
        await self.driver.close()
        self.owner.close()
        await self._origins.close()
        if isinstance(self.driver.about_viewers, AboutViewers):
            self.driver.about_viewers.close()
        if self._stores is not None:
            self._stores.close()
        for finish in self._at_the_end:
            finish()
        return self._metrics.take()

    def _take_up(self, version: Version) -> None:
        """Serve another version from now on."""
        configuration = version.configuration
        about_viewers = viewer_knowledge.about_viewers(configuration, self._say)
        runtime = self._functions(version)
        self._versions.add(version.number, configuration.distributions)
        served = configuration.distributions
        self.driver.take_up(served[0], runtime, deployment.choices(served))
        self.driver.about_viewers = about_viewers
        self.driver.location = configuration.local.viewer.location()

    def _functions(self, version: Version) -> FunctionRuntime:
        stores = self._key_value_stores(version.stores)
        engine, topology = self._begin.engine, self.tiers.topology
        return functions.runtime_for(version.configuration, engine, stores, topology, self.counts.throttle)

    def _key_value_stores(self, file: Path | None) -> KeyValueStores:
        """The stores that the owner keeps, as they are now."""
        if file is None:
            return MemoryStores({}, self._clock.now())
        if self._stores is None:
            self._stores = SqliteStores(file, self._clock.now)
        self._stores.look_again()
        return self._stores

    def _finished(self, served: Served, body_bytes: int, complete: bool) -> None:
        if self._begin.admin:
            self._metrics.count(served, body_bytes, complete)
            self._trails.add(served)
        self.loggers(served, body_bytes, complete)

    def _say(self, text: str) -> None:
        """A line on stderr. What there is to say of the configuration the owner has said."""
        if self._is_ready:
            click.echo(text, file=self._err)


def _listener(driver: Driver, listening: Listening) -> Http1Listener | HypercornListener:
    """A listener at the sockets that this process was born with. What TLS needs is loaded where there is TLS."""
    bound = [socket.socket(fileno=each) for each in listening.tcp]
    host, port, certificate = listening.host, listening.port, listening.certificate
    if certificate is None:
        return Http1Listener(driver, host, port, bound=bound)
    if listening.kind == "hypercorn":
        from edge.viewers.hypercorn_listener import HypercornListener

        return HypercornListener(driver, host, port, certificate, bound=bound)
    from edge.viewers.tls import TlsListener

    udp = [socket.socket(fileno=each) for each in listening.udp]
    return TlsListener(driver, host, port, certificate, bound=bound, bound_udp=udp)


async def serve(control: socket.socket) -> None:
    """Do what the owner says over a socket, until it says stop or is gone, or somebody ends this process in order."""
    loop = asyncio.get_running_loop()
    asked_to_end = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, asked_to_end.set)
    _, channel = await loop.create_connection(Channel, sock=control)
    try:
        begin = await channel.value()
    except Gone:  # the owner ended meanwhile
        return
    assert isinstance(begin, Begin), "that comes first"
    worker = Worker(begin, channel.send)
    await worker.start()
    gc.freeze()  # what start-up made stays; collections look at requests only
    channel.send(Done(True))
    obeying = asyncio.create_task(obey(worker, channel))
    ending = asyncio.create_task(asked_to_end.wait())
    await asyncio.wait((obeying, ending), return_when=asyncio.FIRST_COMPLETED)
    for task in (obeying, ending):
        task.cancel()
    how, _ = await asyncio.gather(obeying, ending, return_exceptions=True)
    channel.send(Left(await worker.close()))
    await channel.finish()
    if isinstance(how, Exception):  # a command that it could not carry out: another worker begins anew
        raise how


async def obey(worker: Worker, channel: Channel) -> None:
    """Carry out commands until one of them is to stop, or nobody is left to give one."""
    try:
        while not isinstance(command := await channel.value(), Stop):
            channel.send(Done(await worker.do(command)))
    except Gone:
        return


def main(control: int) -> None:
    """Be a worker whose owner is at the other end of this file descriptor."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the owner, which then says stop
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    sock = socket.socket(fileno=control)
    sock.setblocking(False)
    os.set_inheritable(control, False)
    try:
        import uvloop
    except ImportError:
        asyncio.run(serve(sock))
    else:
        uvloop.run(serve(sock))
