"""The guest as a thing of the host: what it holds is given back, and what fails outside it is heard of."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref

import pytest

from edge.model.function import CloudFrontFunction, EventType, FunctionCall, Returned, TimedOut
from edge.runtimes.key_value_stores import MemoryStores
from edge.runtimes.quickjs.guest import Guest
from edge.runtimes.quickjs.sealed import SealedRuntime

CODE = "import cf from 'cloudfront';\nasync function handler(event) { return await cf.kvs().get('a'); }"


class BrokenStores(MemoryStores):
    """Stores whose disk is gone, until it is back."""

    broken = True

    def get(self, store: str, key: str) -> str | None:
        if self.broken:
            raise OSError("no disk")
        return super().get(store, key)


def call() -> FunctionCall:
    function = CloudFrontFunction("f", CODE, key_value_store="routes")
    return FunctionCall(function, EventType.VIEWER_REQUEST, {}, None, 0.0, 1, "id")


def test_a_guest_that_nobody_uses_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine is made anew whenever the configuration changes."""
    guests: list[weakref.ref[Guest]] = []
    start = Guest.__init__

    def watched(guest: Guest, *arguments: object) -> None:
        guests.append(weakref.ref(guest))
        start(guest, *arguments)  # type: ignore[arg-type]  # whatever it takes

    monkeypatch.setattr(Guest, "__init__", watched)
    engine = SealedRuntime(MemoryStores({"routes": {"a": "1"}}, 0))
    assert isinstance(engine.run(call()), Returned)
    del engine
    gc.collect()
    assert [guest() for guest in guests] == [None]


def test_a_store_that_fails_is_our_failure_and_not_the_functions() -> None:
    """The error comes out as it was raised, and the next call is served."""
    stores = BrokenStores({"routes": {"a": "1"}}, 0)
    engine = SealedRuntime(stores)
    with pytest.raises(OSError, match="no disk"):
        engine.run(call())
    stores.broken = False
    outcome = engine.run(call())
    assert isinstance(outcome, Returned)
    assert outcome.value == "1"


HANDLER_TAKEN_AWAY = """
import faulthandler
from edge.model.function import CloudFrontFunction, EventType, FunctionCall
from edge.runtimes.key_value_stores import MemoryStores
from edge.runtimes.quickjs.sealed import SealedRuntime

engine = SealedRuntime(MemoryStores({}, 0))
function = CloudFrontFunction("f", "function handler(event) { new Uint8Array(9000000); }")
call = FunctionCall(function, EventType.VIEWER_REQUEST, {}, None, 0.0, 1, "id")
faulthandler.enable()
engine.run(call)
faulthandler.disable()
print(type(engine.run(call)).__name__)
"""


def test_a_signal_handler_of_the_process_does_not_meet_the_limits() -> None:
    """faulthandler, when it is disabled, puts back what was there before; pytest inside pytest does that."""
    done = subprocess.run([sys.executable, "-c", HANDLER_TAKEN_AWAY], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "OutOfMemory\n")


def test_after_a_call_that_was_stopped_even_the_constants_are_written_back() -> None:
    """Its code never writes them; but nobody knows what a call did that had to be stopped."""
    engine = SealedRuntime(MemoryStores({}, 0))
    loop = FunctionCall(
        CloudFrontFunction("f", "function handler(event) { for (;;); }"),
        EventType.VIEWER_REQUEST,
        {},
        None,
        0.0,
        1,
        "id",
    )
    assert isinstance(engine.run(loop), TimedOut)
    guest = engine._guest
    assert guest is not None
    kept = guest.kept
    before = kept._constants
    start = kept._start - len(before)
    guest._memory[start] ^= 255
    assert isinstance(engine.run(loop), TimedOut)
    assert bytes(guest._memory[start : kept._start]) == before
