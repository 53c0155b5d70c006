"""One request and its answer, where somebody else does the framing: HTTP/2, HTTP/3 or an ASGI server.

A body that breaks off cuts the way out, so that the viewer can tell that something is missing. Whoever runs this in a
task cancels it when the viewer leaves.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Protocol

from edge.model.body import Body, BodyBroken, Tunnel
from edge.model.note import Note
from edge.model.served import Served
from edge.model.viewer import Viewer
from edge.viewers.front import Front
from edge.viewers.header_fields import Field, Received, has_body, write
from edge.viewers.received_body import ReceivedBody


class WayOut(Protocol):
    """Where an answer goes: `head` once, then `piece` until one is the last. Both wait while the viewer is slow."""

    async def head(self, status: int, fields: list[Field], *, last: bool) -> None:
        """Send status and header fields; `last` when no body follows."""
        ...

    async def piece(self, data: bytes, *, last: bool) -> None:
        """Send bytes of the body; only the last piece may be empty."""
        ...

    def cut(self) -> None:
        """End it in a way that cannot be taken for the end of the answer."""
        ...


async def answer(front: Front, received: Received, body: ReceivedBody, viewer: Viewer, out: WayOut) -> None:
    """Ask the front and send what it says. The request's body is closed at the end, read or not.

    Where no length is announced, only the first bytes tell a request with a body from one without.
    """
    try:
        request = received.request
        if body.length or received.expects_continue or await body.begins():
            request = request._replace(body=body)
        begun = front.begin(request, viewer)
        served = begun if isinstance(begun, Served) else await begun
        await deliver(front, served, out, head_only=request.method == "HEAD")
    finally:
        body.close()


async def deliver(front: Front, served: Served, out: WayOut, *, head_only: bool) -> None:
    """Send an answer, and tell the front how much of it went out."""
    body = served.response.body
    progress = _Progress()
    try:
        follows = has_body(served, head_only=head_only) and body != b""
        await out.head(served.response.status, write(served, head_only=head_only), last=not follows)
        if follows:
            await _send(body, out, progress)
        progress.complete = True
    except BodyBroken as broken:
        served.trail.notes.append(broken_off(broken))
    finally:
        if not isinstance(body, bytes):
            body.close()
        if not progress.complete:
            out.cut()
        front.sent(served, progress.body_bytes, progress.complete)


def broken_off(broken: BodyBroken) -> Note:
    """Why an answer that had begun was cut."""
    return Note("answer.broken_off", "the answer broke off: {}", (broken,))


class _Progress:
    """How far an answer has come."""

    body_bytes = 0
    complete = False


async def _send(body: Body, out: WayOut, progress: _Progress) -> None:
    """Send a body. Raises BodyBroken when it comes to nothing."""
    if isinstance(body, bytes):
        await out.piece(body, last=True)
        progress.body_bytes = len(body)
        return
    if isinstance(body, Tunnel):
        raise BodyBroken("only HTTP/1.1 changes protocol")
    pieces = aiter(body)
    try:
        async for piece in pieces:
            if body.length is not None and progress.body_bytes + len(piece) > body.length:
                raise BodyBroken("the body is longer than was announced")
            if piece:
                await out.piece(piece, last=False)
                progress.body_bytes += len(piece)
    finally:
        if isinstance(pieces, AsyncGenerator):
            await pieces.aclose()
    if body.length is not None and progress.body_bytes < body.length:
        raise BodyBroken("the body is shorter than was announced")
    await out.piece(b"", last=True)
