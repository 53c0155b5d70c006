"""The vsock's side of the guest in a real Linux, under QEMU: the first program's branch for Firecracker, the kernel's
modules, `guest_vsock.py`, the agent and a handler. The host is played inside of the guest, over the kernel's loopback:
this machine has no vsock between a host and its guests. How handlers are served over Unix sockets in its place is in
`test_firecracker.py`. Skipped as `test_microvm.py` is."""

from __future__ import annotations

import asyncio
import gzip
import json
import shutil
import sys
from pathlib import Path

import pytest

from edge.model.function import LambdaFunction
from edge.runtimes.lambda_edge import variables
from edge.runtimes.lambda_edge.providers import (
    guest_vsock,
    initial_file_system,
    kvm_probe,
    microvm_guest,
    microvm_machine,
)
from edge.runtimes.lambda_edge.providers.initial_file_system import Member
from edge.runtimes.lambda_edge.providers.provider import Unavailable

from .conftest import PYTHON, guest_folder

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the guest is Debian's")

HANDLER = """
import os
def handler(event, context):
    print("the handler has", event)
    if event == "exit":
        os._exit(5)
    return event + 1
"""
HOST = """
import json, os, socket, struct, time

def listening(port):
    server = socket.socket(socket.AF_VSOCK)
    server.bind((0xFFFFFFFF, port))
    server.listen()
    return server

def event(number, body):
    head = f"Lambda-Runtime-Aws-Request-Id: {number}\\r\\nLambda-Runtime-Invoked-Function-Arn: arn\\r\\n"
    head += f"Lambda-Runtime-Deadline-Ms: 9999999999999\\r\\nContent-Length: {len(body)}\\r\\n\\r\\n"
    return ("HTTP/1.1 200 OK\\r\\n" + head + body).encode()

def heard(connection, until):
    data = b""
    while not data.endswith(until) and (piece := connection.recv(4096)):
        data += piece
    return data

servers = [listening(port) for port in (1, 2, 3)]
api, log, agent = servers[0], servers[1], servers[2].accept()[0]
agent.sendall(struct.pack("=qqii32s", 4000000000, 0, 256, 32, os.urandom(32)))
assert agent.recv(1) == b"."
said = {"clock": time.time()}
api, log = api.accept()[0], log.accept()[0]
said["first"] = heard(api, b"\\r\\n\\r\\n").split(b"\\r\\n")[0].decode()
api.sendall(event(1, "41"))
said["result"] = heard(api, b"0\\r\\n\\r\\n").split(b"\\r\\n\\r\\n")[1][:2].decode()
said["log"] = log.recv(4096).decode()
api.sendall(b"HTTP/1.1 202 Accepted\\r\\nContent-Length: 0\\r\\n\\r\\n" + event(2, '"exit"'))
said["end"] = heard(api, b"never").decode()
with open("/dev/ttyS0", "w") as console:
    print("HOST", json.dumps(said), file=console, flush=True)
"""


async def test_a_guest_serves_a_handler_over_its_vsock_and_resets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The agent sets the clock, results and logs come by ports of their own, the runtime's status is the last word."""
    if shutil.which(microvm_machine.PROGRAM) is None:
        pytest.skip("microVMs need QEMU")
    try:
        guest = microvm_guest.found(guest_folder())
    except Unavailable as missing:
        pytest.skip(str(missing))
    monkeypatch.setattr(microvm_guest, "_PROGRAMS", _programs_with_a_local_host(tmp_path))
    (tmp_path / "task").mkdir()
    (tmp_path / "task" / "app.py").write_text(HANDLER)
    (tmp_path / "task" / "host.py").write_text(HOST)
    function = LambdaFunction("f", "1", str(tmp_path / "task"), "app.handler", PYTHON)
    environ = variables.variables(function, "eu-west-1", "stream", task_root="/var/task")
    microvm_guest.make_function_image(
        tmp_path / "task", environ, microvm_guest.command(PYTHON), tmp_path / "function.ext4"
    )
    guest = guest._replace(initial=_initial_with_a_host(guest.initial, tmp_path / "initrd"))
    command = microvm_machine.command(
        kvm_probe.acceleration(),
        guest,
        tmp_path,
        tmp_path / "function.ext4",
        tmp_path / "memory",
        256,
        is_restored=False,
    )
    command[command.index("-append") + 1] += f" {microvm_guest.VSOCK_ARGUMENT}"
    machine = await asyncio.create_subprocess_exec(*command[: command.index("virtio-serial-device") - 1])
    try:
        async with asyncio.timeout(90):
            await machine.wait()
    finally:
        if machine.returncode is None:
            machine.kill()
            await machine.wait()
    console = (tmp_path / "console").read_text()
    (told,) = (json.loads(line[4:]) for line in console.splitlines() if line.startswith("HOST"))
    assert 4e9 <= told.pop("clock") < 4e9 + 60
    assert told == {
        "first": "GET /2018-06-01/runtime/invocation/next HTTP/1.1",
        "result": "42",
        "log": "the handler has 41\n",
        "end": "",
    }
    assert microvm_machine.how_it_ended(None, console, console) == microvm_machine.Exited(5)


def _programs_with_a_local_host(folder: Path) -> tuple[Path, ...]:
    """The guest's programs, of which `guest_vsock.py` looks for its host in the guest."""
    program = Path(guest_vsock.__file__)
    text = program.read_text()
    assert "\n_HOST = 2\n" in text
    (folder / program.name).write_text(text.replace("\n_HOST = 2\n", "\n_HOST = 1\n"))
    return (*(each for each in microvm_guest._PROGRAMS if each.name != program.name), folder / program.name)


def _initial_with_a_host(initial: Path, made: Path) -> Path:
    """The initial file system, whose first program also starts the host, once there is a loopback."""
    starts = "if [ $port = /dev/vsock ]; then\n"
    python = " ".join(microvm_guest.command(PYTHON)[:-1])
    host = f"    $b insmod /modules/vsock_loopback.ko; $b chroot /root {python} /var/task/host.py &\n"
    text = microvm_guest._INIT
    assert starts in text
    first = Member("init", 0o100755, text.replace(starts, starts + host).encode())
    packed = initial.read_bytes()
    made.write_bytes(packed + bytes(-len(packed) % 4) + gzip.compress(initial_file_system.archive([first])))
    return made
