"""One request and its answer on a stream of a connection that carries many: what HTTP/2 and HTTP/3 have in common."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable

from edge.model.malformed import Malformed
from edge.model.viewer import Viewer
from edge.viewers.answering import answer, deliver
from edge.viewers.front import Front
from edge.viewers.header_fields import Field, read
from edge.viewers.received_body import ReceivedBody


class Stream(ABC):
    """Runs a task for the request, and is the way out for its answer. `over` is told when the task has ended."""

    def __init__(self, over: Callable[[], None]) -> None:
        self._over = over
        self._task: asyncio.Task[None] | None = None
        self._open = True
        """Whether anything may still be sent."""
        self._headed = False
        self.body = ReceivedBody(None, taken=self.taken, wanted=lambda: None)

    # What comes from the viewer.

    def start(self, front: Front, viewer: Viewer, fields: list[Field]) -> None:
        """Answer the request that these fields are, pseudo-header fields included."""
        pseudo = {name: value for name, value in fields if name.startswith(b":")}
        rest = [field for field in fields if not field[0].startswith(b":")]
        received = read(pseudo.get(b":method", b""), pseudo.get(b":path", b""), rest, pseudo.get(b":authority"))
        if isinstance(received, Malformed):
            work = deliver(front, front.refuse(received, viewer), self, head_only=False)
        else:
            wanted = self._invite if received.expects_continue else lambda: None
            self.body = ReceivedBody(received.body_length, taken=self.taken, wanted=wanted)
            work = answer(front, received, self.body, viewer, self)
        self._task = asyncio.get_running_loop().create_task(work)
        self._task.add_done_callback(self._ended)

    def viewer_left(self) -> None:
        """The viewer does not want the answer any more, or is gone."""
        self._open = False
        self.body.fail("the viewer left before the end of the request")
        if self._task is not None:
            self._task.cancel()

    def give_up_waiting(self) -> None:
        """End the stream if it is the viewer's turn."""
        if self.body.waits and self._task is not None:
            self._task.cancel()

    def taken(self, size: int) -> None:
        """Let the viewer send so many bytes more."""
        if size and self._open and not self.body.ended:
            self.open_window(size)

    # The way out.

    async def head(self, status: int, fields: list[Field], *, last: bool) -> None:
        """Send status and header fields."""
        self._headed = True
        self.send_head([(b":status", b"%d" % status), *fields], last=last)
        if last:
            self._close()

    async def piece(self, data: bytes, *, last: bool) -> None:
        """Send bytes as the viewer takes them."""
        await self.send_piece(data, last=last)
        if last:
            self._close()

    def cut(self) -> None:
        """Reset the stream, unless all was sent."""
        if self._open:
            self._open = False
            self.reset()

    def _close(self) -> None:
        """All is sent. A viewer who still sends a body is told that nobody wants it."""
        self._open = False
        if not self.body.ended:
            self.stop_viewer()

    def _invite(self) -> None:
        if self._open and not self._headed:
            self.send_head([(b":status", b"100")], last=False)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.cut()
        self._over()
        if not task.cancelled() and (error := task.exception()) is not None:
            context = {"message": "a viewer's request failed", "exception": error}
            task.get_loop().call_exception_handler(context)

    # What the protocol does.

    @abstractmethod
    def send_head(self, fields: list[Field], *, last: bool) -> None:
        """Send a header section."""

    @abstractmethod
    async def send_piece(self, data: bytes, *, last: bool) -> None:
        """Send bytes, waiting while the viewer is slow."""

    @abstractmethod
    def open_window(self, size: int) -> None:
        """Let the viewer send so many bytes more."""

    @abstractmethod
    def stop_viewer(self) -> None:
        """Ask the viewer to send no more: the answer is complete."""

    @abstractmethod
    def reset(self) -> None:
        """End the stream with an error."""
