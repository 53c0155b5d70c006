"""What HTTP/2 and HTTP/3 connections have in common: streams, who waits for the viewer, how long he has been silent.

Only what moves a request or an answer on counts as a sign of him; pings and settings do not. How long CloudFront waits
is not documented: see `VIEWER_HEAD_TIMEOUT_S` and its neighbours in `edge/model/quotas.py`.
"""

from __future__ import annotations

import asyncio
from typing import Generic, TypeVar

from edge.model.quotas import VIEWER_HEAD_TIMEOUT_S, VIEWER_KEEPALIVE_IDLE_S, VIEWER_SEND_TIMEOUT_S
from edge.viewers.connection import Listener
from edge.viewers.stream import Stream

S = TypeVar("S", bound=Stream)


class Multiplexed(Generic[S]):
    """Mixed into a connection's class, which calls `heard` and says how to `finish` and `abort`."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._streams: dict[int, S] = {}
        self._waiting: list[asyncio.Future[None]] = []
        self._since = listener.now
        self._fresh = True

    def finish(self) -> None:
        """Close as soon as the streams that are open have their answers."""
        raise NotImplementedError

    def abort(self) -> None:
        """Close now."""
        raise NotImplementedError

    def heard(self) -> None:
        """The viewer has done something for a request or an answer."""
        self._since = self._listener.now

    def look_at_clock(self, now: float) -> None:
        """Part with a viewer who has been silent too long, stopped in the middle of a body, or takes no more."""
        silent_s = now - self._since
        if self._streams:
            if self._waiting and silent_s > VIEWER_SEND_TIMEOUT_S:
                self.abort()
            elif silent_s > VIEWER_HEAD_TIMEOUT_S:
                for stream in tuple(self._streams.values()):
                    stream.give_up_waiting()
        elif silent_s > (VIEWER_HEAD_TIMEOUT_S if self._fresh else VIEWER_KEEPALIVE_IDLE_S):
            self.finish()

    def viewer_left(self) -> None:
        """The connection is over."""
        for stream in tuple(self._streams.values()):
            stream.viewer_left()
        self._listener.left(self)

    async def _wait(self) -> None:
        """Until the viewer has made room, perhaps."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        await waiter

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)

    def _over(self, stream_id: int) -> None:
        self._streams.pop(stream_id, None)
        self._fresh = False
        self.heard()
        if self._listener.closing:
            self.finish()
