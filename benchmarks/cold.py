"""Lambda@Edge cold and warm, at each event, through sockets: `python benchmarks/cold.py --help`.

Each round starts `edge serve` anew, so that its first request finds no execution environment; the requests behind it
find a warm one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

from benchmarks import ratios
from benchmarks.processes import ROOT, NotStarted
from benchmarks.scenarios import Function, Scenario
from benchmarks.systems import Lab, edge_in

EVENTS = ("viewer-request", "origin-request", "origin-response", "viewer-response")
_WARM_REQUESTS = 30


def first_and_warm_ms(lab: Lab, event: str, isolation: str) -> tuple[float, float]:
    """Milliseconds of the first request, and of those behind it in the median; each asks for a path of its own."""
    scenario = Scenario(event, "/", function=Function.LAMBDA, event=event, unique=True)
    system = edge_in(ROOT, "--isolation", isolation)(lab, scenario)
    connection = HTTPConnection("127.0.0.1", system.port, timeout=60)
    took_ms = []
    for number in range(_WARM_REQUESTS + 1):
        began = time.perf_counter()
        connection.request("GET", f"/{event}/{number}")
        answer = connection.getresponse()
        answer.read()
        took_ms.append((time.perf_counter() - began) * 1_000)
        if answer.status != 200:
            raise NotStarted(f"{event}: {answer.status} {dict(answer.headers)}")
    connection.close()
    system.process.end()
    return took_ms[0], median(took_ms[1:])


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python benchmarks/cold.py", description=__doc__.split(":")[0])
    parser.add_argument("--rounds", type=int, default=5, help="default: %(default)s")
    parser.add_argument("--isolation", default="process", help="as of edge serve; default: %(default)s")
    options = parser.parse_args(arguments)
    measured: dict[str, list[tuple[float, float]]] = {event: [] for event in EVENTS}
    with tempfile.TemporaryDirectory(prefix="edge-cold-") as folder:
        lab = Lab(Path(folder))
        try:
            lab.start_origin()
            for number in range(options.rounds):
                for event in EVENTS:
                    measured[event].append(first_and_warm_ms(lab, event, options.isolation))
                    print(f"{number + 1}/{options.rounds} {event}", file=sys.stderr)
        except NotStarted as problem:
            print(problem, file=sys.stderr)
            return 1
        finally:
            lab.close()
    print(f"Node.js, isolation {options.isolation}, {options.rounds} rounds. Median (lowest-highest).\n")
    print("| Lambda@Edge at | cold, ms | warm, ms | cold / warm |\n|---|---|---|---|")
    for event, both in measured.items():
        cold, warm = zip(*both, strict=True)
        print(f"| {event} | {ratios.spread(cold):.0f} | {ratios.spread(warm):.2f} | {ratios.ratio(cold, warm):.0f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
