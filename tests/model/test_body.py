"""Message bodies."""

from __future__ import annotations

import pytest

from edge.model.body import EMPTY, Body, BodyStream, Tunnel, known_length
from edge.testing.playbook import Arriving


class Connection(Tunnel):
    """The origin's side of a WebSocket."""

    async def read(self) -> bytes:
        return b""

    async def write(self, data: bytes) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("body", "length"),
    [
        (EMPTY, 0),
        (b"four", 4),
        (Arriving(length=9), 9),
        (Arriving(length=0), 0),
        (Arriving(), None),
        (Connection(), None),
    ],
    ids=["empty", "bytes", "announced", "announced-empty", "chunked", "tunnel"],
)
def test_a_length_is_known_before_the_end_or_not(body: Body, length: int | None) -> None:
    """Bytes are counted, streams announce; a tunnel has no end."""
    assert known_length(body) == length


def test_streams_and_tunnels_are_told_apart() -> None:
    """By what they can do."""
    assert isinstance(Arriving(), BodyStream)
    assert not isinstance(Arriving(), Tunnel)
    assert isinstance(Connection(), Tunnel)
    assert not isinstance(Connection(), BodyStream)
    assert not isinstance(b"", BodyStream | Tunnel)
