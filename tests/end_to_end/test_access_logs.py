"""Access logs of the real proxy: what stands in them after requests over real sockets."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from edge.logs.standard_log import FIELDS, StandardLog

Proxy = Any  # of conftest.py
StartProxy = Callable[..., Awaitable[Proxy]]
Origin = Any  # a ScriptedOrigin of tests/conftest.py
Until = Callable[[Callable[[], bool]], Awaitable[None]]
Read = Callable[[], list[dict[str, str]]]


def logged(proxy: Proxy, folder: Path) -> Read:
    """Lets the proxy write a standard log; reads the records that stand in it."""
    log = StandardLog(folder, lambda: proxy.app.driver.distribution, proxy.clock.now)
    proxy.loggers.append(log)

    def read() -> list[dict[str, str]]:
        log.close()
        (path,) = folder.iterdir()
        lines = gzip.decompress(path.read_bytes()).decode().splitlines()
        return [dict(zip(FIELDS, line.split("\t"), strict=True)) for line in lines[2:]]

    return read


async def test_a_miss_a_hit_a_part_and_an_error(proxy: Proxy, origin: Origin, tmp_path: Path) -> None:
    read = logged(proxy, tmp_path)
    origin.answers_with(
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nCache-Control: max-age=60\r\nContent-Type: text/plain\r\n\r\nhello",
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    )
    await proxy.get("/a?b=1", "User-Agent: a b")
    await proxy.get("/a?b=2")
    await proxy.get("/a", "Range: bytes=1-3")
    await proxy.get("/gone")
    miss, hit, part, gone = read()
    assert (miss["sc-status"], miss["x-edge-result-type"]) == ("200", "Miss")
    assert (miss["cs-uri-stem"], miss["cs-uri-query"], miss["cs(User-Agent)"]) == ("/a", "b=1", "a%20b")
    assert (miss["cs-protocol"], miss["cs-protocol-version"], miss["c-ip"]) == ("http", "HTTP/1.1", "127.0.0.1")
    assert (miss["sc-content-type"], miss["sc-content-len"]) == ("text/plain", "5")
    assert (hit["x-edge-result-type"], hit["x-edge-detailed-result-type"]) == ("Hit", "Hit")
    assert (part["sc-status"], part["sc-range-start"], part["sc-range-end"]) == ("206", "1", "3")
    assert (gone["sc-status"], gone["x-edge-result-type"]) == ("404", "Error")
    assert int(hit["sc-bytes"]) > 5


async def test_an_answer_of_a_function(start_proxy: StartProxy, origin: Origin, tmp_path: Path) -> None:
    code = tmp_path / "teapot.js"
    code.write_text("function handler(event) { return {statusCode: 418}; }")
    proxy = await start_proxy(origin.url, viewer_request=code)
    read = logged(proxy, tmp_path / "logs")
    await proxy.get("/a")
    (found,) = read()
    assert (found["sc-status"], found["x-edge-result-type"]) == ("418", "FunctionGeneratedResponse")


async def test_a_viewer_who_left_before_the_answer(proxy: Proxy, origin: Origin, tmp_path: Path, until: Until) -> None:
    asked, left = asyncio.Event(), asyncio.Event()

    @origin.plays
    async def play(connection: Any) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
        asked.set()
        await left.wait()

    read = logged(proxy, tmp_path)
    viewer = await proxy.connect()
    viewer.send(b"GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await asked.wait()
    await viewer.head()
    viewer.leave()
    await until(lambda: len(proxy.log) == 1)
    left.set()
    (found,) = read()
    assert (found["sc-status"], found["x-edge-result-type"]) == ("000", "Error")
    assert found["x-edge-detailed-result-type"] == "ClientCommError"


async def test_a_websocket_is_logged_when_it_closes(start_proxy: StartProxy, tmp_path: Path, until: Until) -> None:
    async def echo(connection: ServerConnection) -> None:
        async for message in connection:
            await connection.send(message)

    async with serve(echo, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        proxy = await start_proxy(f"http://127.0.0.1:{port}", origin_request_policy="AllViewer")
        read = logged(proxy, tmp_path)
        async with connect(f"ws://127.0.0.1:{proxy.listener.port}/talk") as client:
            await client.send("hello")
            assert await client.recv() == "hello"
            assert proxy.log == []
        await until(lambda: len(proxy.log) == 1)
    (found,) = read()
    assert (found["sc-status"], found["cs-protocol"], found["x-edge-result-type"]) == ("101", "ws", "Miss")


@pytest.mark.parametrize("form", ["v1", "json"])
async def test_a_log_that_cannot_be_written_costs_no_request(
    proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: Any
) -> None:
    said: list[str] = []
    log = StandardLog(tmp_path, lambda: proxy.app.driver.distribution, proxy.clock.now, format=form, say=said.append)
    proxy.loggers.append(log)

    def full(*arguments: Any, **options: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(gzip.GzipFile, "write", full)
    assert (await proxy.get("/a")).status == 200
    assert (await proxy.get("/a")).x_cache == "Hit"
    assert len(said) == 1
