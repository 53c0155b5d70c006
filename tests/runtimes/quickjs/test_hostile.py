"""Programs that mean harm, as data in hostile/*.js: each is stopped, and the call after it is served as ever.

How long they ran is counted in fuel, which is the same on every machine: FUEL_LIMIT stands for about 1 ms.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.model import quotas
from edge.model.function import FunctionOutcome, OutOfMemory, Returned, Threw, TimedOut
from edge.runtimes.quickjs.guest import Ended, Guest
from edge.runtimes.quickjs.utilization import FUEL_LIMIT

PROGRAMS = sorted((Path(__file__).parent / "hostile").glob("*.js"))


@pytest.fixture
def engine_name() -> str:
    return "sealed"


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
def test_a_hostile_program_stops_and_the_next_call_is_healthy(
    run: Callable[..., FunctionOutcome], program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends as an error or at a limit, within the fuel and the memory of one call, and leaves nothing behind."""
    ends: list[Ended] = []
    run_guest = Guest.run

    def watched(guest: Guest, *arguments: Any) -> Ended:
        ends.append(run_guest(guest, *arguments))
        return ends[-1]

    monkeypatch.setattr(Guest, "run", watched)
    outcome = run(program.read_text("utf-8"))
    assert isinstance(outcome, TimedOut | OutOfMemory | Threw), outcome
    assert ends[-1].fuel <= FUEL_LIMIT
    assert outcome.usage.memory_bytes <= quotas.FUNCTION_MEMORY_MAX_BYTES
    after = run("function handler(event) { return [event.a, 'a'.repeat(3), JSON.stringify([1])]; }", event={"a": 1})
    assert isinstance(after, Returned)
    assert after.value == [1, "aaa", "[1]"]
