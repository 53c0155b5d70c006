"""The protocol between an execution environment and what isolates it.

A provider boots machines; a machine runs one runtime, which speaks the Runtime API over one connected stream. Each says
honestly what it gives.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from edge.model.function import LambdaFunction
from edge.runtimes.lambda_edge.failures import Exited, MemoryRanOut
from edge.runtimes.lambda_edge.runtime_api import RuntimeApi


class Gives(NamedTuple):
    """What a provider can do. `lacks` is for people: what it does not, one sentence each. `boot_max_s` is what INIT may
    take besides its limit, for the start of a machine that AWS does not count."""

    isolates_files: bool
    isolates_processes: bool
    isolates_network: bool
    own_kernel: bool
    limits_cpu: bool
    limits_memory: bool
    freezes: bool
    snapshots: bool
    lacks: tuple[str, ...] = ()
    boot_max_s: float = 0.0


class Unavailable(Exception):  # noqa: N818 -- named after what it says
    """A provider cannot work on this machine. The text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class BootOrder:
    """What to boot. `api` is to be connected to the runtime; `output` hears what it writes, `ended` that it is over:
    with how the runtime ended by itself, or None when it was killed. After `ended` nothing is left of the machine but
    what is in `folder`, the environment's own: it outlives a reset, as /tmp does.
    """

    function: LambdaFunction
    log_stream: str
    region: str
    api: RuntimeApi
    output: Callable[[bytes], None]
    ended: Callable[[Exited | MemoryRanOut | None], None]
    folder: str
    provisioned: bool = False


class Machine(Protocol):
    """One running machine."""

    @property
    def restored(self) -> bool:
        """Whether it began as a copy of something that was warm already."""
        ...

    @property
    def is_alive(self) -> bool:
        """Whether the runtime runs, as far as can be told at once."""
        ...

    def freeze(self) -> None:
        """Stop everything in it, timers too."""
        ...

    def thaw(self) -> None:
        """Let it go on."""
        ...

    def drain(self) -> None:
        """Hand on what it has written until now."""
        ...

    def memory_bytes(self) -> int:
        """Memory in use, 0 when that cannot be known."""
        ...

    def memory_peak_bytes(self) -> int:
        """The most memory that was in use, 0 when that cannot be known."""
        ...

    def kill(self) -> None:
        """End it and all that came of it. `ended` says when nothing is left."""
        ...


class Provider(Protocol):
    """Boots machines."""

    name: str
    gives: Gives

    async def boot(self, order: BootOrder) -> Machine:
        """Start a machine. Raises Unavailable. The runtime's first word on `order.api` says that it is ready."""
        ...

    async def close(self) -> None:
        """Let go of what is shared by machines. They must have ended."""
        ...
