"""Firecracker's control plane, for real: a guest of a few bytes starts, pauses, is saved, goes on in another process,
and ends. Skipped where there is no Firecracker (EDGE_FIRECRACKER names one) or no /dev/kvm that may be opened. No Linux
boots here."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from edge.runtimes.lambda_edge.providers.firecracker_api import FirecrackerApi, FirecrackerError

from . import toy_guest

Started: TypeAlias = Callable[[], Awaitable["Monitor"]]


class Monitor:
    """A Firecracker process. Its guest's serial port is its standard input and output."""

    def __init__(self, process: asyncio.subprocess.Process, socket: Path) -> None:
        self.process = process
        self.socket = socket
        self.api = FirecrackerApi(socket)

    async def says(self, what: str) -> bool:
        """Whether the guest writes this next."""
        assert self.process.stdout is not None
        return (await self.process.stdout.readexactly(len(what))).decode() == what

    async def hears(self, what: str) -> None:
        """The guest reads this."""
        assert self.process.stdin is not None
        self.process.stdin.write(what.encode())
        await self.process.stdin.drain()


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Started]:
    """Starts Firecracker. At the end no process is left of what was started."""
    command = [toy_guest.monitor(), "--level", "Error", "--id", "toy", "--api-sock"]
    running: list[Monitor] = []

    async def start() -> Monitor:
        socket = tmp_path / f"api-{len(running)}"
        pipe = subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*command, str(socket), stdin=pipe, stdout=pipe, stderr=pipe)
        monitor = Monitor(process, socket)
        running.append(monitor)
        await monitor.api.ready(lambda: process.returncode is None)
        return monitor

    yield start
    for monitor in running:
        if monitor.process.returncode is None:
            monitor.process.kill()
        await monitor.process.communicate()


@pytest.fixture
async def toy(start: Started, tmp_path: Path) -> Monitor:
    """A machine with the guest of a few bytes, started."""
    (tmp_path / "kernel").write_bytes(toy_guest.kernel())
    monitor = await start()
    await monitor.api.size(processors=1, memory_mb=16)
    await monitor.api.boot_source(tmp_path / "kernel", "quiet")
    assert await monitor.api.state() == "Not started"
    await monitor.api.start()
    assert await monitor.says("ready\n")
    return monitor


async def test_a_guest_runs_and_its_reset_ends_the_process(toy: Monitor) -> None:
    """It counts what it hears on its serial port; then it resets its processor."""
    assert await toy.api.state() == "Running"
    await toy.hears("aa")
    assert await toy.says("12")
    await toy.hears("q")
    assert await toy.process.wait() == 0


async def test_a_paused_guest_goes_on_where_it_was(toy: Monitor) -> None:
    await toy.hears("a")
    assert await toy.says("1")
    await toy.api.pause()
    assert await toy.api.state() == "Paused"
    await toy.api.resume()
    assert await toy.api.state() == "Running"
    await toy.hears("a")
    assert await toy.says("2")


async def test_a_saved_guest_goes_on_in_another_process_and_more_than_once(
    toy: Monitor, start: Started, tmp_path: Path
) -> None:
    """Each copy has counted as far as the original had, and none sees what another counts."""
    await toy.hears("aaa")
    assert await toy.says("123")
    await toy.api.pause()
    await toy.api.save(tmp_path / "state", tmp_path / "memory")
    toy.process.kill()
    await toy.process.wait()
    for _ in range(2):
        copy = await start()
        await copy.api.load(tmp_path / "state", tmp_path / "memory")
        assert await copy.api.state() == "Running"
        await copy.hears("a")
        assert await copy.says("4")


async def test_a_killed_machine_is_told_apart_from_one_that_answers(toy: Monitor) -> None:
    toy.process.kill()
    await toy.process.wait()
    with pytest.raises(FirecrackerError, match=r"^PATCH /vm: Firecracker has ended, or is not there$"):
        await toy.api.pause()
    with pytest.raises(FirecrackerError, match=r"^Firecracker ended before it answered$"):
        await toy.api.ready(lambda: False)


async def test_what_firecracker_refuses_is_said_in_its_words(start: Started, tmp_path: Path) -> None:
    """Bad orders leave a machine that still takes good ones."""
    api = (await start()).api
    with pytest.raises(FirecrackerError, match=r"^PUT /actions: .*kernel"):
        await api.start()
    with pytest.raises(FirecrackerError, match=r"^PUT /boot-source: .*No such file"):
        await api.boot_source(tmp_path / "absent", "quiet")
    with pytest.raises(FirecrackerError, match=r"^PUT /drives/root: .*No such file"):
        await api.drive("root", tmp_path / "absent")
    with pytest.raises(FirecrackerError, match=r"^PUT /machine-config: .*vcpu|vCPU"):
        await api.size(processors=99, memory_mb=16)
    with pytest.raises(FirecrackerError, match=r"^PATCH /vm: "):
        await api.pause()
    with pytest.raises(FirecrackerError, match=r"^PUT /snapshot/load: "):
        await api.load(tmp_path / "absent", tmp_path / "absent")


async def test_a_drive_and_a_vsock_are_taken(start: Started, tmp_path: Path) -> None:
    """Whether a guest finds them needs a kernel, which this is not."""
    (tmp_path / "kernel").write_bytes(toy_guest.kernel())
    (tmp_path / "image").write_bytes(bytes(4096))
    monitor = await start()
    await monitor.api.boot_source(tmp_path / "kernel", "quiet", tmp_path / "image")
    await monitor.api.drive("root", tmp_path / "image")
    await monitor.api.vsock(tmp_path / "vsock", 3)
    await monitor.api.start()
    assert await monitor.says("ready\n")
    assert (tmp_path / "vsock").is_socket()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"", "Firecracker has ended, or is not there"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", "Firecracker has ended, or is not there"),
        (b"hello\r\n\r\n", "what answered is not Firecracker"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "what answered is not Firecracker"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", "what answered is not Firecracker"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n[]", "what answered is not Firecracker"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n", "what answered is not Firecracker"),
        (b"x" * 100_000, "what answered is not Firecracker"),
        (b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n", "status 500"),
        (b'HTTP/1.1 400 No\r\nContent-Length: 24\r\n\r\n{"fault_message":"why?"}', "why?"),
    ],
)
async def test_an_answer_that_is_none_is_an_error_in_words(tmp_path: Path, answer: bytes, words: str) -> None:
    """Needs no Firecracker: another program answers."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    async with await asyncio.start_unix_server(serve, tmp_path / "api"):
        with pytest.raises(FirecrackerError, match=f"^GET /: {words}".replace("?", r"\?")):
            await FirecrackerApi(tmp_path / "api").state()


def test_the_guest_is_what_its_source_says(tmp_path: Path) -> None:
    if not (shutil.which("as") and shutil.which("objcopy")) or os.uname().machine != "x86_64":
        pytest.skip("there is no assembler for x86-64")
    made = tmp_path / "toy"
    subprocess.run(["as", "-o", f"{made}.o", str(toy_guest.SOURCE)], check=True)
    subprocess.run(["objcopy", "-O", "binary", f"{made}.o", str(made)], check=True)
    assert made.read_bytes() == toy_guest.CODE
