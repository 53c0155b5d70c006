"""The life of real environments: cold and warm, resets, limits; badly behaved functions leave nothing behind."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.environments.pool import Limits
from edge.model.function import (
    EventType,
    FunctionCall,
    Invalid,
    LambdaFunction,
    OutOfMemory,
    Returned,
    Threw,
    Throttled,
    TimedOut,
)
from edge.runtimes.lambda_edge.lambda_runtime import LambdaRuntime
from edge.runtimes.lambda_edge.providers.process import ProcessProvider


def state_of(pid: int) -> str:
    """The state of a process in /proc: R, S, T (stopped), Z (zombie); "" for none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return ""


def is_alive(pid: int) -> bool:
    return state_of(pid) not in ("", "Z")


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for something that comes about by itself; the test's own time limit is the limit."""
    while not is_so():  # noqa: ASYNC110 -- the operating system sends no event for it
        await asyncio.sleep(0.001)


async def test_an_environment_handles_one_event_at_a_time(start: Any) -> None:
    """Two events at once are two environments."""
    functions = await start(starts_max=2)
    code = "import os, time\ndef handler(e, c):\n    time.sleep(0.2)\n    return os.getpid()"
    function = functions.python(code)
    one, two = await asyncio.gather(functions.run(function), functions.run(function))
    assert one.value != two.value
    assert functions.runtime.counts.cold == 2


async def test_events_that_wait_for_a_start_take_an_environment_that_is_free(start: Any) -> None:
    """A burst does not start a process for each event."""
    functions = await start(starts_max=1)
    function = functions.python("def handler(e, c): return e['n']")
    outcomes = await asyncio.gather(*(functions.run(function, {"n": n}) for n in range(40)))
    assert [outcome.value for outcome in outcomes] == list(range(40))
    assert functions.runtime.counts.cold < 10


async def test_trap_18_what_is_over_the_concurrency_is_throttled(start: Any) -> None:
    functions = await start(limits=Limits(account_concurrency=1, environment_rps=None))
    function = functions.python("import time\ndef handler(e, c): time.sleep(0.2)")
    one, two = await asyncio.gather(functions.run(function), functions.run(function))
    assert isinstance(one, Returned)
    assert two == Throttled("ConcurrentInvocationLimitExceeded")


async def test_trap_17_a_timeout_resets_the_environment(functions: Any) -> None:
    """The next event initialises anew, in the same environment, as part of its duration."""
    code = "import time\nn = 0\ndef handler(e, c):\n    global n\n    n += 1\n    time.sleep(e['s'])\n    return n"
    function = functions.python(code, timeout_s=0.5)
    assert (await functions.run(function, {"s": 0})).value == 1
    slow = await functions.run(function, {"s": 60})
    assert isinstance(slow, TimedOut)
    payload: Any = slow.payload
    assert payload["errorMessage"].endswith("Error: Task timed out after 0.50 seconds")
    assert slow.logs[-1].endswith("\tStatus: timeout")
    again = await functions.run(function, {"s": 0})
    assert (again.value, again.report.init_ms) == (1, None)
    assert functions.runtime.counts.environments == 1


async def test_an_init_that_fails_is_tried_again_with_the_event(functions: Any) -> None:
    """Both tries are in the log."""
    function = functions.python("print('trying')\nraise SystemExit(4)")
    outcome = await functions.run(function)
    assert isinstance(outcome, Threw)
    assert outcome.error == "Runtime.ExitError: Runtime exited with error: exit status 4"
    assert outcome.logs.count("trying") == 2
    assert "Phase: init\tStatus: error\tError Type: Runtime.ExitError" in outcome.logs[2]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("os._exit(3)", "exit status 3"),
        ("os._exit(0)", "without providing a reason"),
        ("os.kill(os.getpid(), 9)", "signal: killed"),
        ("os.closerange(0, 100); time.sleep(60)", "without providing a reason"),
    ],
)
async def test_a_handler_that_ends_its_runtime(functions: Any, code: str, error: str) -> None:
    """By exit, by signal, or by closing its sockets. Others are untouched, the next event is served."""
    bad = functions.python(f"import os, time\ndef handler(e, c):\n    if e.get('bad'): {code}\n    return 'ok'")
    good = functions.python("def handler(e, c): return 'good'")
    assert (await functions.run(good)).value == "good"
    outcome = await functions.run(bad, {"bad": True})
    assert isinstance(outcome, Threw)
    assert outcome.error.endswith(error)
    assert (await functions.run(bad)).value == "ok"
    assert (await functions.run(good)).value == "good"


async def test_a_handler_that_leaks_memory_is_killed(functions: Any) -> None:
    code = """
import time
def handler(e, c):
    held = []
    while True:
        held.append(bytearray(1 << 20))
        time.sleep(0.001)
"""
    outcome = await functions.run(functions.python(code))
    assert isinstance(outcome, OutOfMemory)
    assert outcome.report is not None
    assert outcome.report.memory_used_mb > 128
    payload: Any = outcome.payload
    assert payload["errorType"] == "Runtime.OutOfMemory"


async def test_memory_that_was_too_much_for_a_moment_only_is_noticed(functions: Any) -> None:
    """The handler answers all the same; on Lambda it would not have come to that."""
    code = "def handler(e, c):\n    held = bytearray(e['mb'] << 20)\n    return len(held)"
    function = functions.python(code)
    assert (await functions.run(function, {"mb": 50})).value == 50 << 20
    assert isinstance(await functions.run(function, {"mb": 200}), OutOfMemory)


async def test_node_has_a_heap_that_fits_its_memory(functions: Any) -> None:
    """As Lambda starts it: garbage is collected before memory runs out."""
    code = "exports.handler = async () => require('v8').getHeapStatistics().heap_size_limit"
    heap = (await functions.run(functions.node(code, memory_mb=256))).value
    assert 230 << 20 <= heap < 290 << 20


async def test_children_end_with_their_environment(functions: Any) -> None:
    """Those that ignore signals, left the process group or were left by their parents, too."""
    code = """
import os, signal, time
def handler(e, c):
    pids = []
    for leave in (False, True):
        read, write = os.pipe()
        if os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            if leave:
                os.setsid()
                if os.fork():
                    os._exit(0)
            os.write(write, str(os.getpid()).encode())
            time.sleep(1000)
        pids.append(int(os.read(read, 20)))
    print(*pids)
    os._exit(1)
"""
    outcome = await functions.run(functions.python(code))
    assert isinstance(outcome, Threw)
    (pids,) = (line for line in outcome.logs if line.replace(" ", "").isdigit())
    assert not [pid for pid in map(int, pids.split()) if is_alive(pid)]


async def test_a_flood_of_output_is_cut(functions: Any) -> None:
    code = "def handler(e, c):\n    for _ in range(3000): print('x' * 1000)\n    return 'done'"
    outcome = await functions.run(functions.python(code))
    assert outcome.value == "done"
    assert any("more bytes of output are not shown" in line for line in outcome.logs)


async def test_timers_and_processors_stand_still_between_events(functions: Any) -> None:
    """SIGSTOP: the state of the process is T."""
    function = functions.python("import os\ndef handler(e, c): return os.getpid()")
    pid = (await functions.run(function)).value
    await until(lambda: state_of(pid) == "T")


async def test_an_environment_that_dies_in_its_sleep_is_replaced(functions: Any) -> None:
    """By a suppressed init at the next event."""
    function = functions.python("import os\ndef handler(e, c): return os.getpid()")
    pid = (await functions.run(function)).value
    os.kill(pid, 9)
    await until(lambda: not is_alive(pid))
    outcome = await functions.run(function)
    assert isinstance(outcome, Returned)
    assert outcome.value != pid


async def test_a_warden_that_was_killed_is_started_again(functions: Any) -> None:
    """Its environments end with it."""
    function = functions.python("import os\ndef handler(e, c): return os.getpid()")
    pid = (await functions.run(function)).value
    warden = functions.runtime.provider.warden
    warden._process.kill()
    warden._process.wait()
    await until(lambda: not is_alive(pid))
    assert isinstance(await functions.run(function), Returned)


async def test_a_caller_that_leaves_does_not_stop_the_event(functions: Any) -> None:
    """The environment comes back."""
    function = functions.python(
        "import time\nn = 0\ndef handler(e, c):\n    global n; n += 1\n    time.sleep(0.1)\n    return n"
    )
    await functions.run(function)
    task = asyncio.create_task(functions.run(function))
    await until(lambda: functions.runtime.counts.busy == 1)
    task.cancel()
    await until(lambda: functions.runtime.counts.busy == 0)
    assert (await functions.run(function)).value == 3


async def test_provisioned_environments_are_there_before_the_first_event(start: Any) -> None:
    """Which has no init duration, then."""
    functions = await start(limits=Limits(provisioned={"f1:3": 2}, environment_rps=None))
    function = functions.python("import os\ndef handler(e, c): return os.environ['AWS_LAMBDA_INITIALIZATION_TYPE']")
    await functions.runtime.prewarm(function)
    assert functions.runtime.counts.environments == 2
    outcome = await functions.run(function)
    assert (outcome.value, outcome.report.init_ms) == ("provisioned-concurrency", None)


async def test_an_environment_can_be_warmed_before_the_first_event(functions: Any) -> None:
    """Once; an INIT that fails is tried again with the event, as ever."""
    function = functions.python("def handler(e, c): return 1")
    await functions.runtime.warm(function)
    await functions.runtime.warm(function)
    made = await functions.run(function)
    assert (made.value, made.report.init_ms, functions.runtime.counts.cold) == (1, None, 1)
    broken = functions.python("1 / 0")
    await functions.runtime.warm(broken)
    assert isinstance(await functions.run(broken), Threw)


async def test_two_hundred_events_at_once_are_all_answered(functions: Any) -> None:
    """Nothing is refused that the limits allow."""
    function = functions.python("def handler(e, c): return e['n']")
    outcomes = await asyncio.gather(*(functions.run(function, {"n": n}) for n in range(200)))
    assert [outcome.value for outcome in outcomes] == list(range(200))


async def test_new_code_is_taken_up_by_the_next_event(functions: Any) -> None:
    """One that is under way ends with the code it began with, and its environment goes then."""
    function = functions.python("import time\ndef handler(e, c):\n    time.sleep(0.1)\n    return 'old'")
    busy = asyncio.create_task(functions.run(function))
    await until(lambda: functions.runtime.counts.busy == 1)
    functions.runtime.refresh()
    Path(function.code_path, "app.py").write_text("def handler(e, c): return 'new'")  # noqa: ASYNC240 -- a small file
    assert (await busy).value in ("old", "new")
    assert (await functions.run(function)).value == "new"


async def test_idle_environments_end(start: Any) -> None:
    functions = await start(limits=Limits(idle_expiry_s=0.05, environment_rps=None))
    pid = (await functions.run(functions.python("import os\ndef handler(e, c): return os.getpid()"))).value
    await until(lambda: functions.runtime.counts.environments == 0)
    assert not is_alive(pid)


async def test_a_runtime_that_is_not_here_is_said(functions: Any) -> None:
    outcome = await functions.run(functions.package({"a.rb": ""}, "a.handler", "ruby3.3"))
    assert outcome == Invalid("the runtime ruby3.3 is neither nodejsN.x nor python3.N")


def test_it_runs_on_uvloop_too(tmp_path: Path) -> None:
    """The proxy's event loop where there is one: its transports and sockets are others."""
    uvloop = pytest.importorskip("uvloop", reason="uvloop is not installed")
    code = "import os\ndef handler(e, c):\n    print('x')\n    if e.get('bad'): os._exit(2)\n    return 1"
    (tmp_path / "app.py").write_text(code)
    function = LambdaFunction("f", "1", str(tmp_path), "app.handler", "python3.11", timeout_s=20)

    async def run() -> list[object]:
        provider = ProcessProvider()
        runtime = LambdaRuntime(provider, Path(provider.warden.folder))
        outcomes = [await runtime.run(call(function, event)) for event in ({"bad": 1}, {"a": 1}, {"a": 2})]
        await runtime.close()
        return [type(each) for each in outcomes]

    assert uvloop.run(run()) == [Threw, Returned, Returned]


def call(function: LambdaFunction, event: Any) -> FunctionCall:
    return FunctionCall(function, EventType.ORIGIN_REQUEST, event, None, 0, 1, "q1==")
