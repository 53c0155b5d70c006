"""What the viewers' side needs of the rest of the edge. The driver provides it."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol

from edge.model.malformed import Malformed
from edge.model.request import Request
from edge.model.served import Served
from edge.model.viewer import Location, Viewer


class Front(Protocol):
    """Whoever answers viewers."""

    @property
    def location(self) -> Location:
        """Where those who connect from now on are taken to be."""
        ...

    def begin(self, request: Request, viewer: Viewer) -> Served | Awaitable[Served]:
        """Answer a request: at once when nothing has to be waited for, so that a cache hit needs no task.

        An awaitable is awaited once, and cancelled when the viewer leaves.
        """
        ...

    def refuse(self, malformed: Malformed, viewer: Viewer) -> Served:
        """The answer to bytes that are not a fit request. Its body is bytes; the connection is closed after it."""
        ...

    def sent(self, served: Served, body_bytes: int, complete: bool) -> None:
        """Told once for each answer: how many bytes of its body went out, and whether that was all of it."""
        ...
