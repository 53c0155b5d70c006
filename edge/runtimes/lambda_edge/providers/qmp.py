"""QEMU's machine protocol: orders to one virtual machine, over a socket that QEMU connects to.

Source: QEMU's documentation, "QMP protocol specification", "QMP reference manual".
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

ANSWER_MAX_S = 30.0
"""A virtual machine that has not answered by then is lost: after an error inside of KVM, QEMU stays and is silent."""
_POLL_S = 0.001


class QmpError(Exception):
    """QEMU refused an order, or did not answer. The text has its words."""


class Qmp:
    """The channel to one machine. `path` is of the socket that QEMU connects to when it starts with `arguments`.
    `broken` is called when the machine stands still because of an error inside of KVM."""

    def __init__(self, path: Path, broken: Callable[[], None]) -> None:
        self.arguments = ["-qmp", f"unix:{path}"]
        self._path = path
        self._broken = broken
        self._server: asyncio.Server | None = None
        self._connected: asyncio.Future[asyncio.StreamWriter] = asyncio.get_running_loop().create_future()
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._looking: asyncio.Task[None] | None = None

    async def listen(self) -> None:
        """Be there before QEMU starts."""
        self._server = await asyncio.start_unix_server(self._serve, self._path)

    async def execute(self, order: str, **arguments: Any) -> Any:
        """Have one order carried out, and return what QEMU returns. Raises QmpError."""
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(ANSWER_MAX_S):
                writer = await asyncio.shield(self._connected)
                text = json.dumps({"execute": order, "arguments": arguments, "id": number})
                writer.write(text.encode() + b"\n")
                said = await answer
        except TimeoutError:
            raise QmpError(f"the virtual machine did not answer {order} within {ANSWER_MAX_S:g} s") from None
        finally:
            del self._answers[number]
        if "return" not in said:
            raise QmpError(f"{order}: {said.get('error', {}).get('desc', 'the virtual machine has ended')}")
        return said["return"]

    async def save(self, state: Path) -> None:
        """Stop the machine and write its state; its memory is a file of its own, and is left out. Raises QmpError."""
        await self.execute("stop")
        await self._ignore_shared_memory()
        await self.execute("migrate", uri=f"exec:cat>{state}")
        while (status := (await self.execute("query-migrate")).get("status")) != "completed":
            if status == "failed":
                raise QmpError("the state of the virtual machine cannot be saved")
            await asyncio.sleep(_POLL_S)

    async def restore(self, state: int) -> None:
        """Load a state, which QEMU has open as a descriptor, into a machine that was started for it (`-incoming
        defer`). It stands still, then. Raises QmpError."""
        await self._ignore_shared_memory()
        await self.execute("migrate-incoming", uri=f"fd:{state}")
        while (await self.execute("query-status"))["status"] == "inmigrate":  # noqa: ASYNC110 -- QEMU 7 sends no event
            await asyncio.sleep(_POLL_S)

    def close(self) -> None:
        """The machine has ended."""
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)
        if self._connected.done() and not self._connected.cancelled():
            self._connected.result().close()
        self._connected.cancel()
        for answer in self._answers.values():
            if not answer.done():
                answer.set_result({})

    async def _ignore_shared_memory(self) -> None:
        capability = {"capability": "x-ignore-shared", "state": True}
        await self.execute("migrate-set-capabilities", capabilities=[capability])

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()  # the greeting
        writer.write(b'{"execute": "qmp_capabilities"}\n')
        await reader.readline()
        if self._connected.done():
            writer.close()
            return
        self._connected.set_result(writer)
        while line := await reader.readline():
            said = json.loads(line)
            answer = self._answers.get(said.get("id", 0))
            if answer is not None and not answer.done():
                answer.set_result(said)
            elif said.get("event") == "STOP":
                self._looking = asyncio.create_task(self._look())

    async def _look(self) -> None:
        """The machine stands still: because it was told to, or because KVM cannot go on."""
        with contextlib.suppress(QmpError):
            if (await self.execute("query-status"))["status"] == "internal-error":
                self._broken()
