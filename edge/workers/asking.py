"""A worker's side of its questions to the owner: answers from the cache, and runs of Lambda functions.

Each question has a channel to itself until it is answered, body included; channels are kept for the next ones. A viewer
who leaves cancels the question, which closes its channel: so the owner hears of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from edge.asks import AskOwner, FromOwner
from edge.model.body import Body, Tunnel
from edge.model.distribution import Behavior, Distribution
from edge.model.function import FunctionCall, FunctionOutcome
from edge.workers import channel_body
from edge.workers.channel import Channel, Gone
from edge.workers.channel_body import ChannelBody
from edge.workers.messages import Failed, Fill, Filled, Place, RunLambda, StreamPiece, UnknownVersion
from edge.workers.versions import Versions

_IDLE_MAX = 64


class OwnerFailed(Exception):  # noqa: N818 -- it is a bug of the owner's, which this tells
    """The owner could not answer. The text is its traceback."""


class Owner:
    """The owner of the cache, at the socket `path`. `versions` are those that this worker has served."""

    def __init__(self, path: Path, versions: Versions) -> None:
        self._path = str(path)
        self._versions = versions
        self._idle: list[Channel] = []

    async def answer(self, ask: AskOwner) -> FromOwner:
        """What the owner answers for a key."""
        body = ask.request.body
        has_body = not isinstance(body, bytes)
        place = None if has_body else self._versions.place(ask.distribution, ask.behavior)
        if place is not None and (found := await self._fill(ask, place)) is not None:
            return found
        again = await self._fill(ask, (ask.distribution, ask.behavior))
        assert again is not None, "no version was named"
        return again

    async def run(self, call: FunctionCall, stream: Callable[[str, bytes], None] | None = None) -> FunctionOutcome:
        """Run a Lambda function where all environments are. `stream` hears a response that comes as a stream."""
        channel = await self._channel()
        try:
            channel.send(RunLambda(call, stream is not None))
            while isinstance(said := await _answered(channel), StreamPiece):
                if stream is not None:
                    stream(said.kind, said.data)
            assert isinstance(said, FunctionOutcome), said
        except BaseException:
            channel.close()
            raise
        self._give_back(channel)
        return said

    def close(self) -> None:
        """Ask nothing any more."""
        while self._idle:
            self._idle.pop().close()

    async def _fill(self, ask: AskOwner, place: Place | tuple[Distribution, Behavior]) -> FromOwner | None:
        """The answer; None when the owner does not know the version."""
        channel = await self._channel()
        reusable = isinstance(ask.request.body, bytes)  # of another body some may not have been read
        try:
            filled = await _ask(channel, _question(ask, place), ask.request.body)
            if isinstance(filled, UnknownVersion):
                body: Body | None = None
            elif filled.body == "here":
                body = filled.held
            elif filled.body == "bytes":
                body = b"".join([piece async for piece in ChannelBody(channel, filled.length, lambda whole: None)])
            else:
                body = ChannelBody(channel, filled.length, lambda whole: self._over(channel, whole and reusable))
        except BaseException:
            channel.close()
            raise
        if not isinstance(body, ChannelBody):
            self._over(channel, reusable)
        return None if isinstance(filled, UnknownVersion) or body is None else _with_body(filled.found, body)

    async def _channel(self) -> Channel:
        while self._idle:
            channel = self._idle.pop()
            if not channel.closed:
                return channel
        _, channel = await asyncio.get_running_loop().create_unix_connection(Channel, self._path)
        return channel

    def _over(self, channel: Channel, reusable: bool) -> None:
        """A question is answered. A channel on which something may still come is no good for another."""
        if reusable:
            self._give_back(channel)
        else:
            channel.close()

    def _give_back(self, channel: Channel) -> None:
        if len(self._idle) < _IDLE_MAX:
            self._idle.append(channel)
        else:
            channel.close()


def _question(ask: AskOwner, place: Place | tuple[Distribution, Behavior]) -> Fill:
    request, viewer, body = ask.request, ask.viewer, ask.request.body
    has_body = not isinstance(body, bytes)
    return Fill(
        viewer if viewer.device_of is None else replace(viewer, device_of=None),  # the headers that it makes are there
        place,
        ask.edge,
        ask.request_id,
        ask.target,
        request._replace(body=b"") if has_body else request,
        ask.key,
        ask.trail,
        has_body,
        None if isinstance(body, bytes | Tunnel) else body.length,
    )


async def _ask(channel: Channel, question: Fill, body: Body) -> Filled | UnknownVersion:
    """Ask, and send the request's body meanwhile."""
    channel.send(question)
    sending = None if isinstance(body, bytes | Tunnel) else asyncio.create_task(channel_body.send(channel, body))
    try:
        answer = await _answered(channel)
    finally:
        if sending is not None:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
    assert isinstance(answer, Filled | UnknownVersion), answer
    return answer


async def _answered(channel: Channel) -> object:
    """The owner's answer. Raises OwnerFailed."""
    try:
        answer = await channel.value()
    except Gone:
        raise OwnerFailed("the owner of the cache is gone") from None
    if isinstance(answer, Failed):
        raise OwnerFailed(answer.traceback)
    return answer


def _with_body(found: FromOwner, body: Body) -> FromOwner:
    answer = found.answer
    copy = None if found.copy is None or not isinstance(body, bytes) else replace(found.copy, body=body)
    return found._replace(answer=answer._replace(response=answer.response._replace(body=body)), copy=copy)
