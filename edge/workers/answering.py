"""The owner's side of its workers' questions: it looks in the caches that all share, fetches once for all who ask at
the same time, and runs Lambda functions, of which it alone counts the environments.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from edge import fill
from edge.asks import FromOwner
from edge.cache.copies import copied
from edge.cache.tiers import Tiers
from edge.driver import Driver
from edge.function_urls import Functions
from edge.model.answer import Answer
from edge.model.body import StoredBody, Tunnel
from edge.model.cache_key import CacheKey
from edge.model.distribution import Behavior
from edge.model.request import Request
from edge.shared_body import SharedBody
from edge.visit import Visit
from edge.workers import channel_body
from edge.workers.channel import Channel, Gone
from edge.workers.channel_body import ChannelBody
from edge.workers.messages import Failed, Fill, Filled, Place, RunLambda, StreamPiece, UnknownVersion
from edge.workers.versions import Versions

_HERE_MAX_BYTES = 64 * 1024
_BACKLOG = 4_096
"""Questions may come in bursts, and a socket that cannot queue one more refuses it."""


class Desk:
    """Answers questions. `lambdas` gives what runs Lambda functions that stream, `invalidation` the number of the
    last one."""

    def __init__(
        self,
        driver: Driver,
        tiers: Tiers,
        versions: Versions,
        now: Callable[[], float],
        lambdas: Callable[[], Functions],
        invalidation: Callable[[], int],
    ) -> None:
        self._driver = driver
        self._tiers = tiers
        self._versions = versions
        self._now = now
        self._lambdas = lambdas
        self._invalidation = invalidation
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    async def start(self, path: Path) -> None:
        """Take questions at this socket."""
        self._server = await asyncio.get_running_loop().create_unix_server(self._accept, path, backlog=_BACKLOG)

    async def close(self) -> None:
        """Answer nothing any more."""
        if self._server is not None:
            self._server.close()
        for task in tuple(self._serving):
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    def _accept(self) -> Channel:
        channel = Channel()
        task = asyncio.get_running_loop().create_task(self._serve(channel))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        channel.lost = task.cancel
        return channel

    async def _serve(self, channel: Channel) -> None:
        """One question after the other. Cancelled when the worker closes the channel."""
        try:
            while True:
                asked = await channel.value()
                try:
                    if isinstance(asked, Fill):
                        await self._fill(channel, asked)
                        while asked.has_body:  # nobody wants the rest of it; the worker closes the channel
                            await channel.receive()
                    elif isinstance(asked, RunLambda):
                        await self._run(channel, asked)
                except Gone:
                    return
                except Exception:
                    channel.send(Failed(traceback.format_exc()))
        except Gone:
            return
        finally:
            channel.close()

    async def _run(self, channel: Channel, asked: RunLambda) -> None:
        def heard(kind: str, piece: bytes) -> None:
            channel.send(StreamPiece(kind, piece))

        if asked.streams:
            channel.send(await self._lambdas().run(asked.call, heard))
        else:
            channel.send(await self._driver.lambdas.run(asked.call))

    async def _fill(self, channel: Channel, asked: Fill) -> None:
        found = self._versions.find(asked.place) if isinstance(asked.place, Place) else asked.place
        if found is None:
            channel.send(UnknownVersion())
            return
        distribution, behavior = found
        request = asked.request
        if asked.has_body:
            request = request._replace(body=ChannelBody(channel, asked.body_bytes, lambda whole: None))
        store = self._tiers.at(asked.edge)
        visit = Visit(asked.viewer, distribution, store, asked.edge, asked.request_id, asked.trail, asked.target)
        answer = await self._driver.drive(_answer(visit, behavior, request, asked.key, self._now()))
        body = answer.response.body
        assert not isinstance(body, Tunnel), "what upgrades does not go through a cache"
        # From here to the end of `send` nothing waits: the number of the invalidation goes with what is in the cache.
        copy = copied(store, asked.key, body, self._now())
        told = FromOwner(
            _without_body(answer),
            visit.trail,
            None if copy is None else replace(copy, body=b""),
            self._invalidation(),
            isinstance(body, SharedBody),
        )
        if isinstance(body, StoredBody) or (isinstance(body, bytes) and len(body) <= _HERE_MAX_BYTES):
            channel.send(Filled(told, "here", body))
        elif isinstance(body, bytes):
            channel.send(Filled(told, "bytes", length=len(body)))
            await channel.send_piece(body)
            channel.send_end()
        else:
            channel.send(Filled(told, "stream", length=body.length))
            await channel_body.send(channel, body)


async def _answer(visit: Visit, behavior: Behavior, request: Request, key: CacheKey, now: float) -> Answer:
    answer, _ = await fill.from_cache(visit, behavior, request, key, now)
    return answer


def _without_body(answer: Answer) -> Answer:
    return answer._replace(response=answer.response._replace(body=b""), stored=None)
