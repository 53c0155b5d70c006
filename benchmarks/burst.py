"""Everybody asks at once for what is not cached yet: `python benchmarks/burst.py --help`.

An origin that takes its time counts what it is asked. Told are requests to the origin for each burst (1, where they are
collapsed), and how long after the origin's answer the last viewer has his.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import nginx, ratios, rivals
from benchmarks.processes import NotStarted
from benchmarks.scenarios import SCENARIOS, SMALL_BYTES
from benchmarks.systems import Lab, Running, Start, Unavailable, edge

SYSTEMS: dict[str, Start] = {"edge": edge, "nginx": nginx.proxy_cache, "varnish": rivals.varnish}
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nCache-Control: max-age=3600\r\nContent-Length: %d\r\n\r\n"


@dataclass
class SlowOrigin:
    """Answers every path with the same bytes after `delay_s`, and counts who was asked for what."""

    delay_s: float
    asked: Counter[str] = field(default_factory=Counter)
    here: int = 0
    all_left: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.here += 1
        self.all_left.clear()
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.asked[head.split(b" ", 2)[1].decode()] += 1
                await asyncio.sleep(self.delay_s)
                writer.write(_HEAD % SMALL_BYTES + b"x" * SMALL_BYTES)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()
        finally:
            self.here -= 1
            if not self.here:
                self.all_left.set()


@dataclass(frozen=True, slots=True)
class Burst:
    """`origin_requests` for one path, and seconds from the origin's answer until the last viewer had his."""

    origin_requests: int
    last_after_s: float


async def bursts(lab: Lab, starts: dict[str, Start], options: argparse.Namespace) -> dict[str, list[Burst]]:
    """Every system in turn, round after round."""
    origin = SlowOrigin(options.delay_ms / 1_000)
    server = await asyncio.start_server(origin.serve, "127.0.0.1", 0)
    lab.origin_port = server.sockets[0].getsockname()[1]
    found: dict[str, list[Burst]] = {}
    systems: dict[str, Running] = {}
    for name, start in starts.items():
        try:
            systems[name] = await asyncio.to_thread(start, lab, SCENARIOS["hit"])
        except (Unavailable, NotStarted) as reason:
            print(f"without {name}: {reason}", file=sys.stderr)
    for number in range(options.rounds + 1):
        for name, system in systems.items():
            path = f"/{name}/{number}"
            took_s = await burst(system.port, path, options.viewers)
            if number:  # the first round warms up and is not kept
                found.setdefault(name, []).append(Burst(origin.asked[path], took_s - origin.delay_s))
    for system in systems.values():
        await asyncio.to_thread(system.process.end)  # and so what they keep open to the origin
    server.close()
    await origin.all_left.wait()
    return found


async def burst(port: int, path: str, viewers: int) -> float:
    """Seconds from the first request to the last answer."""
    opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(viewers)]
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    try:
        began = time.perf_counter()
        for _, writer in opened:
            writer.write(request)
        await asyncio.gather(*(answer(reader) for reader, _ in opened))
        return time.perf_counter() - began
    finally:
        for _, writer in opened:
            writer.close()
            await writer.wait_closed()


async def answer(reader: asyncio.StreamReader) -> None:
    """One answer, to its end. Raises RuntimeError for one that is not the origin's."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = _LENGTH.search(head)
    if not head.startswith(b"HTTP/1.1 200") or length is None or int(length[1]) != SMALL_BYTES:
        raise RuntimeError(f"not the origin's answer: {head!r}")
    await reader.readexactly(SMALL_BYTES)


def table(found: dict[str, list[Burst]], options: argparse.Namespace) -> str:
    """What was found, as Markdown."""
    lines = [
        f"{options.viewers} viewers, an origin that takes {options.delay_ms} ms, {options.rounds} rounds. "
        "Median (lowest-highest).",
        "",
        "| system | origin requests | last answer, ms after the origin's |",
        "|---|---|---|",
    ]
    for name, each in found.items():
        asked = ratios.spread([one.origin_requests for one in each])
        after = ratios.spread([one.last_after_s * 1_000 for one in each])
        lines.append(f"| {name} | {asked:.0f} | {after:.1f} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python benchmarks/burst.py", description=__doc__.split(":")[0])
    parser.add_argument("--rounds", type=int, default=10, help="default: %(default)s")
    parser.add_argument("--viewers", type=int, default=200, help="who ask at once; default: %(default)s")
    parser.add_argument("--delay-ms", type=int, default=50, help="what the origin takes; default: %(default)s")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="edge-burst-") as folder:
        lab = Lab(Path(folder))
        try:
            print(table(asyncio.run(bursts(lab, SYSTEMS, options)), options))
        except NotStarted as problem:
            print(problem, file=sys.stderr)
            return 1
        finally:
            lab.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
