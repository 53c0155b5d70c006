"""The life of an execution environment."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from edge.environments.states import MOVES, IllegalMove, Move, State, diagram, moved


def lived(*moves: Move) -> State:
    """The state of an environment after these moves from its start."""
    state = State.STARTING
    for move in moves:
        state = moved(state, move)
    return state


def test_warm_reuse_alternates_between_busy_and_frozen() -> None:
    assert lived(Move.INIT_DONE, Move.EVENT) is State.BUSY
    assert lived(Move.INIT_DONE, Move.EVENT, Move.DONE) is State.FROZEN
    assert lived(Move.INIT_DONE, Move.EVENT, Move.DONE, Move.EVENT) is State.BUSY


def test_an_init_that_fails_is_tried_again_with_the_first_event() -> None:
    """Under the function's timeout, as part of the event."""
    assert lived(Move.INIT_FAILED) is State.IN_RESET
    assert lived(Move.INIT_FAILED, Move.EVENT) is State.RESTARTING
    assert lived(Move.INIT_FAILED, Move.EVENT, Move.INIT_DONE) is State.BUSY


def test_a_crash_or_timeout_resets_the_environment() -> None:
    """The next event has a suppressed init in front of it."""
    crashed = (Move.INIT_DONE, Move.EVENT, Move.FAILED)
    assert lived(*crashed) is State.IN_RESET
    assert lived(*crashed, Move.EVENT, Move.INIT_DONE, Move.DONE) is State.FROZEN
    assert lived(*crashed, Move.EVENT, Move.FAILED) is State.IN_RESET


def test_every_life_ends() -> None:
    """From each state there is a way to GONE, and from there none."""
    ends = {State.GONE}
    while more := {before for (before, _), after in MOVES.items() if after in ends} - ends:
        ends |= more
    assert ends == set(State)
    assert not any(before is State.GONE for before, _ in MOVES)


@pytest.mark.parametrize(
    ("state", "move"), [each for each in product(State, Move) if each not in MOVES], ids=lambda each: each.name
)
def test_a_move_that_is_not_in_the_table_is_refused_by_name(state: State, move: Move) -> None:
    with pytest.raises(IllegalMove, match=f"{move.name} in state {state.name}"):
        moved(state, move)


def test_the_diagram_in_the_docs_is_that_of_the_table() -> None:
    docs = Path(__file__).parents[2] / "docs" / "lambda-edge.md"
    assert f"```mermaid\n{diagram()}\n```" in docs.read_text()


def test_the_diagram_has_every_move() -> None:
    lines = diagram().splitlines()
    assert lines[0] == "stateDiagram-v2"
    assert "    frozen --> busy: an event comes" in lines
    assert len(lines) == len(MOVES) + 3
