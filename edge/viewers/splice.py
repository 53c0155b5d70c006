"""A WebSocket between viewer and origin: bytes both ways, until one side closes or both are silent too long.

Source: CloudFront Developer Guide, "Use WebSockets with CloudFront distributions"; "Quotas" (idle after 10 minutes).
Frames are not looked at.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from edge.model.body import BodyBroken, Tunnel
from edge.model.quotas import WEBSOCKET_IDLE_S
from edge.viewers.outgoing import Outgoing

_HELD_MAX_BYTES = 65_536


class Reading(Protocol):
    """What a splice needs of the viewer's connection."""

    def pause_reading(self) -> None:
        """Let no more bytes come."""
        ...

    def resume_reading(self) -> None:
        """Let bytes come again."""
        ...


class Splice:
    """`received` is told of the viewer's bytes; `run` lasts as long as the connection. `to_viewer_bytes` counts."""

    def __init__(self, tunnel: Tunnel, out: Outgoing, reading: Reading, first: bytes) -> None:
        self._tunnel = tunnel
        self._out = out
        self._reading = reading
        self._held = bytearray(first)
        self._arrived = asyncio.Event()
        if first:
            self._arrived.set()
        self._loop = asyncio.get_running_loop()
        self._silent_since = self._loop.time()
        self.to_viewer_bytes = 0

    def received(self, data: bytes) -> None:
        """Bytes from the viewer, on their way to the origin."""
        self._silent_since = self._loop.time()
        self._held += data
        self._arrived.set()
        if len(self._held) > _HELD_MAX_BYTES:
            self._reading.pause_reading()

    async def run(self) -> None:
        """Carry bytes until a side closes, or nothing was said for the quota's time. Closes the tunnel."""
        idle: asyncio.Future[None] = self._loop.create_future()
        ways = (self._loop.create_task(self._to_origin()), self._loop.create_task(self._to_viewer()))
        self._timer = self._loop.call_later(WEBSOCKET_IDLE_S, self._look, idle)
        try:
            await asyncio.wait((*ways, idle), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._timer.cancel()
            idle.cancel()
            self._tunnel.close()
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    def _look(self, idle: asyncio.Future[None]) -> None:
        """End the silence, or look again when it could have lasted long enough."""
        left_s = self._silent_since + WEBSOCKET_IDLE_S - self._loop.time()
        if left_s > 0:
            self._timer = self._loop.call_later(left_s, self._look, idle)
        elif not idle.done():
            idle.set_result(None)

    async def _to_origin(self) -> None:
        try:
            while True:
                await self._arrived.wait()
                self._arrived.clear()
                data = bytes(self._held)
                self._held.clear()
                self._reading.resume_reading()
                await self._tunnel.write(data)
        except (OSError, BodyBroken):
            return

    async def _to_viewer(self) -> None:
        try:
            while data := await self._tunnel.read():
                self._silent_since = self._loop.time()
                self._out.write(data)
                self.to_viewer_bytes += len(data)
                await self._out.flushed()
        except (OSError, BodyBroken):
            return
