"""A guest's memory after a call: the blocks that it wrote to are copied back, and with them all is as before.

That it is, `restored_whole` holds here, and in every other test in this folder.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from edge.model.function import CloudFrontFunction, EventType, FunctionCall, FunctionOutcome, Returned, Threw
from edge.runtimes.key_value_stores import MemoryStores
from edge.runtimes.quickjs.guest import Guest
from edge.runtimes.quickjs.sealed import SealedRuntime

PUBLISHED = json.loads((Path(__file__).parent / "published_runs.json").read_text("utf-8"))
SAMPLES = [(run["code"], PUBLISHED["events"][run["event"]]) for run in PUBLISHED["runs"]]
CHANGES = [
    "String.prototype.toString = Array.prototype.map = function () { return 'left'; }; delete JSON.parse;",
    "globalThis.left = event; Object.prototype.left = [event]; require('crypto').createHash = null;",
    "for (var i = 0; i < 2000; i++) globalThis['left' + i] = Symbol.for('left' + i);",
    "var kept = new Uint8Array(300000).fill(7); globalThis.kept = kept;",
    "globalThis.kept = 'x'.repeat(900).split('').map(function (x, i) { return x + i % 9; }).slice(0, 700);",
    "/(a+)(b+)/.exec('xxaabb'); Date.now(); Math.random(); [3, 1, 2].sort(); encodeURIComponent('\u20ac');",
    "Object.defineProperty(event, 'x', {get: function () { throw 1; }}); try { event.x; } catch (e) {}",
    "throw new TypeError('lost');",
    "(function deep(n) { return n ? deep(n - 1) + 1 : 0; })(150);",
    "console.log(event, [1, 2, {a: 1}]); require('querystring').parse('a=1&b=2');",
    "Buffer.from('text').toString('base64'); new TextEncoder().encode('text'); atob('dGV4dA==');",
    "Promise.resolve(1).then(function (x) { globalThis.later = x; });",
]
PROGRAMS = [
    *SAMPLES,
    *((f"function handler(event) {{ {change} return event; }}", {"a": {"b": [1]}}) for change in CHANGES),
]


@pytest.fixture
def engine() -> SealedRuntime:
    """One of its own."""
    return SealedRuntime(MemoryStores({}, 0))


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each time that only marked blocks were copied."""
    made: list[int] = []
    copy_marked = Guest._copy_marked

    def counted(guest: Guest, *arguments: int) -> None:
        made.append(1)
        copy_marked(guest, *arguments)

    monkeypatch.setattr(Guest, "_copy_marked", counted)
    return made


def run(engine: SealedRuntime, code: str, event: Any) -> FunctionOutcome:
    """One call."""
    function = CloudFrontFunction("f", code)
    return engine.run(FunctionCall(function, EventType.VIEWER_REQUEST, event, None, 1_700_000_000.0, 1, "id"))


@pytest.mark.parametrize(("code", "event"), PROGRAMS)
def test_what_a_call_wrote_is_undone_before_the_next(
    engine: SealedRuntime, copied: list[int], code: str, event: Any
) -> None:
    """Samples, and functions that change all they can reach: each call gives what the first one gave."""
    outcomes = [run(engine, code, event) for _ in range(6)]
    assert isinstance(outcomes[0], Returned | Threw)
    assert outcomes == outcomes[:1] * 6
    assert len(copied) >= 4


def test_functions_take_turns_without_meeting(engine: SealedRuntime, copied: list[int]) -> None:
    """In any order. Where one follows another again, what differs between them is copied besides."""
    chance = random.Random(1)
    first = [run(engine, code, event) for code, event in PROGRAMS]
    for index in chance.choices(range(len(PROGRAMS)), k=400):
        assert run(engine, *PROGRAMS[index]) == first[index]
    copied.clear()
    for index in (0, 1) * 6:
        assert run(engine, *PROGRAMS[index]) == first[index]
    assert len(copied) >= 8


@pytest.mark.parametrize("end", ["for (;;);", "new Uint8Array(9000000);"])
def test_after_a_call_that_was_stopped_all_is_written_back(engine: SealedRuntime, copied: list[int], end: str) -> None:
    """Nobody knows what it did."""
    code = f"function handler(event) {{ globalThis.left = 1; if (event.stop) {{ {end} }} return typeof left; }}"
    for _ in range(4):
        assert isinstance(run(engine, code, {"stop": False}), Returned)
        copied.clear()
        assert not isinstance(run(engine, code, {"stop": True}), Returned)
        copied.clear()
        assert isinstance(run(engine, code, {"stop": False}), Returned)
        assert copied == []


def test_more_images_than_there_is_room_for_make_room(
    engine: SealedRuntime, copied: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each function is served as ever, and copied from again when it comes again."""
    codes = [f"function handler(event) {{ event.n = {n}; return event; }}" for n in range(40)]
    for _ in range(2):
        for n, code in enumerate(codes):
            outcomes = [run(engine, code, {"a": "x" * n}) for _ in range(4)]
            assert [each.value for each in outcomes if isinstance(each, Returned)] == [{"a": "x" * n, "n": n}] * 4
    assert len(copied) >= 80


def test_an_image_that_fits_nowhere_is_written_back(engine: SealedRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is slower, and that is all."""
    monkeypatch.setattr("edge.runtimes.quickjs.guest_memory.IMAGES_BYTES", 100_000)
    for _ in range(4):
        assert run(engine, *PROGRAMS[0]) == run(engine, *PROGRAMS[0])
    guest = engine._guest
    assert guest is not None
    assert guest.kept._places == {}
