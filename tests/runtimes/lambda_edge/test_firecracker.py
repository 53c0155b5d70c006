"""The `firecracker` provider, as far as it goes without hardware KVM: what it says is missing; real Firecracker
processes, configured and started by it, whose guest is one of a few bytes; and handlers behind the host's end of a
vsock, played by sockets of this machine. No Linux boots here."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sys
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from edge.model.function import LambdaFunction, Threw
from edge.runtimes.lambda_edge import interpreters, variables
from edge.runtimes.lambda_edge.failures import Exited, MemoryRanOut
from edge.runtimes.lambda_edge.providers import firecracker, guest_agent, guest_vsock, kvm_probe, microvm_guest
from edge.runtimes.lambda_edge.providers.firecracker import FirecrackerMachine, FirecrackerProvider, Place, Ports
from edge.runtimes.lambda_edge.providers.microvm_guest import Guest
from edge.runtimes.lambda_edge.providers.process import boot
from edge.runtimes.lambda_edge.providers.provider import BootOrder, Unavailable
from edge.runtimes.lambda_edge.runtime_api import RuntimeApi, RuntimeState
from edge.runtimes.lambda_edge.warden import Order

from . import toy_guest
from .conftest import PYTHON, Start

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Firecracker is Linux's")


@pytest.fixture
def hardware(monkeypatch: pytest.MonkeyPatch) -> None:
    """The probe has found hardware KVM."""
    monkeypatch.setattr(kvm_probe, "acceleration", lambda: kvm_probe.Acceleration((), (), is_hardware=True))


def test_without_a_program_it_says_where_to_name_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EDGE_FIRECRACKER", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        Unavailable, match="there is no Firecracker on the PATH: name it in EDGE_FIRECRACKER, or in edge"
    ):
        firecracker.found(None, tmp_path)
    with pytest.raises(Unavailable, match=r"^/no/such is not a program: "):
        firecracker.found("/no/such", tmp_path)


def test_without_hardware_it_says_what_the_probe_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    emulated = kvm_probe.Acceleration((), (), is_hardware=False, reason="/dev/kvm emulates")
    monkeypatch.setattr(kvm_probe, "acceleration", lambda: emulated)
    with pytest.raises(Unavailable, match=r"^Firecracker needs hardware KVM: /dev/kvm emulates$"):
        firecracker.found("/bin/true", tmp_path)


@pytest.mark.usefixtures("hardware")
def test_without_a_guest_or_its_unpacked_kernel_it_says_how_to_build_them(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="there is no guest for microVMs"):
        firecracker.found("/bin/true", tmp_path)
    for name in ("vmlinuz", "initrd.gz", "root.ext4", "version"):
        (tmp_path / name).write_text(microvm_guest.VERSION)
    with pytest.raises(
        Unavailable, match=r"there is no unpacked kernel in .*: apt install lz4, then build it with `edge"
    ):
        firecracker.found("/bin/true", tmp_path)


@pytest.mark.usefixtures("hardware")
async def test_with_all_of_them_it_is_there_and_says_that_no_linux_was_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program may be named by the environment."""
    for name in ("vmlinuz", "initrd.gz", "root.ext4", "version", "vmlinux"):
        (tmp_path / name).write_text(microvm_guest.VERSION)
    monkeypatch.setenv("EDGE_FIRECRACKER", "/bin/true")
    provider = firecracker.found(None, tmp_path)
    assert "never with Linux" in provider.gives.lacks[0]
    await provider.close()


class Booted:
    """One environment of a provider with a guest of a few bytes, and what is heard of it."""

    def __init__(self, provider: FirecrackerProvider, folder: Path) -> None:
        self.provider = provider
        self.api = RuntimeApi(lambda said: None)
        self.output = b""
        self.machine: FirecrackerMachine | None = None
        self.ended: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        function = LambdaFunction("f", "1", str(folder / "package"), "app.handler", PYTHON)
        self.order = BootOrder(
            function, "stream", "eu-west-1", self.api, self._wrote, self.ended.set_result, str(folder / "environment")
        )

    async def boot(self) -> FirecrackerMachine:
        self.machine = await self.provider.boot(self.order)
        return self.machine

    def guest_connects(self, port: int) -> socket.socket:
        """As Firecracker does when its guest connects to a port."""
        (vsock,) = Path(self.provider.warden.folder).glob("vm-*/vsock")
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(f"{vsock}_{port}")
        connection.setblocking(False)
        return connection

    def _wrote(self, data: bytes) -> None:
        self.output += data


@pytest.fixture
async def booted(tmp_path: Path) -> AsyncIterator[Booted]:
    """Nothing is left of it in the end: no process, no socket, no file."""
    if shutil.which("mke2fs") is None:
        pytest.skip("there is no mke2fs")
    for name in ("package", "environment"):
        (tmp_path / name).mkdir()
    (tmp_path / "package" / "app.py").write_text("def handler(event, context): pass")
    (tmp_path / "kernel").write_bytes(toy_guest.kernel())
    (tmp_path / "image").write_bytes(bytes(4096))
    guest = Guest(tmp_path / "kernel", tmp_path / "image", tmp_path / "image")
    provider = FirecrackerProvider(toy_guest.monitor(), guest)
    booted = Booted(provider, tmp_path)
    yield booted
    if booted.machine is not None:
        booted.machine.kill()
        await booted.ended
    assert not list(Path(provider.warden.folder).glob("vm-*"))  # noqa: ASYNC240 -- nothing else runs
    await provider.close()
    assert not os.path.exists(provider.warden.folder)  # noqa: ASYNC240 -- nothing else runs


async def test_a_machine_starts_with_its_disks_and_its_vsock_and_is_killed(booted: Booted) -> None:
    """`ended` says that nothing is left."""
    machine = await booted.boot()
    await _until(lambda: "ready" in machine.console())
    assert machine.is_alive
    assert not machine.restored
    machine.kill()
    assert await booted.ended is None
    assert not machine.is_alive


async def test_a_frozen_machine_stands_still(booted: Booted) -> None:
    """All of its threads."""
    machine = await booted.boot()
    machine.freeze()
    await _until(lambda: _states(machine._pid) == {"T"})
    machine.thaw()
    await _until(lambda: "T" not in _states(machine._pid))
    machine.kill()
    await booted.ended


@pytest.mark.parametrize(
    ("console", "ended"),
    [
        ("exit 3\n", Exited(3)),
        ("exit 139\n", Exited(0, 11)),
        ("Out of memory: Killed process 70 (python3)\nexit 137\n", MemoryRanOut()),
        ("Kernel panic\n", Exited(0)),
    ],
)
async def test_the_last_words_on_the_console_tell_how_a_runtime_ended(
    booted: Booted, tmp_path: Path, console: str, ended: object
) -> None:
    """The guest writes them and resets its processor, as the guest's first program does."""
    (tmp_path / "kernel").write_bytes(toy_guest.kernel(console, stays=False))
    await booted.boot()
    assert await booted.ended == ended


async def test_what_a_guest_connects_to_is_the_runtime_api_a_log_and_the_clock(booted: Booted) -> None:
    """The guest's ends are played here: this guest has no vsock driver."""
    loop = asyncio.get_running_loop()
    machine = await booted.boot()
    with booted.guest_connects(guest_vsock.AGENT_PORT) as agent:
        order = await loop.sock_recv(agent, guest_agent.ORDER.size)
        seconds, _, bits, size, entropy = guest_agent.ORDER.unpack(order)
        assert time.time() - 60 < seconds <= time.time()
        assert (bits, size) == (256, len(entropy))
        assert len(set(entropy)) > 1
    with booted.guest_connects(guest_vsock.LOG_PORT) as log, booted.guest_connects(guest_vsock.API_PORT) as api:
        await loop.sock_sendall(log, b"a line\n")
        await _until(lambda: booted.output == b"a line\n")
        await loop.sock_sendall(api, b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: lambda\r\n\r\n")
        await _until(lambda: booted.api.state is RuntimeState.READY)
    machine.kill()
    await booted.ended


async def test_a_machine_that_cannot_start_says_why(booted: Booted, tmp_path: Path) -> None:
    """In Firecracker's words, and nothing is left of it."""
    (tmp_path / "kernel").write_text("no kernel")
    with pytest.raises(Unavailable, match=r"^a virtual machine could not be started: PUT /actions: .*kernel"):
        await booted.boot()
    await booted.ended


async def test_a_program_that_is_not_firecracker_says_so(booted: Booted) -> None:
    booted.provider = FirecrackerProvider("/bin/false", Guest(Path("a"), Path("b"), Path("c")))
    with pytest.raises(
        Unavailable, match=r"^a virtual machine could not be started: Firecracker ended before it answe"
    ):
        await booted.boot()
    await booted.ended
    await booted.provider.close()


PROXY = """
import asyncio, sys
from pathlib import Path
from edge.model.function import LambdaFunction
from edge.runtimes.lambda_edge.providers.firecracker import FirecrackerProvider
from edge.runtimes.lambda_edge.providers.microvm_guest import Guest
from edge.runtimes.lambda_edge.providers.provider import BootOrder
from edge.runtimes.lambda_edge.runtime_api import RuntimeApi

async def main():
    monitor, folder = sys.argv[1], Path(sys.argv[2])
    provider = FirecrackerProvider(monitor, Guest(folder / "kernel", folder / "image", folder / "image"))
    function = LambdaFunction("f", "1", str(folder / "package"), "app.handler", "python3.11")
    heard = lambda *_: None
    order = BootOrder(function, "s", "eu-west-1", RuntimeApi(heard), heard, heard, str(folder / "environment"))
    machine = await provider.boot(order)
    print(machine._pid, provider.warden.folder, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_nothing_stays_behind_when_the_proxy_is_killed(booted: Booted, tmp_path: Path) -> None:
    """No Firecracker, none of its sockets and files."""
    proxy = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROXY, toy_guest.monitor(), str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert proxy.stdout is not None
    pid, folder = (await proxy.stdout.readline()).decode().split()
    assert list(Path(folder).glob("vm-*/api"))  # noqa: ASYNC240 -- nothing else runs
    assert _states(int(pid))
    proxy.kill()
    await proxy.wait()
    await _until(lambda: not _states(int(pid)) - {"Z"} and not os.path.exists(folder))


AGENT = """
import os
order = b""
while len(order) < 56:
    order += os.read(3, 56 - len(order))
os.write(3, b".")
"""
GUEST = """
import socket, sys
sys.path.insert(0, sys.argv[1])
import guest_vsock

def connect(port):
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(f"{sys.argv[2]}_{port}")
    return connection

status = guest_vsock.main(sys.argv[3:], connect)
print("exit", status if status >= 0 else 128 - status)
"""


class WithoutMachine(FirecrackerProvider):
    """The provider with no machine: the guest's programs run here, and reach the host's end of the vsock by the names
    that Firecracker would take. The agent is another one, since that of the guest sets the clock."""

    def __init__(self) -> None:
        super().__init__("", Guest(Path("a"), Path("b"), Path("c")))

    async def boot(self, order: BootOrder) -> FirecrackerMachine:
        place = Place(Path(self.warden.folder) / f"vm-{next(self._numbers)}")
        place.folder.mkdir()
        ports = Ports(place.vsock)
        await ports.listen(order)
        function = order.function
        ours = Path(variables.__file__).parent
        command = [sys.executable, "-I", "-S", "-B", str(ours / "bootstrap.py")]
        if "nodejs" in function.runtime:
            command = [str(interpreters.node_program()), str(ours / "bootstrap.cjs")]
        guest = [sys.executable, "-c", GUEST, str(Path(guest_vsock.__file__).parent), str(place.vsock)]
        guest += [sys.executable, "-c", AGENT]
        environ = variables.variables(function, order.region, order.log_stream, task_root=function.code_path)
        what = Order(
            argv=["/bin/sh", "-c", firecracker.TO_CONSOLE, "sh", str(place.console), *guest, "--", *command],
            environ={**environ, "PATH": os.environ["PATH"]},
            cwd=function.code_path,
            limits={},
            cgroups=[],
            files=[],
            tmp="",
            keeps=[],
        )
        machine = await boot(self.warden, what, order, partial(FirecrackerMachine, place, ports), has_own_socket=False)
        assert isinstance(machine, FirecrackerMachine)
        return machine


COUNTS = """
n = 0
def handler(event, context):
    global n
    n += 1
    print('line', n)
    return [n, event['a']]
"""
ENDS = """
import os, time
def handler(event, context):
    match event["a"]:
        case "exit":
            os._exit(3)
        case "signal":
            os.kill(os.getpid(), 9)
        case "leave a child":
            if os.fork() == 0:
                time.sleep(900)
            os._exit(3)
    return 7
"""


async def test_a_python_handler_is_served_over_the_vsocks_ports(start: Start) -> None:
    """Warm too, frozen in between; the log of an event is there with its result."""
    functions = await start(provider=WithoutMachine())
    function = functions.python(COUNTS)
    for n in (1, 2, 3):
        outcome = await functions.run(function, {"a": "x" * 300_000})
        assert outcome.value == [n, "x" * 300_000]
        assert f"line {n}" in outcome.logs


async def test_a_node_handler_is_served_over_the_vsocks_ports(start: Start) -> None:
    """Node.js opens no vsock by itself; it has a socket of the common kind."""
    functions = await start(provider=WithoutMachine())
    function = functions.node("exports.handler = async (event) => { console.log('line'); return event.a + 1; };")
    outcome = await functions.run(function, {"a": 1})
    assert (outcome.value, "line" in "".join(outcome.logs)) == (2, True)


@pytest.mark.parametrize(
    ("way", "words"), [("exit", "exit status 3"), ("signal", "signal: killed"), ("leave a child", "exit status 3")]
)
async def test_how_a_runtime_ends_is_told_and_the_next_event_has_a_new_one(start: Start, way: str, words: str) -> None:
    """A child that keeps the output open does not keep the machine."""
    functions = await start(provider=WithoutMachine())
    function = functions.python(ENDS)
    outcome = await functions.run(function, {"a": way})
    assert isinstance(outcome, Threw)
    assert words in outcome.error
    assert (await functions.run(function, {"a": ""})).value == 7


def _states(pid: int) -> set[str]:
    """Of all threads of a process."""
    try:
        stats = [each.read_text() for each in Path(f"/proc/{pid}/task").glob("*/stat")]
    except (FileNotFoundError, ProcessLookupError):
        return set()
    return {text.rpartition(")")[2].split()[0] for text in stats}


async def _until(true: Any) -> None:
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 -- what another process does has no event here
            await asyncio.sleep(0.002)
