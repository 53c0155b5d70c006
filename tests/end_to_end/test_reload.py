"""Code that changes while requests run."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

Proxy = Any  # of conftest.py
Origin = Any  # a ScriptedOrigin of tests/conftest.py
Connection = Any
StartProxy = Callable[..., Awaitable[Proxy]]


def answering(text: str) -> str:
    return f"function handler(event) {{ return {{ statusCode: 200, body: '{text}' }} }}"


def passing(header: str) -> str:
    line = f"event.request.headers['x-version'] = {{ value: '{header}' }}"
    return f"function handler(event) {{ {line}; return event.request }}"


def marking(value: str) -> str:
    line = f"event.response.headers['x-is'] = {{ value: '{value}' }}"
    return f"function handler(event) {{ {line}; return event.response }}"


def replace_with(path: Path, code: str) -> None:
    """As editors do: a new file in place of the old one."""
    new = path.with_suffix(".new")
    new.write_text(code)
    new.rename(path)


def remove(path: Path) -> None:
    path.unlink()


@pytest.fixture
def function(tmp_path: Path) -> Path:
    path = tmp_path / "rewrite.js"
    path.write_text(answering("version 0"))
    return path


async def test_an_edit_is_taken_up_without_dropping_a_request(
    start_proxy: StartProxy, origin: Origin, function: Path
) -> None:
    """Requests go on and on over kept connections; every one is answered, by the old version or the new."""
    proxy = await start_proxy(origin.url, viewer_request=function)
    stop = asyncio.Event()
    answers: list[bytes] = []

    async def hammer() -> None:
        viewer = await proxy.connect()
        while not stop.is_set():
            reply = await viewer.get("/")
            assert reply.status == 200, reply
            answers.append(reply.body)

    hammering = [asyncio.ensure_future(hammer()) for _ in range(4)]
    for version in range(1, 6):
        async with asyncio.timeout(10):
            while not answers or answers[-1] != f"version {version}".encode():
                # Again and again: the first save may come before the watch has begun.
                replace_with(function, answering(f"version {version}"))
                await asyncio.sleep(0.05)
    stop.set()
    await asyncio.gather(*hammering)
    in_order = list(dict.fromkeys(answers))
    assert in_order == sorted(in_order)
    assert in_order[-1] == b"version 5"
    assert set(proxy.said) == {"taken up: the files have changed"}


async def test_a_request_goes_on_with_the_version_it_began_with(
    start_proxy: StartProxy, origin: Origin, function: Path
) -> None:
    """An edit between its viewer request and its viewer response changes nothing about it."""
    asked, answer = asyncio.Event(), asyncio.Event()
    replace_with(function, marking("old"))
    proxy = await start_proxy(origin.url, viewer_response=function)

    @origin.plays
    async def play(connection: Connection) -> None:
        await connection.request()
        asked.set()
        await answer.wait()
        await connection.send(origin.answers[0])

    asking = asyncio.ensure_future(proxy.get("/"))
    await asked.wait()
    replace_with(function, marking("new"))
    assert proxy.app.reload()
    answer.set()
    assert (await asking).get("x-is") == "old"
    assert (await proxy.get("/")).get("x-is") == "new"


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ("function handler(event) {\n  return event.request\n", "rewrite.js"),
        ("function handler(event) {\n  let = ;\n}", "rewrite.js:2"),
        ("", "rewrite.js"),
    ],
)
async def test_a_broken_edit_leaves_the_last_good_version(
    start_proxy: StartProxy, origin: Origin, function: Path, broken: str, why: str
) -> None:
    """It says which file, on which line, why, and that the version before goes on; the repair is taken up."""
    proxy = await start_proxy(origin.url, viewer_request=function)
    replace_with(function, broken)
    assert not proxy.app.reload()
    (line,) = proxy.said
    assert why in line
    assert "the version before it goes on" in line
    assert (await proxy.get("/")).body == b"version 0"
    replace_with(function, answering("repaired"))
    assert proxy.app.reload()
    assert (await proxy.get("/")).body == b"repaired"


async def test_a_function_that_was_never_good_answers_503(
    start_proxy: StartProxy, origin: Origin, function: Path
) -> None:
    """As on CloudFront; and it is said at the start."""
    replace_with(function, "function handler(event) {\n  let = ;\n}")
    proxy = await start_proxy(origin.url, viewer_request=function)
    assert "requests through it will get 503" in proxy.said[0]
    reply = await proxy.get("/")
    assert (reply.status, reply.x_cache) == (503, "FunctionExecutionError")
    assert origin.requests == []


async def test_a_file_that_is_gone_leaves_the_last_good_version(
    start_proxy: StartProxy, origin: Origin, function: Path
) -> None:
    """For as long as it is gone."""
    proxy = await start_proxy(origin.url, viewer_request=function)
    remove(function)
    assert not proxy.app.reload()
    assert proxy.said[0].startswith("not taken up: ")
    assert str(function) in proxy.said[0]
    assert (await proxy.get("/")).body == b"version 0"


async def test_the_cache_outlives_an_edit(start_proxy: StartProxy, origin: Origin, function: Path) -> None:
    """An edit is no invalidation."""
    replace_with(function, passing("1"))
    proxy = await start_proxy(origin.url, viewer_request=function)
    await proxy.get("/")
    replace_with(function, passing("2"))
    assert proxy.app.reload()
    assert (await proxy.get("/")).x_cache == "Hit"
    assert len(origin.requests) == 1


async def test_trap_40_a_throttled_function_stays_so_over_a_repair(
    start_proxy: StartProxy, origin: Origin, function: Path, tmp_path: Path
) -> None:
    """With the switch `function_throttling`: the state belongs to the name, and clears after five minutes."""
    local = tmp_path / "edge.toml"
    local.write_text("[switches]\nfunction_throttling = true\n")
    replace_with(function, "function handler(event) {\n  let = ;\n}")
    proxy = await start_proxy(origin.url, viewer_request=function, local_file=local)
    met = [(await proxy.get("/")).x_cache for _ in range(4)]
    assert met == ["FunctionExecutionError"] * 3 + ["FunctionThrottledError"]
    replace_with(function, answering("repaired"))
    assert proxy.app.reload()
    assert (await proxy.get("/")).x_cache == "FunctionThrottledError"
    proxy.clock.ahead_s += 301
    assert (await proxy.get("/")).body == b"repaired"
