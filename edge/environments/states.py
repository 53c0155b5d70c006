"""The life of a Lambda execution environment, as a table: what may happen in which state, and what comes of it.

Source: Lambda Developer Guide, "Understanding the Lambda execution environment lifecycle". The table is all there is:
`moved` refuses everything else by name, and the diagram in docs/lambda-edge.md is drawn from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class State(StrEnum):
    """Where an environment is in its life."""

    STARTING = "starting"
    """Code is fetched, the runtime starts, the function's own initialisation runs (INIT). Limited to 10 s."""
    BUSY = "busy"
    """One event is being handled (INVOKE), within the function's timeout."""
    FROZEN = "frozen"
    """Nothing runs: timers and promises wait for the next event."""
    IN_RESET = "in reset"
    """The runtime is gone after an error, /tmp is kept: the next event starts with an initialisation of its own."""
    RESTARTING = "restarting"
    """A suppressed INIT: the initialisation runs as part of an event, within the function's timeout."""
    STOPPING = "stopping"
    """The runtime is told to end (SHUTDOWN), and killed when it does not."""
    GONE = "gone"
    """Nothing is left of it."""


class Move(StrEnum):
    """What happens to an environment."""

    INIT_DONE = "the runtime asks for its first event"
    INIT_FAILED = "INIT ends with an error, an exit, or after 10 s"
    EVENT = "an event comes"
    DONE = "the runtime asks for the next event"
    FAILED = "time runs out, or the runtime ends"
    EXPIRE = "it was idle for too long, or is too old"
    STOPPED = "the last process has ended"


MOVES: Mapping[tuple[State, Move], State] = MappingProxyType(
    {
        (State.STARTING, Move.INIT_DONE): State.FROZEN,
        (State.STARTING, Move.INIT_FAILED): State.IN_RESET,
        (State.STARTING, Move.EXPIRE): State.STOPPING,
        (State.FROZEN, Move.EVENT): State.BUSY,
        (State.FROZEN, Move.FAILED): State.STOPPING,
        (State.FROZEN, Move.EXPIRE): State.STOPPING,
        (State.BUSY, Move.DONE): State.FROZEN,
        (State.BUSY, Move.FAILED): State.IN_RESET,
        (State.BUSY, Move.EXPIRE): State.STOPPING,
        (State.IN_RESET, Move.EVENT): State.RESTARTING,
        (State.IN_RESET, Move.EXPIRE): State.STOPPING,
        (State.RESTARTING, Move.INIT_DONE): State.BUSY,
        (State.RESTARTING, Move.INIT_FAILED): State.IN_RESET,
        (State.RESTARTING, Move.FAILED): State.IN_RESET,
        (State.RESTARTING, Move.EXPIRE): State.STOPPING,
        (State.STOPPING, Move.STOPPED): State.GONE,
    }
)


class IllegalMove(Exception):  # noqa: N818 -- named after what it says
    """Our own mistake: this cannot happen to an environment in that state."""


def moved(state: State, move: Move) -> State:
    """The state after a move. Raises IllegalMove for one that is not in the table."""
    try:
        return MOVES[state, move]
    except KeyError:
        raise IllegalMove(f"{move.name} in state {state.name}") from None


def diagram() -> str:
    """The table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {_name(State.STARTING)}"]
    lines += [f"    {_name(before)} --> {_name(after)}: {move.value}" for (before, move), after in MOVES.items()]
    return "\n".join([*lines, f"    {_name(State.GONE)} --> [*]"])


def _name(state: State) -> str:
    return state.name.lower()
