"""Message bodies. They flow past the core: it hands them on and looks inside only where a rule needs the bytes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol, TypeAlias, runtime_checkable


@runtime_checkable
class BodyStream(Protocol):
    """A body that arrives piece by piece. It is read once.

    `length` is the number of bytes announced by Content-Length, None when the message was chunked or ends with
    the connection. Iterating raises BodyBroken when the sender stops short. `close` is for a body that nobody will read
    (any further): it lets go of the connection behind it, and does nothing after the end.
    """

    @property
    def length(self) -> int | None: ...

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    def close(self) -> None: ...


class StoredBody:
    """A whole body that is kept outside of memory: it may be read many times, and in part. A base class and no
    Protocol: whether a body is one is asked on each hit."""

    @property
    def length(self) -> int:
        """The number of bytes."""
        raise NotImplementedError

    def __aiter__(self) -> AsyncIterator[bytes]:
        raise NotImplementedError

    def part(self, first: int, end: int) -> StoredBody:
        """The bytes from `first` up to, not including, `end`."""
        raise NotImplementedError

    def gone(self) -> bool:
        """Whether it can be read no longer."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of what reading has opened."""
        raise NotImplementedError


class JoinedBody:
    """Bytes and kept bodies, one after the other, as one body."""

    def __init__(self, parts: Sequence[bytes | StoredBody]) -> None:
        self._parts = parts
        self.length = sum(len(one) if isinstance(one, bytes) else one.length for one in parts)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for one in self._parts:
            if isinstance(one, bytes):
                yield one
            else:
                async for piece in one:
                    yield piece

    def close(self) -> None:
        """Let go of what reading has opened."""
        for one in self._parts:
            if isinstance(one, StoredBody):
                one.close()


class SharedStream(BodyStream, Protocol):
    """A body that several read while it is still arriving, each from its first byte, and that is kept meanwhile."""

    def when_kept(self, tell: Callable[[bytes | StoredBody | None], None]) -> None:
        """Call `tell` once: with the whole body when it has come to its end, with None when it broke off, grew too
        long to be kept, or nobody was left to read it. At once when that is known already."""
        ...


class Tunnel:
    """The origin's side of a connection after a 101 (WebSocket): bytes both ways until one side closes. A base class
    and no Protocol: whether a body is one is asked on each miss."""

    async def read(self) -> bytes:
        """The next bytes from the origin; b"" when it has closed its side."""
        raise NotImplementedError

    async def write(self, data: bytes) -> None:
        """Send bytes to the origin, waiting while it is slow to take them."""
        raise NotImplementedError

    def close(self) -> None:
        """End the connection to the origin."""
        raise NotImplementedError


class BodyBroken(Exception):  # noqa: N818 -- it is an event of the network, not an error of ours
    """The sender of a body went away, or broke its own framing, before the end. The text says which."""


Body: TypeAlias = bytes | BodyStream | Tunnel
KeptBody: TypeAlias = bytes | StoredBody | SharedStream
"""What the cache can hold: all the bytes, where they are kept, or a body that is still arriving."""
EMPTY = b""


def known_length(body: Body) -> int | None:
    """The number of bytes in a body, None when it cannot be known before the end."""
    if isinstance(body, bytes):
        return len(body)
    return None if isinstance(body, Tunnel) else body.length
