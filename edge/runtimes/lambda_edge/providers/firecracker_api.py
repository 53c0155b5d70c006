"""Firecracker's API: orders to one virtual machine, each an HTTP request over the Unix socket of its process.

Source: Firecracker's documentation, "Getting started", "Snapshotting", and the description of its API
(`firecracker.yaml`), version 1.12.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

ANSWER_MAX_S = 30.0
"""A machine that has not answered by then is lost."""
_ANSWER_MAX_BYTES = 1 << 20
_POLL_S = 0.001


class FirecrackerError(Exception):
    """Firecracker refused an order, or did not answer. The text has its words."""


class FirecrackerApi:
    """The orders to one machine. `socket` is what its process was started with (`--api-sock`)."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    async def ready(self, is_alive: Callable[[], bool]) -> None:
        """Wait until the process answers. Raises FirecrackerError, at once when the process has ended."""
        deadline = asyncio.get_running_loop().time() + ANSWER_MAX_S
        while True:
            lives = is_alive()
            try:
                _, writer = await asyncio.open_unix_connection(self._socket)
            except OSError:
                pass
            else:
                writer.close()
                return
            if not lives:
                raise FirecrackerError("Firecracker ended before it answered")
            if asyncio.get_running_loop().time() > deadline:
                raise FirecrackerError(f"Firecracker did not open {self._socket} within {ANSWER_MAX_S:g} s")
            await asyncio.sleep(_POLL_S)

    async def size(self, *, processors: int, memory_mb: int) -> None:
        """Before the start: how large the machine is. Raises FirecrackerError, as all of these do."""
        await self._order("PUT", "/machine-config", vcpu_count=processors, mem_size_mib=memory_mb)

    async def boot_source(self, kernel: Path, arguments: str, initial: Path | None = None) -> None:
        """Before the start: an uncompressed ELF kernel, its command line, and the initial file system."""
        source = {"kernel_image_path": str(kernel), "boot_args": arguments}
        await self._order("PUT", "/boot-source", **source, **({"initrd_path": str(initial)} if initial else {}))

    async def drive(self, name: str, image: Path) -> None:
        """Before the start: a disk that can only be read. The first one is /dev/vda in the guest."""
        drive = {"drive_id": name, "path_on_host": str(image), "is_root_device": False, "is_read_only": True}
        await self._order("PUT", f"/drives/{name}", **drive)

    async def vsock(self, socket: Path, guest_cid: int) -> None:
        """Before the start: a guest that connects to port N of its host reaches the Unix socket `<socket>_N`."""
        await self._order("PUT", "/vsock", guest_cid=guest_cid, uds_path=str(socket))

    async def start(self) -> None:
        """Power on."""
        await self._order("PUT", "/actions", action_type="InstanceStart")

    async def state(self) -> str:
        """`Not started`, `Running` or `Paused`."""
        return str((await self._order("GET", "/"))["state"])

    async def pause(self) -> None:
        """Stop the processors of a running machine."""
        await self._order("PATCH", "/vm", state="Paused")

    async def resume(self) -> None:
        """Let a paused machine go on."""
        await self._order("PATCH", "/vm", state="Resumed")

    async def save(self, state: Path, memory: Path) -> None:
        """Write a paused machine to two files."""
        await self._order(
            "PUT", "/snapshot/create", snapshot_type="Full", snapshot_path=str(state), mem_file_path=str(memory)
        )

    async def load(self, state: Path, memory: Path) -> None:
        """Have a new process go on as a saved machine. Its memory is a private map of the file."""
        backend = {"backend_type": "File", "backend_path": str(memory)}
        await self._order("PUT", "/snapshot/load", snapshot_path=str(state), mem_backend=backend, resume_vm=True)

    async def _order(self, method: str, path: str, **fields: Any) -> dict[str, Any]:
        what = f"{method} {path}"
        try:
            async with asyncio.timeout(ANSWER_MAX_S):
                status, body = await self._exchange(method, path, json.dumps(fields).encode() if fields else b"")
            said = json.loads(body) if body else {}
        except TimeoutError:
            raise FirecrackerError(f"{what}: Firecracker did not answer within {ANSWER_MAX_S:g} s") from None
        except (OSError, asyncio.IncompleteReadError):
            raise FirecrackerError(f"{what}: Firecracker has ended, or is not there") from None
        except (ValueError, asyncio.LimitOverrunError):
            raise FirecrackerError(f"{what}: what answered is not Firecracker") from None
        if not isinstance(said, dict):
            raise FirecrackerError(f"{what}: what answered is not Firecracker")
        if status >= 300:
            raise FirecrackerError(f"{what}: {said.get('fault_message', f'status {status}')}")
        return said

    async def _exchange(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        """One request on a connection of its own, and the answer's status and body."""
        reader, writer = await asyncio.open_unix_connection(self._socket)
        try:
            lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Accept: application/json"]
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}", "", ""]
            writer.write("\r\n".join(lines).encode() + body)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("iso-8859-1").split("\r\n")
            status = int(head[0].split(" ", 2)[1])
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
            length = int(headers.get("content-length", "0"))
            if not 0 <= length <= _ANSWER_MAX_BYTES:
                raise ValueError(length)
            return status, await reader.readexactly(length)
        except IndexError:
            raise ValueError(head[0]) from None
        finally:
            writer.close()
