"""Hours of mixed traffic, and what they do to memory and the tail: `python benchmarks/soak.py --help`.

Window after window asks in turn for one hit with a function, for misses, for objects that live a second. Memory that
grows without end, answers that fail and a tail that grows show here and nowhere else. The cache has a bound, and memory
grows until it is full.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import load
from benchmarks.load import Load, Measured, NoGenerator
from benchmarks.processes import NotStarted, cores
from benchmarks.scenarios import REFRESHED_PATHS, SCENARIOS
from benchmarks.systems import Lab, Running, edge

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Window:
    """What one window did, and the server's resident memory behind it."""

    kind: str
    measured: Measured
    memory_bytes: int

    @property
    def failed(self) -> int:
        """Broken connections and refused requests."""
        return self.measured.broken + self.measured.refused


def soak(lab: Lab, options: argparse.Namespace) -> Iterator[Window]:
    """Windows, until the time is over."""
    system = edge(lab, SCENARIOS["hit with a function"])
    generator = load.default_generator()
    until = time.monotonic() + options.minutes * 60
    number = 0
    while time.monotonic() < until:
        number += 1
        for kind, asked in _kinds(system, options, number).items():
            measured = load.run(asked, generator=generator, core=cores()[1])
            yield Window(kind, measured, system.process.memory_bytes())


def _kinds(system: Running, options: argparse.Namespace, number: int) -> dict[str, Load]:
    url = f"http://127.0.0.1:{system.port}/docs/"
    return {
        "hits": Load(url, options.connections, options.seconds),
        "misses": Load(url, options.connections, options.seconds, unique=f"/window-{number}/page-"),
        "short-lived": Load(
            url, options.connections, options.seconds, unique="/refresh/page.html-", paths=REFRESHED_PATHS
        ),
    }


def verdict(windows: Sequence[Window]) -> str:
    """The second half of the windows against the first: what stays flat has nothing to say."""
    lines = []
    for kind in dict.fromkeys(window.kind for window in windows):
        these = [window for window in windows if window.kind == kind]
        half = max(1, len(these) // 2)
        first, second = these[:half], these[half:] or these
        p99 = _mean([one.measured.p99_us for one in second]) / _mean([one.measured.p99_us for one in first])
        rate = _mean([one.measured.requests_per_s for one in second]) / _mean(
            [one.measured.requests_per_s for one in first]
        )
        failed = sum(one.failed for one in these)
        lines.append(f"| {kind} | {len(these)} | {rate:.2f} | {p99:.2f} | {failed} |")
    grown = (windows[-1].memory_bytes - windows[len(windows) // 2].memory_bytes) / _MIB
    head = ["| windows of | how many | rate, second half / first | p99, second half / first | failed |"]
    head.append("|---|---|---|---|---|")
    first_mb, last_mb = (windows[index].memory_bytes / _MIB for index in (0, -1))
    memory = f"Memory: {first_mb:.0f} MB after the first window, {last_mb:.0f} MB after the last"
    return "\n".join([*head, *lines, "", f"{memory}, {grown:+.0f} MB in the second half."])


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def main(arguments: Sequence[str] | None = None) -> int:
    """Soak and print; 1 when a request failed."""
    parser = argparse.ArgumentParser(prog="python benchmarks/soak.py", description=__doc__.split(":")[0])
    parser.add_argument("--minutes", type=float, default=60, help="default: %(default)s")
    parser.add_argument("--seconds", type=float, default=10, help="of each window; default: %(default)s")
    parser.add_argument("--connections", type=int, default=16, help="default: %(default)s")
    options = parser.parse_args(arguments)
    windows: list[Window] = []
    with tempfile.TemporaryDirectory(prefix="edge-soak-") as folder:
        lab = Lab(Path(folder))
        try:
            lab.start_origin()
            for window in soak(lab, options):
                windows.append(window)
                memory = f"{window.memory_bytes / _MIB:.0f} MB"
                print(f"{window.kind}: {window.measured.requests_per_s:,.0f}/s, {memory}", file=sys.stderr)
        except (NotStarted, NoGenerator) as problem:
            print(problem, file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            print("stopped early", file=sys.stderr)
        finally:
            lab.close()
    if not windows:
        return 1
    print(verdict(windows))
    return int(any(window.failed for window in windows))


if __name__ == "__main__":
    sys.exit(main())
