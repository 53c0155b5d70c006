"""Development servers and the proxy in front of them, started as their users start them."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

HERE = Path(__file__).parent
_START_S = 60
_STOP_S = 10

Start = Callable[..., AbstractAsyncContextManager[str]]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@asynccontextmanager
async def running(*command: str | Path, cwd: Path, **environment: str) -> AsyncIterator[Process]:
    """A process that is ended with everything it started."""
    process = await asyncio.create_subprocess_exec(
        *map(str, command),
        cwd=cwd,
        env={**os.environ, **environment},
        stdin=DEVNULL,
        stdout=DEVNULL,
        stderr=PIPE,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            async with asyncio.timeout(_STOP_S):
                await process.communicate()
        except TimeoutError:
            process.kill()
            await process.communicate()


async def _answers(port: int, process: Process) -> None:
    """Wait until a server takes connections."""
    async with asyncio.timeout(_START_S):
        while True:
            assert process.returncode is None, (await process.communicate())[1].decode()
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


@asynccontextmanager
async def dev_server(*command: str | Path, cwd: Path = HERE, port: int, **environment: str) -> AsyncIterator[str]:
    """A development server on a port; gives its URL."""
    async with running(*command, cwd=cwd, **environment) as process:
        await _answers(port, process)
        drain = asyncio.create_task(_drain(process))
        yield f"http://127.0.0.1:{port}"
        drain.cancel()
        await asyncio.gather(drain, return_exceptions=True)


async def _drain(process: Process) -> None:
    """Read what a server says, so that it never waits for somebody to do so."""
    assert process.stderr is not None
    while await process.stderr.read(65_536):
        pass


@asynccontextmanager
async def proxy(origin: str, *options: str, **environment: str) -> AsyncIterator[str]:
    """`edge serve` in front of a site; gives its URL."""
    command = (sys.executable, "-m", "edge", "serve", "--origin", origin, "--listen", "127.0.0.1:0", *options)
    async with running(*command, cwd=HERE.parent.parent, **environment) as process:
        assert process.stderr is not None
        said = ""
        async with asyncio.timeout(_START_S):
            while "listening on http://" not in said:
                line = (await process.stderr.readline()).decode()
                assert line, said
                said += line
        drain = asyncio.create_task(_drain(process))
        yield said.split("listening on ")[1].split()[0]
        drain.cancel()
        await asyncio.gather(drain, return_exceptions=True)


@pytest.fixture
async def browser() -> AsyncIterator[aiohttp.ClientSession]:
    """A client that keeps cookies, and follows redirects only where a test says so."""
    jar = aiohttp.CookieJar(unsafe=True)  # for IP addresses too
    async with aiohttp.ClientSession(cookie_jar=jar, timeout=aiohttp.ClientTimeout(total=30)) as session:
        yield session


@pytest.fixture(name="proxy")
def _proxy() -> Start:
    return proxy


@pytest.fixture(name="dev_server")
def _dev_server() -> Start:
    return dev_server


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def tls_port() -> int:
    return free_port()
