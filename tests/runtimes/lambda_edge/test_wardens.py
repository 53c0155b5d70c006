"""What is left when the proxy dies: nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from edge.runtimes.lambda_edge.providers import cgroups
from edge.runtimes.lambda_edge.providers.provider import Unavailable
from edge.runtimes.lambda_edge.providers.sandbox import SandboxProvider
from edge.runtimes.lambda_edge.wardens import Warden, remove_leftovers

from .conftest import Functions

PROXY = """
import asyncio, sys, time
from pathlib import Path
from edge.model.function import EventType, FunctionCall, LambdaFunction
from edge.runtimes.lambda_edge.lambda_runtime import LambdaRuntime
from edge.runtimes.lambda_edge.providers.process import ProcessProvider

async def main():
    provider = ProcessProvider()
    runtime = LambdaRuntime(provider, Path(provider.warden.folder))
    for handler in ("app.sleeps", "app.spins"):
        function = LambdaFunction(handler, "1", sys.argv[1], handler, "python3.11", timeout_s=900)
        call = FunctionCall(function, EventType.ORIGIN_REQUEST, {}, None, time.time(), 1, "q1==")
        if handler == "app.sleeps":
            outcome = await runtime.run(call)
            print(outcome.value, provider.warden.folder, flush=True)
        else:
            await runtime.run(call)

asyncio.run(main())
"""
APP = """
import os, signal
def sleeps(event, context):
    if (pid := os.fork()) == 0:
        os.setsid()
        while True:
            signal.pause()
    return f"{os.getpid()} {pid}"
def spins(event, context):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        pass
"""


def has_ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.mark.skipif(sys.platform != "linux", reason="descendants are found in /proc")
def test_when_the_proxy_is_killed_its_environments_end_and_their_folder_goes(tmp_path: Path) -> None:
    """Frozen ones and busy ones, with children that left their group."""
    (tmp_path / "app.py").write_text(APP)
    with subprocess.Popen([sys.executable, "-c", PROXY, str(tmp_path)], stdout=subprocess.PIPE, text=True) as proxy:
        assert proxy.stdout is not None
        runtime, child, folder = proxy.stdout.readline().split()
        proxy.kill()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and not (
        has_ended(int(runtime)) and has_ended(int(child)) and not Path(folder).exists()
    ):
        time.sleep(0.005)
    assert has_ended(int(runtime))
    assert has_ended(int(child))
    assert not Path(folder).exists()


def test_folders_of_processes_that_are_no_more_are_removed() -> None:
    """Those of others stay."""
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    left = Path(tempfile.mkdtemp(prefix=f"edge-lambda-{ended.pid}-"))
    ours = Path(tempfile.mkdtemp(prefix=f"edge-lambda-{os.getpid()}-"))
    remove_leftovers()
    assert (left.exists(), ours.exists()) == (False, True)
    ours.rmdir()


def test_a_warden_that_was_never_asked_leaves_nothing() -> None:
    warden = Warden()
    assert Path(warden.folder).is_dir()
    warden.close()
    assert not Path(warden.folder).exists()


GUARDED = "import os\ndef handler(event, context):\n    return [os.getppid(), os.getpid()]"


@pytest.mark.skipif(sys.platform != "linux", reason="descendants are found in /proc")
async def test_the_next_environment_is_a_process_that_is_there_already(start: Any) -> None:
    """With a guardian of its own. One that is killed before it has an event is no loss."""
    functions = await start()
    function = functions.python(GUARDED)
    first = (await functions.run(function)).value
    ahead = await _ahead(functions, first)
    functions.runtime.refresh()
    second = (await functions.run(function)).value
    assert second == ahead
    for place in (0, 1):
        ahead = await _ahead(functions, second)
        os.kill(ahead[place], signal.SIGKILL)
        while not has_ended(ahead[place]):  # noqa: ASYNC110 -- ends of processes have no event here
            await asyncio.sleep(0.001)
        functions.runtime.refresh()
        second = (await functions.run(function)).value
        assert second[place] != ahead[place]


async def _ahead(functions: Functions, others: list[int]) -> list[int]:
    """The guardian and the process that were forked ahead, once they are there."""
    warden = functions.runtime.provider.warden._process
    assert warden is not None
    while True:
        for guardian in _children(warden.pid):
            if guardian != others[0] and (found := _children(guardian)):
                return [guardian, *found]
        await asyncio.sleep(0.001)


def _children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


@pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's")
def test_when_the_proxy_is_killed_its_sandboxes_end_and_their_control_groups_go(tmp_path: Path) -> None:
    """Processes in namespaces of their own are found by what they were started with."""
    try:
        SandboxProvider().warden.close()
    except Unavailable as missing:
        pytest.skip(str(missing))
    (tmp_path / "app.py").write_text(APP)
    program = PROXY.replace("providers.process import ProcessProvider", "providers.sandbox import SandboxProvider")
    program = program.replace("ProcessProvider()", "SandboxProvider()")
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True) as proxy:
        assert proxy.stdout is not None
        folder = Path(proxy.stdout.readline().split()[2])
        assert _started_with(str(folder))
        proxy.kill()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and (_started_with(str(folder)) or folder.exists()):
        time.sleep(0.005)
    assert not _started_with(str(folder))
    assert not folder.exists()
    while time.monotonic() < deadline and cgroups.named(f"{folder.name}-*"):
        time.sleep(0.005)
    assert not cgroups.named(f"{folder.name}-*")


def _started_with(word: str) -> list[str]:
    """Processes that have a word in their command line."""
    found: list[str] = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if word in Path(f"/proc/{pid}/cmdline").read_text(errors="replace"):
                found.append(pid)
        except OSError:
            continue
    return found
