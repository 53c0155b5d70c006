"""The beginning of a request's body, read ahead for a function that asked for it."""

from __future__ import annotations

from collections.abc import AsyncIterator

from edge.model.body import Body, BodyStream, Tunnel


async def read_beginning(body: Body, max_bytes: int) -> tuple[bytes, Body]:
    """At least `max_bytes` of the body, or all of a shorter one; and a body that is whole again, as bytes when it has
    come to its end. Raises BodyBroken."""
    if isinstance(body, bytes):
        return body, body
    if isinstance(body, Tunnel):
        return b"", body
    pieces: list[bytes] = []
    size = 0
    rest = aiter(body)
    async for piece in rest:
        pieces.append(piece)
        size += len(piece)
        if size >= max_bytes:
            beginning = b"".join(pieces)
            return beginning, _Resumed(beginning, rest, body)
    whole = b"".join(pieces)
    return whole, whole


class _Resumed:
    """What was read ahead, and then the rest."""

    def __init__(self, beginning: bytes, rest: AsyncIterator[bytes], source: BodyStream) -> None:
        self.length = source.length
        self.close = source.close
        self._beginning = beginning
        self._rest = rest

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._beginning
        async for piece in self._rest:
            yield piece
