"""Real virtual machines: they boot, answer, freeze and end. Skipped where no guest has been built."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edge.model.function import OutOfMemory, Threw
from edge.runtimes.lambda_edge.providers import microvm_guest
from edge.runtimes.lambda_edge.providers.microvm import MicrovmProvider
from edge.runtimes.lambda_edge.providers.provider import Unavailable


@pytest.fixture
async def machines(start: Any) -> Any:
    try:
        provider = MicrovmProvider(microvm_guest.default_folder())
    except Unavailable as missing:
        pytest.skip(str(missing))
    return await start(provider=provider)


async def test_a_python_function_runs_in_a_machine_of_its_own(machines: Any) -> None:
    """With its own kernel, its code at /var/task, a read-only root, and globals that survive."""
    code = """
import os
n = 0
def handler(e, c):
    global n
    n += 1
    print("in the machine")
    try:
        open("/var/task/x", "w")
    except OSError as error:
        denied = error.strerror
    open("/tmp/x", "w").close()
    return [n, __file__, os.uname().release.endswith("cloud-amd64"), denied, os.listdir("/tmp")]
"""
    function = machines.python(code)
    cold = await machines.run(function)
    assert cold.value == [1, "/var/task/app.py", True, "Read-only file system", ["x"]]
    assert "in the machine" in cold.logs
    assert (await machines.run(function)).value[0] == 2


async def test_a_node_function_runs_in_one_too(machines: Any) -> None:
    """Callbacks and a pending timer included: the serial port does not keep the event loop busy."""
    code = "exports.handler = (e, c, cb) => { setTimeout(() => {}, 5); cb(null, [__filename, e]) }"
    function = machines.node(code)
    for _ in range(2):
        assert (await machines.run(function)).value == ["/var/task/index.js", {"a": 1}]


async def test_how_a_runtime_ends_in_a_machine_is_told(machines: Any) -> None:
    """The machine ends with it, and is replaced."""
    function = machines.python("import os\ndef handler(e, c):\n    if e.get('bad'): os._exit(3)\n    return 'ok'")
    outcome = await machines.run(function, {"bad": True})
    assert isinstance(outcome, Threw)
    assert outcome.error == "Runtime.ExitError: Runtime exited with error: exit status 3"
    assert (await machines.run(function)).value == "ok"


def test_without_a_guest_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="there is no guest for microVMs in"):
        microvm_guest.found(tmp_path)


def test_the_command_of_each_runtime_is_one_of_the_guest() -> None:
    assert microvm_guest.command("nodejs22.x") == ("/usr/bin/node", "/var/runtime/bootstrap.cjs")
    assert microvm_guest.command("python3.11")[1:] == ("-I", "-S", "-B", "/var/runtime/bootstrap.py")


async def test_memory_is_that_of_the_machine(machines: Any) -> None:
    """The guest's kernel kills the runtime."""
    code = "def handler(e, c):\n    held = []\n    while True: held.append(bytearray(1 << 22))"
    assert isinstance(await machines.run(machines.python(code)), OutOfMemory)
