"""Real virtual machines: they boot once for each function here, and are restored from then on. Skipped where there is
no QEMU or no guest; where EDGE_BUILD_MICROVM is set the guest is built first, with `edge lambda setup-microvm`."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from edge.model.function import OutOfMemory, Threw
from edge.runtimes.lambda_edge.lambda_runtime import LambdaRuntime
from edge.runtimes.lambda_edge.providers import microvm_guest
from edge.runtimes.lambda_edge.providers.microvm import MicrovmProvider
from edge.runtimes.lambda_edge.providers.provider import Unavailable

from .conftest import Functions, guest_folder, needs_node

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(sys.platform != "linux", reason="the guest is Debian's"),
]

PYTHON = """
import os, random, ssl, time, uuid
DRAWN = random.random()
n = 0
def handler(event, context):
    global n
    n += 1
    match event["ask"]:
        case "where":
            print("in the machine")
            try:
                open("/var/task/x", "w")
            except OSError as error:
                denied = error.strerror
            return [n, __file__, os.uname().release.endswith("cloud-amd64"), denied]
        case "clock":
            return time.time()
        case "chance":
            return [DRAWN, random.random(), os.urandom(8).hex(), ssl.RAND_bytes(8).hex(), str(uuid.uuid4())]
        case "stream":
            return [os.environ["AWS_LAMBDA_LOG_STREAM_NAME"], "_EDGE_COPIES" in os.environ]
        case "exit":
            os._exit(3)
        case "memory":
            held = []
            while True:
                held.append(bytearray(1 << 22))
"""
NODE = """
const crypto = require('node:crypto');
crypto.randomUUID(); crypto.randomInt(9); crypto.randomBytes(4); Math.random();
exports.handler = (event, context, callback) => {
  setTimeout(() => {}, 5);
  callback(null, [__filename, Math.random(), crypto.randomUUID(), crypto.randomInt(1e12),
                  crypto.randomBytes(8).toString('hex'), crypto.webcrypto.getRandomValues(new Uint32Array(2)).join()]);
};
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def machines(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Functions]:
    """One provider for all tests of this file: what it has booted once is restored for the next one."""
    try:
        provider = MicrovmProvider(guest_folder())
    except Unavailable as missing:
        pytest.skip(str(missing))
    runtime = LambdaRuntime(provider, Path(provider.warden.folder), starts_max=2)
    yield Functions(tmp_path_factory.mktemp("packages"), runtime)
    await runtime.close()
    assert not os.path.exists(provider.warden.folder)  # noqa: ASYNC240 -- nothing else runs


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ask(machines: Functions) -> Any:
    """Asks a function in Python, whose first environment boots now."""
    function = machines.python(PYTHON, timeout_s=60)

    async def ask(what: str) -> Any:
        return await machines.run(function, {"ask": what})

    cold = await ask("where")
    assert cold.value == [1, "/var/task/app.py", True, "Read-only file system"]
    assert "in the machine" in cold.logs
    assert not cold.report.restored
    return ask


async def test_globals_survive_between_events(ask: Any, machines: Functions) -> None:
    before = (await ask("where")).value[0]
    assert (await ask("where")).value[0] == before + 1


async def test_the_next_environment_is_restored_from_after_init(ask: Any, machines: Functions) -> None:
    """With its own log stream, and globals as INIT left them; nobody in it can tell that it is a copy."""
    streams = [(await ask("stream")).value]
    await _replaced(machines)
    again = await ask("where")
    assert (again.value[0], again.report.restored) == (1, True)
    streams.append((await ask("stream")).value)
    assert streams[0][0] != streams[1][0]
    assert [hidden for _, hidden in streams] == [False, False]


async def test_copies_do_not_repeat_each_others_chance(ask: Any, machines: Functions) -> None:
    """What was drawn in INIT is the same in all of them, as with SnapStart; what is drawn later is not."""
    draws = []
    for _ in range(3):
        await _replaced(machines)
        draws.append((await ask("chance")).value)
    assert len({each[0] for each in draws}) == 1
    for place in range(1, 5):
        assert len({each[place] for each in draws}) == 3, f"draw {place} is the same in two copies"


async def test_a_copy_and_one_that_was_frozen_know_the_time(ask: Any, machines: Functions) -> None:
    """Within seconds, on a machine that is busy; the snapshot is older than that, and was set to the year 2096."""
    import time

    await _replaced(machines)
    for _ in range(2):
        before = time.time()
        told = (await ask("clock")).value
        assert before - 2 < told < time.time() + 2


async def test_how_a_runtime_ends_in_a_machine_is_told(ask: Any) -> None:
    """The machine ends with it, and the next event gets a copy."""
    outcome = await ask("exit")
    assert isinstance(outcome, Threw)
    assert outcome.error == "Runtime.ExitError: Runtime exited with error: exit status 3"
    assert (await ask("where")).value[0] == 1


async def test_memory_is_that_of_the_machine(ask: Any) -> None:
    """The guest's kernel kills the runtime."""
    assert isinstance(await ask("memory"), OutOfMemory)


async def test_a_node_function_is_restored_with_chance_of_its_own(machines: Functions) -> None:
    """Though it has drawn from every generator in INIT. Callbacks and a pending timer work over the serial port."""
    needs_node()
    function = machines.node(NODE, timeout_s=60)
    draws = []
    for _ in range(3):
        outcome = await machines.run(function)
        assert outcome.value[0] == "/var/task/index.js"
        draws.append(outcome.value[1:])
        await _replaced(machines)
    for place in range(5):
        assert len({each[place] for each in draws}) == 3, f"draw {place} is the same in two copies"


async def test_an_init_that_fails_is_not_copied(machines: Functions) -> None:
    """It fails as on any other provider, and each try is one of its own."""
    outcome = await machines.run(machines.python("raise KeyError('x')", timeout_s=60))
    assert isinstance(outcome, Threw)
    assert outcome.error == "KeyError: 'x'"


async def _replaced(machines: Functions) -> None:
    """All environments end; the code is the same, so what was kept of it is used."""
    machines.runtime.refresh()
    while machines.runtime.counts.environments:  # noqa: ASYNC110 -- ends of processes have no event here
        await asyncio.sleep(0.005)


async def test_without_a_guest_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"there is no guest for microVMs in .*`edge lambda setup-microvm`"):
        microvm_guest.found(tmp_path)


async def test_a_guest_of_another_version_is_built_anew(tmp_path: Path) -> None:
    for name in ("vmlinuz", "initrd.gz", "root.ext4", "version"):
        (tmp_path / name).write_text("old")
    with pytest.raises(Unavailable, match="of another version"):
        microvm_guest.found(tmp_path)


async def test_the_command_of_each_runtime_is_one_of_the_guest() -> None:
    assert microvm_guest.command("nodejs22.x") == ("/usr/bin/node", "/var/runtime/bootstrap.cjs")
    assert microvm_guest.command("python3.11")[1:] == ("-I", "-S", "-B", "/var/runtime/bootstrap.py")
