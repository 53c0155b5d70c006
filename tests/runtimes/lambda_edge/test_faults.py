"""Handlers that behave badly: each ends in the documented response, its environment is replaced, nothing of it stays
behind, and others go on. Crashes, exits, leaks, floods and children are in test_lambda_runtime.py, a full /tmp in
test_private_tmp.py, the death of the proxy in test_wardens.py."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from edge.model.function import Returned, Threw, TimedOut

REPLIES = {
    "python": """
import http.client, os
def reply(request_id, body):
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"], timeout=10)
    connection.request("POST", f"/2018-06-01/runtime/invocation/{request_id}/response", body)
    return connection.getresponse().status
def handler(event, context):
    for request_id in event["ids"]:
        print("status", reply(request_id or context.aws_request_id, '"by hand"'))
    return "returned"
""",
    "node": """
const reply = async (id) => {
  const url = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation/${id}/response`;
  return (await fetch(url, { method: 'POST', body: '"by hand"' })).status;
};
exports.handler = async (event, context) => {
  for (const id of event.ids) process.stdout.write(`status ${await reply(id || context.awsRequestId)}\\n`);
  return 'returned';
};
""",
}


def written(functions: Any, language: str) -> Any:
    return getattr(functions, language)(REPLIES[language])


@pytest.mark.parametrize("language", list(REPLIES))
async def test_the_first_of_two_replies_stands(functions: Any, language: str) -> None:
    """The second is refused with 403, and so is what the handler returns; the environment goes on."""
    function = written(functions, language)
    outcome = await functions.run(function, {"ids": ["", ""]})
    assert outcome.value == "by hand"
    while functions.runtime.counts.busy:  # noqa: ASYNC110 -- the handler has not returned yet
        await asyncio.sleep(0.001)
    again = await functions.run(function, {"ids": []})
    assert (again.value, again.report.init_ms) == ("returned", None)


@pytest.mark.parametrize("language", list(REPLIES))
async def test_a_reply_to_another_requests_id_is_refused(functions: Any, language: str) -> None:
    """With 400. The other request, which runs meanwhile, has its own answer."""
    function = written(functions, language)
    other = functions.python("import time\ndef handler(e, c):\n    time.sleep(0.3)\n    return 'untouched'")
    slow = asyncio.create_task(functions.run(other))
    outcome = await functions.run(function, {"ids": ["8476a536-e9f4-11e8-9739-2dfe598c3fcd"]})
    assert (outcome.value, "status 400" in outcome.logs) == ("returned", True)
    assert (await slow).value == "untouched"


async def test_words_in_the_runtimes_own_socket_end_the_environment(functions: Any) -> None:
    """A handler that writes into descriptor 3 has broken its runtime: no further event is answered by it. It ends with
    the next event, or before that came, and is replaced."""
    code = """
import os
def handler(event, context):
    if event.get("bad"):
        os.write(3, b"GET /2018-06-01/nothing HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 0\\r\\n\\r\\n")
    return os.getpid()
"""
    function = functions.python(code)
    first = await functions.run(function, {"bad": True})
    assert isinstance(first, Returned)
    following = await functions.run(function)
    if isinstance(following, Threw):
        following = await functions.run(function)
    assert isinstance(following, Returned)
    assert first.value != following.value


async def test_garbage_in_the_runtimes_own_socket_ends_the_environment(functions: Any) -> None:
    code = (
        "import os\ndef handler(e, c):\n    if e.get('bad'): os.write(3, b'\\x00garbage\\r\\n\\r\\n')\n    return 'ok'"
    )
    function = functions.python(code)
    assert isinstance(await functions.run(function, {"bad": True}), Threw)
    assert (await functions.run(function)).value == "ok"


@pytest.mark.parametrize("language", ["python", "node"])
async def test_a_handler_that_ignores_sigterm_hangs_no_longer_than_its_timeout(functions: Any, language: str) -> None:
    """Without extensions there is no time to shut down: it is killed."""
    code = {
        "python": "import os, signal\ndef handler(e, c):\n    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "    if e.get('bad'):\n        print(os.getpid(), flush=True)\n        while True: pass\n    return 'ok'",
        "node": "process.on('SIGTERM', () => {});\nexports.handler = async (e) => {\n"
        "  if (e.bad) { process.stdout.write(`${process.pid}\\n`); for (;;) ; }\n  return 'ok';\n};",
    }
    function = getattr(functions, language)(code[language], timeout_s=1)
    outcome = await functions.run(function, {"bad": True})
    assert isinstance(outcome, TimedOut)
    (pid,) = (line for line in outcome.logs if line.isdigit())
    assert not os.path.exists(f"/proc/{pid}")  # noqa: ASYNC240 -- one look
    assert (await functions.run(function)).value == "ok"


async def test_a_flood_of_output_leaves_others_their_turn(functions: Any) -> None:
    """Events of another function are answered while one writes without end; what is kept of the flood is 1 MB."""
    flood = functions.node(
        "const line = 'x'.repeat(1000);\nexports.handler = async () => { for (;;) console.log(line); };", timeout_s=2
    )
    calm = functions.python("def handler(e, c): return 'calm'")
    flooding = asyncio.create_task(functions.run(flood))
    for _ in range(20):
        assert (await functions.run(calm)).value == "calm"
    outcome = await flooding
    assert isinstance(outcome, TimedOut)
    assert sum(map(len, outcome.logs)) < 1 << 21


async def test_open_files_have_a_limit(functions: Any) -> None:
    """1,024, as on Lambda; the environment stays."""
    code = "def handler(e, c):\n    held = [open('/dev/null') for _ in range(2000)]"
    function = functions.python(code)
    outcome = await functions.run(function)
    assert isinstance(outcome, Threw)
    assert outcome.error.startswith("OSError: [Errno 24] Too many open files")


async def test_nothing_is_left_of_environments_that_failed(start: Any) -> None:
    """No process, and no file, once the runtime is closed."""
    functions = await start()
    code = "import os, subprocess\ndef handler(e, c):\n    subprocess.Popen(['sleep', '1000'])\n    os._exit(1)"
    for _ in range(3):
        assert isinstance(await functions.run(functions.python(code)), Threw)
    warden = functions.runtime.provider.warden
    await functions.runtime.close()
    assert not os.path.exists(warden.folder)  # noqa: ASYNC240 -- one look
    assert not [pid for pid in _processes() if warden.folder in _environment(pid)]


def _processes() -> list[str]:
    return [name for name in os.listdir("/proc") if name.isdigit()]


def _environment(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/environ").read_text(errors="replace")
    except OSError:
        return ""
