"""A body that comes, or goes, over a channel."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable

from edge.model.body import BodyBroken, BodyStream
from edge.workers.channel import Channel, Gone, Kind


class ChannelBody:
    """A body of which the next frames of a channel are pieces. It is read once. `over` is told, once, whether it was
    read to its end, so that the channel may be used for something else."""

    def __init__(self, channel: Channel, length: int | None, over: Callable[[bool], None]) -> None:
        self.length = length
        self._channel = channel
        self._over: Callable[[bool], None] | None = over

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self._over is not None:
            try:
                kind, data = await self._channel.receive()
            except Gone:
                self._end(whole=False)
                raise BodyBroken("the process that had the body is gone") from None
            if kind is Kind.PIECE:
                yield data
                continue
            self._end(whole=kind is not Kind.VALUE)
            if kind is not Kind.END:
                raise BodyBroken(data.decode() if kind is Kind.BROKEN else "the process that had the body failed")

    def close(self) -> None:
        """Nobody reads any further: the other side stops to send."""
        self._end(whole=False)

    def _end(self, *, whole: bool) -> None:
        over, self._over = self._over, None
        if over is not None:
            over(whole)


async def send(channel: Channel, body: BodyStream) -> None:
    """Send a body to its end, as fast as the other side takes it. Raises Gone."""
    pieces = aiter(body)
    try:
        async for piece in pieces:
            await channel.send_piece(piece)
        channel.send_end()
    except BodyBroken as broken:
        channel.send_end(str(broken))
    finally:
        if isinstance(pieces, AsyncGenerator):
            await pieces.aclose()
        body.close()
