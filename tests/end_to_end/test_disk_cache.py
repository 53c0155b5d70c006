"""A cache that is on disk: large objects, byte ranges, restarts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from edge.app import CannotKeep
from edge.configuration.local import LocalCache

Proxy = Any  # of conftest.py
StartProxy = Callable[..., Awaitable[Proxy]]
Origin = Any  # a ScriptedOrigin of tests/conftest.py

LARGE = bytes(range(256)) * 4096  # 1 MiB


def answer(body: bytes) -> bytes:
    head = b'HTTP/1.1 200 OK\r\nETag: "1"\r\nCache-Control: max-age=600\r\nContent-Length: %d\r\n\r\n' % len(body)
    return head + body


def lose_files(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


async def test_a_restart_keeps_hits(start_proxy: StartProxy, origin: Origin, tmp_path: Path) -> None:
    """Small objects and large ones, whole and in part."""
    cache = LocalCache(tmp_path / "cache")
    origin.answers_with(answer(b"small"), answer(LARGE))
    first = await start_proxy(origin.url, cache=cache)
    assert (await first.get("/small")).x_cache == "Miss"
    assert (await first.get("/large")).body == LARGE
    assert (await first.get("/large")).x_cache == "Hit"
    await first.app.close()
    again = await start_proxy(origin.url, cache=cache)
    small, large = await again.get("/small"), await again.get("/large")
    assert (small.x_cache, small.body) == ("Hit", b"small")
    assert (large.x_cache, large.body, large.get("content-length")) == ("Hit", LARGE, str(len(LARGE)))
    part = await again.get("/large", "Range: bytes=1000-1999")
    assert (part.status, part.body) == (206, LARGE[1000:2000])
    assert part.get("content-range") == f"bytes 1000-1999/{len(LARGE)}"
    head = await again.get("/large", method="HEAD")
    assert (head.x_cache, head.get("content-length")) == ("Hit", str(len(LARGE)))
    assert (await again.get("/large", 'If-None-Match: "1"')).status == 304
    assert len(origin.requests) == 2


async def test_a_file_that_was_lost_is_fetched_again(start_proxy: StartProxy, origin: Origin, tmp_path: Path) -> None:
    origin.answers_with(answer(LARGE))
    proxy = await start_proxy(origin.url, cache=LocalCache(tmp_path / "cache"))
    await proxy.get("/large")
    lose_files(tmp_path / "cache" / "bodies")
    reply = await proxy.get("/large")
    assert (reply.x_cache, reply.body) == ("Miss", LARGE)


async def test_a_folder_that_cannot_be_had_is_named(start_proxy: StartProxy, origin: Origin, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotKeep, match=r"cannot keep the cache in .*file"):
        await start_proxy(origin.url, cache=LocalCache(tmp_path / "file"))
