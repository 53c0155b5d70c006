"""benchmarks/burst.py: bursts are counted at the origin, and seen to their end."""

from __future__ import annotations

import asyncio
from argparse import Namespace

import pytest

from benchmarks.burst import Burst, SlowOrigin, burst, table


async def test_without_a_cache_everybody_reaches_the_origin() -> None:
    origin = SlowOrigin(delay_s=0.0)
    server = await asyncio.start_server(origin.serve, "127.0.0.1", 0)
    took_s = await burst(server.sockets[0].getsockname()[1], "/a", viewers=5)
    server.close()
    assert origin.asked == {"/a": 5}
    assert took_s > 0


async def test_an_answer_that_is_not_the_origins_is_no_measurement() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    with pytest.raises(RuntimeError, match="502"):
        await burst(server.sockets[0].getsockname()[1], "/a", viewers=1)
    server.close()


def test_the_median_burst_is_told_with_its_spread() -> None:
    found = {"edge": [Burst(1, 0.010), Burst(1, 0.012), Burst(2, 0.030)]}
    told = table(found, Namespace(viewers=200, delay_ms=50, rounds=3))
    assert "| edge | 1 (1-2) | 12.0 (10.0-30.0) |" in told
