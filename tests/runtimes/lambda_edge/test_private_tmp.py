"""A /tmp for each environment: its own, of 512 MB, kept over a reset, gone at the end."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from edge.model import quotas
from edge.model.function import Threw
from edge.runtimes.lambda_edge import private_tmp, warden

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="mount namespaces are Linux's")


@pytest.fixture(autouse=True)
def needs_namespaces() -> None:
    """Skips where this user may not make a mount namespace, with the system's reason."""
    program = "import runpy, sys; m = runpy.run_path(sys.argv[1]); m['enter'](print)"
    done = subprocess.run(
        [sys.executable, "-I", "-c", program, private_tmp.__file__], capture_output=True, text=True, check=True
    )
    if done.stdout:
        pytest.skip(done.stdout.strip())


def test_its_size_is_the_quota() -> None:
    assert warden.TMP_MAX_BYTES == quotas.LAMBDA_TMP_MAX_BYTES


async def test_what_a_function_writes_to_tmp_is_not_in_this_machines(functions: Any) -> None:
    """Nor does it see what is there; its own code is where it was, though that is below /tmp here."""
    name = f"edge-test-{os.getpid()}"
    code = f"""
import os
def handler(e, c):
    open("/tmp/{name}", "w").close()
    return [os.path.exists("/tmp/{name}"), os.path.exists(__file__), os.environ["TMPDIR"], os.listdir(e["private"])]
"""
    function = functions.python(code)
    private = Path(function.code_path).parent
    (private / "not-for-functions").touch()
    outcome = await functions.run(function, {"private": str(private)})
    assert outcome.value == [True, True, "/tmp", [Path(function.code_path).name]]
    assert not Path(f"/tmp/{name}").exists()  # noqa: ASYNC240 -- one look


async def test_it_is_kept_over_a_reset(functions: Any) -> None:
    code = """
import os
def handler(e, c):
    if e.get("crash"):
        open("/tmp/kept", "w").close()
        os._exit(1)
    return os.path.exists("/tmp/kept")
"""
    function = functions.python(code)
    assert isinstance(await functions.run(function, {"crash": True}), Threw)
    assert (await functions.run(function)).value is True
    assert functions.runtime.counts.environments == 1


@pytest.mark.parametrize("files", [1, 200])
async def test_ten_gigabytes_do_not_fit(functions: Any, files: int) -> None:
    """The file system is full after 512 MB, in one file or in many. The next event has an environment as before."""
    code = """
import os
def handler(e, c):
    if "files" not in e:
        return "ok"
    for number in range(e["files"]):
        with open(f"/tmp/{number}", "wb") as file:
            os.posix_fallocate(file.fileno(), 0, (10 << 30) // e["files"])
"""
    function = functions.python(code)
    outcome = await functions.run(function, {"files": files})
    assert isinstance(outcome, Threw)
    assert outcome.error == "OSError: [Errno 28] No space left on device" or files == 1
    assert outcome.error.startswith(("OSError: [Errno 28]", "OSError: [Errno 27]"))
    assert (await functions.run(function)).value == "ok"


async def test_node_is_told_that_there_is_no_space(functions: Any) -> None:
    code = """
const fs = require('node:fs');
exports.handler = async () => {
  const file = fs.openSync('/tmp/big', 'w');
  const chunk = Buffer.alloc(1 << 24);
  for (let written = 0; written < 10 * 2 ** 30; written += chunk.length) fs.writeSync(file, chunk);
};
"""
    outcome = await functions.run(functions.node(code))
    assert isinstance(outcome, Threw)
    assert outcome.error == "Error: ENOSPC: no space left on device, write"


def mounts(functions: Any) -> str:
    """What is mounted in the warden's namespace."""
    return Path(f"/proc/{functions.runtime.provider.warden._process.pid}/mounts").read_text()


async def test_it_goes_with_its_environment(functions: Any) -> None:
    """Its memory is free again while the warden lives on."""
    function = functions.python("def handler(e, c): return 1")
    await functions.run(function)
    assert "environment-1" in mounts(functions)
    functions.runtime.refresh()
    while functions.runtime.counts.environments:  # noqa: ASYNC110 -- ends of processes have no event here
        await asyncio.sleep(0.001)
    assert "environment-1" not in mounts(functions)


async def test_code_in_tmp_itself_keeps_this_machines(functions: Any, tmp_path: Path) -> None:
    """A package that is /tmp cannot be hidden by another /tmp."""
    assert not private_tmp.may_hide_tmp(["/tmp"])
    assert private_tmp.may_hide_tmp([str(tmp_path)])


@pytest.mark.parametrize("attempt", ["open(__file__, 'a')", "os.mkdir(os.path.dirname(__file__) + '/made')"])
async def test_code_can_only_be_read(functions: Any, attempt: str) -> None:
    """The file system of /var/task is read-only on Lambda; a handler does not change your sources."""
    outcome = await functions.run(functions.python(f"import os\ndef handler(e, c): {attempt}"))
    assert isinstance(outcome, Threw)
    assert outcome.error.startswith("OSError: [Errno 30] Read-only file system")
